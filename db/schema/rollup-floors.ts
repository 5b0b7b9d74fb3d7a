import { text } from 'drizzle-orm/pg-core'
import { ordinal } from './columns.ts'
import { zkpow } from './zkpow.ts'

/** Batches up to which all is finished and final, so that a survey needn't look further back. May be lost. */
export const rollupFloors = zkpow.table('rollup_floors', {
  rollup: text().primaryKey(),
  floorBatch: ordinal().notNull(),
})
