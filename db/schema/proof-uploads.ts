import { sql } from 'drizzle-orm'
import { check, primaryKey, text } from 'drizzle-orm/pg-core'
import { blobs } from './blobs.ts'
import { hash, moment, proverSays, proverWordsAreBounded } from './columns.ts'
import { zkpow } from './zkpow.ts'

/**
 * A prover's claim that these bytes prove this task: inserted by provers together with the bytes, never updated, believed by nobody.
 * So a prover that dies between upload and report loses nothing.
 */
export const proofUploads = zkpow.table(
  'proof_uploads',
  {
    taskId: hash().notNull(),
    sha256: hash()
      .notNull()
      .references(() => blobs.sha256),
    ...proverSays(),
    login: text().notNull().default(sql`session_user`), // who it is for Postgres; provers can't write this column
    uploadedAt: moment().notNull().default(sql`now()`),
  },
  (t) => [
    primaryKey({ name: 'proof_uploads_pkey', columns: [t.taskId, t.sha256] }),
    check('proof_uploads_bounded', sql`length(task_id) <= 66`),
    check('proof_uploads_words', proverWordsAreBounded),
  ],
)
