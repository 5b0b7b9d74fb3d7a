import { sql } from 'drizzle-orm'
import { boolean, check, index, primaryKey, text } from 'drizzle-orm/pg-core'
import { bytes, hash, moment, ordinal, proverSays, proverWordsAreBounded, zkpow } from './columns.ts'

/**
 * A prover's proof and its claim that this proves the task. Provers insert it, and nobody believes it. So a prover that
 * dies between upload and report loses nothing. The bytes are not in `blobs`, and the key has the login: an insert
 * waits for others of the same key that are not committed, and provers must keep neither the aggregator nor each other
 * waiting.
 */
export const proofUploads = zkpow.table(
  'proof_uploads',
  {
    taskId: hash().notNull(),
    sha256: hash().notNull(),
    size: ordinal().notNull(),
    bytes: bytes(), // null when the task is proved: what was accepted is a blob then
    ...proverSays(),
    login: text().notNull().default(sql`session_user`), // who it is for Postgres; provers can't write this column
    uploadedAt: moment().notNull().default(sql`now()`),
  },
  (t) => [
    primaryKey({ name: 'proof_uploads_pkey', columns: [t.taskId, t.sha256, t.login] }),
    index('proof_uploads_open_idx').on(t.login).where(sql`bytes is not null`), // a login's limit is reckoned by it
    check('proof_uploads_bounded', sql`length(task_id) <= 66`),
    check('proof_uploads_address_is_hash', sql`sha256 = '0x' || encode(sha256(bytes), 'hex')`),
    check('proof_uploads_size_is_length', sql`size = octet_length(bytes)`),
    check('proof_uploads_words', proverWordsAreBounded),
  ],
)

/**
 * Uploads that didn't verify: provers that reported them don't get that task again. Only the aggregator writes here.
 */
export const proofRefusals = zkpow.table(
  'proof_refusals',
  {
    taskId: hash().notNull(),
    prover: text().notNull(),
    sha256: hash().notNull(),
    reason: text().notNull(),
    // The prover's worker reported it; else it was found, and the prover's name may be false.
    isReported: boolean().notNull().default(false),
    refusedAt: moment().notNull().default(sql`now()`),
    forgivenAt: moment(), // set when an operator lifts the task's quarantine
  },
  (t) => [primaryKey({ name: 'proof_refusals_pkey', columns: [t.taskId, t.prover, t.sha256] })],
)
