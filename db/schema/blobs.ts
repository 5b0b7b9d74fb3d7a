import { sql } from 'drizzle-orm'
import { check } from 'drizzle-orm/pg-core'
import { bytes, hash, moment, ordinal, zkpow } from './columns.ts'

/**
 * The content-addressed store: inputs, snapshots and accepted proofs. Only the aggregator writes here, and updates only
 * to mend a damaged copy; provers read. Postgres itself checks the address.
 */
export const blobs = zkpow.table(
  'blobs',
  {
    sha256: hash().primaryKey(),
    size: ordinal().notNull(),
    bytes: bytes().notNull(),
    createdAt: moment().notNull().default(sql`now()`),
  },
  () => [
    check('blobs_address_is_hash', sql`sha256 = '0x' || encode(sha256(bytes), 'hex')`),
    check('blobs_size_is_length', sql`size = octet_length(bytes)`),
  ],
)
