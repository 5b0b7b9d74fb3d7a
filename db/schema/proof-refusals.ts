import { sql } from 'drizzle-orm'
import { primaryKey, text } from 'drizzle-orm/pg-core'
import { hash, moment } from './columns.ts'
import { zkpow } from './zkpow.ts'

/** Uploads that didn't verify: their provers don't get that task again. Written by the aggregator only. */
export const proofRefusals = zkpow.table(
  'proof_refusals',
  {
    taskId: hash().notNull(),
    prover: text().notNull(),
    sha256: hash().notNull(),
    reason: text().notNull(),
    refusedAt: moment().notNull().default(sql`now()`),
    forgivenAt: moment(), // set when an operator lifts the task's quarantine
  },
  (t) => [primaryKey({ name: 'proof_refusals_pkey', columns: [t.taskId, t.prover, t.sha256] })],
)
