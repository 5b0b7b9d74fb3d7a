import { sql } from 'drizzle-orm'
import { check, index, primaryKey, text } from 'drizzle-orm/pg-core'
import { blobs } from './blobs.ts'
import { hash, ordinal, zkpow } from './columns.ts'

/**
 * One row per executed batch, written when its sequence is prepared. The key is the accumulated input hash after the
 * batch, which names all data from the genesis on: after a reorg, batches of the same numbers stand side by side and
 * can't be mistaken for each other.
 */
export const batches = zkpow.table(
  'batches',
  {
    rollup: text().notNull(),
    accInputHash: hash().notNull(),
    batchNum: ordinal().notNull(),
    oldAccInputHash: hash().notNull(),
    oldStateRoot: hash().notNull(),
    newStateRoot: hash().notNull(),
    chainId: text().notNull(), // the rollup's own id, 64 bit, decimal
    forkId: text().notNull(),
    inputSha256: hash()
      .notNull()
      .references(() => blobs.sha256),
    inputSize: ordinal().notNull(),
  },
  (t) => [
    primaryKey({ name: 'batches_pkey', columns: [t.rollup, t.accInputHash] }),
    check('batches_after_genesis', sql`batch_num >= 1`),
  ],
)

/**
 * A rollup's state after a batch, to replay from. It is keyed by accumulated input hash, so a reorg can't poison it.
 */
export const snapshots = zkpow.table(
  'snapshots',
  {
    rollup: text().notNull(),
    accInputHash: hash().notNull(),
    batchNum: ordinal().notNull(),
    stateRoot: hash().notNull(),
    sha256: hash()
      .notNull()
      .references(() => blobs.sha256),
    size: ordinal().notNull(),
  },
  (t) => [
    primaryKey({ name: 'snapshots_pkey', columns: [t.rollup, t.accInputHash] }),
    index('snapshots_newest_idx').on(t.rollup, t.batchNum), // `listSnapshots` uses it
  ],
)
