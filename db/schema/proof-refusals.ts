import { sql } from 'drizzle-orm'
import { boolean, primaryKey, text } from 'drizzle-orm/pg-core'
import { hash, moment } from './columns.ts'
import { zkpow } from './zkpow.ts'

/** Uploads that didn't verify: provers that reported them don't get that task again. Written by the aggregator only. */
export const proofRefusals = zkpow.table(
  'proof_refusals',
  {
    taskId: hash().notNull(),
    prover: text().notNull(),
    sha256: hash().notNull(),
    reason: text().notNull(),
    isReported: boolean().notNull().default(false), // by the prover's worker; else it was found, and the prover's name may be false
    refusedAt: moment().notNull().default(sql`now()`),
    forgivenAt: moment(), // set when an operator lifts the task's quarantine
  },
  (t) => [primaryKey({ name: 'proof_refusals_pkey', columns: [t.taskId, t.prover, t.sha256] })],
)
