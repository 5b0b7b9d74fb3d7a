import { sql } from 'drizzle-orm'
import { check, index, primaryKey, text } from 'drizzle-orm/pg-core'
import type { Outcome, WaitCode } from '../../protocol/sequence/next-step.ts'
import type { SequencePhase } from '../../protocol/temporal/activities.ts'
import { hash, moment, ordinal, range } from './columns.ts'
import { zkpow } from './zkpow.ts'

/** What operators are shown of a sequence, beside its workflow's memo. Nothing is decided by these rows. */
export const sequences = zkpow.table(
  'sequences',
  {
    rollup: text().notNull(),
    ...range(),
    accInputHash: hash().notNull(),
    sequencedAtBlock: ordinal(), // null while unknown
    phase: text().$type<SequencePhase>().notNull(),
    text: text().notNull(), // what it waits for, one sentence
    code: text().$type<WaitCode>(), // the same for programs; null while it waits for none of these
    outcome: text().$type<Outcome>(), // null while it runs
    updatedAt: moment().notNull().default(sql`now()`),
  },
  (t) => [
    // With the hash: a reorg's other data of the same batches is another row.
    primaryKey({ name: 'sequences_pkey', columns: [t.rollup, t.to, t.accInputHash] }),
    index('sequences_running_idx').on(t.rollup, t.to).where(sql`outcome is null`), // `zkpow status`: running ones first; the watcher: whom to wake
    check('sequences_range', sql`1 <= from_batch and from_batch <= to_batch`),
  ],
)
