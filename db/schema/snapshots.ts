import { primaryKey, text } from 'drizzle-orm/pg-core'
import { blobs } from './blobs.ts'
import { hash, ordinal } from './columns.ts'
import { zkpow } from './zkpow.ts'

/** A rollup's state after a batch, to replay from. Keyed by accumulated input hash, so a reorg can't poison it. */
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
  (t) => [primaryKey({ name: 'snapshots_pkey', columns: [t.rollup, t.accInputHash] })],
)
