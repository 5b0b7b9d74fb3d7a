import { sql } from 'drizzle-orm'
import { check, index, text } from 'drizzle-orm/pg-core'
import type { Stage } from '../../protocol/proof/task.ts'
import { blobs } from './blobs.ts'
import { address, hash, moment, ordinal, proverSays, proverWordsAreBounded, range, zkpow } from './columns.ts'

/**
 * Verified proofs, one per identity: the first that verified stays, because its hash may be on chain. Only the
 * aggregator writes here, and it never updates.
 */
export const proofs = zkpow.table(
  'proofs',
  {
    taskId: hash().primaryKey(),
    rollup: text().notNull(),
    stage: text().$type<Stage>().notNull(),
    ...range(),
    accInputHash: hash().notNull(), // after the last batch of the range
    verificationKeyHash: hash().notNull(),
    miner: address(), // null where the proof doesn't name it
    sha256: hash()
      .notNull()
      .references(() => blobs.sha256),
    size: ordinal().notNull(),
    ...proverSays(),
    verifiedAt: moment().notNull().default(sql`now()`),
  },
  (t) => [
    index('proofs_of_data_idx').on(t.rollup, t.accInputHash), // `listProofs` uses it for a sequence's data
    index('proofs_final_idx').on(t.rollup, t.to).where(sql`stage = 'final'`), // `listFinalProofs` uses it
    check('proofs_words', proverWordsAreBounded),
    check('proofs_range', sql`1 <= from_batch and from_batch <= to_batch`),
  ],
)
