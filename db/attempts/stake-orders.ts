import { eq, sql } from 'drizzle-orm'
import { plainText } from '../../protocol/base/plain-text.ts'
import type { Db } from '../connection/connect.ts'
import { query } from '../connection/translate-errors.ts'
import { stakeOrders } from '../schema/attempts.ts'

/** What an operator orders. */
interface StakeOrdered {
  /** Stake that is wanted, locked part included, wei as a decimal string. */
  toWei: string
  who: string
}

/** Notes how much stake an operator wants in a rollup's contract; the newest order stands. */
export const orderStake = query(
  'ordering a stake',
  async (db: Db, { rollup, toWei, who }: StakeOrdered & { rollup: string }): Promise<void> => {
    const order = { toWei: BigInt(toWei), who: plainText(who) }
    await db
      .insert(stakeOrders)
      .values({ rollup, ...order })
      .onConflictDoUpdate({ target: stakeOrders.rollup, set: { ...order, orderedAt: sql`now()` } })
  },
)

/** Finds what an operator last ordered of a rollup; null when nobody has. */
export const findStakeOrder = query(
  'finding a stake order',
  async (db: Db, rollup: string): Promise<StakeOrdered | null> => {
    const [order] = await db.select().from(stakeOrders).where(eq(stakeOrders.rollup, rollup))
    return order === undefined ? null : { toWei: `${order.toWei}`, who: order.who }
  },
)

/** Forgets the order. */
export const forgetStakeOrder = query('forgetting a stake order', async (db: Db, rollup: string): Promise<void> => {
  await db.delete(stakeOrders).where(eq(stakeOrders.rollup, rollup))
})
