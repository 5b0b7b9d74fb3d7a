import { text, unique } from 'drizzle-orm/pg-core'
import { address, ordinal, zkpow } from './columns.ts'

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

/** Batches up to which all is finished and final, so that a survey needn't look further back. It may be lost. */
export const rollupFloors = zkpow.table('rollup_floors', {
  rollup: text().primaryKey(),
  floorBatch: ordinal().notNull(),
})
