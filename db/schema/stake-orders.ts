import { sql } from 'drizzle-orm'
import { check, text } from 'drizzle-orm/pg-core'
import { moment, wei } from './columns.ts'
import { zkpow } from './zkpow.ts'

/** How much stake a rollup's miner is to have, as an operator last ordered it. A sender that is asked for another amount takes this one. */
export const stakeOrders = zkpow.table(
  'stake_orders',
  {
    rollup: text().primaryKey(),
    toWei: wei().notNull(),
    who: text().notNull(),
    orderedAt: moment().notNull().default(sql`now()`),
  },
  () => [check('stake_orders_amount', sql`to_wei >= 0`)],
)
