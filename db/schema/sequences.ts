import { sql } from 'drizzle-orm'
import { check, index, primaryKey, text } from 'drizzle-orm/pg-core'
import type { SequencePhase } from '../../protocol/sequence/look.ts'
import type { Outcome, WaitCode } from '../../protocol/sequence/next-step.ts'
import { hash, moment, ordinal, range, zkpow } from './columns.ts'

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
    // The hash belongs to the key: a reorg's other data of the same batches is another row.
    primaryKey({ name: 'sequences_pkey', columns: [t.rollup, t.to, t.accInputHash] }),
    // `zkpow status` lists running ones first by this, and the watcher finds whom to wake.
    index('sequences_running_idx').on(t.rollup, t.to).where(sql`outcome is null`),
    check('sequences_range', sql`1 <= from_batch and from_batch <= to_batch`),
  ],
)

/**
 * Who replays a rollup's state at the moment, for which sequence, and how far it is. It is a row and no lock of
 * Postgres: a lock would hold a connection for the whole replay, and a pooler shares sessions between clients.
 */
export const replays = zkpow.table('replays', {
  rollup: text().primaryKey(),
  holder: text().notNull(),
  ...range(),
  batchNum: ordinal().notNull(), // the last one that is executed
  startedAt: moment().notNull(),
  expiresAt: moment().notNull(),
})
