import { text, unique } from 'drizzle-orm/pg-core'
import { address, ordinal } from './columns.ts'
import { zkpow } from './zkpow.ts'

/** Which contract a rollup's name stands for, pinned at the first start: other tables know rollups by name only. */
export const deployments = zkpow.table(
  'deployments',
  {
    rollup: text().primaryKey(),
    chainId: ordinal().notNull(),
    contract: address().notNull(),
  },
  (t) => [unique('deployments_contract_key').on(t.chainId, t.contract)],
)
