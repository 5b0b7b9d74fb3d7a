import { and, asc, desc, eq, isNull, sql } from 'drizzle-orm'
import { plainText } from '../../protocol/base/plain-text.ts'
import type { SequenceKey, SequenceRef } from '../../protocol/base/ranges.ts'
import type { SequencePhase } from '../../protocol/sequence/look.ts'
import type { Outcome, WaitCode } from '../../protocol/sequence/next-step.ts'
import type { Db } from '../connection/connect.ts'
import { query } from '../connection/translate-errors.ts'
import { sequences } from '../schema/sequences.ts'

/** What a list shows of a sequence. */
export interface SequenceRow extends SequenceRef {
  /** Block of the sequencing transaction; null while unknown. */
  sequencedAtBlock: number | null
  phase: SequencePhase
  /** What it waits for, one sentence. */
  text: string
  /** What it waits for, as a code for programs; null while that has none. */
  code: WaitCode | null
  /** Null while it runs. */
  outcome: Outcome | null
  /** ISO text. */
  updatedAt: string
}

/** How far a sequence has come. What is left out stays as it is. */
export interface SequenceNews {
  sequence: SequenceRef
  phase: SequencePhase
  text: string
  /** @default null */
  code?: WaitCode | null
  sequencedAtBlock?: number | null
  outcome?: Outcome | null
}

/** Writes the row that lists show. */
export const recordSequence = query('recording a sequence', async (db: Db, p: SequenceNews): Promise<void> => {
  const { rollup, from, to, accInputHash } = p.sequence
  const progress = {
    phase: p.phase,
    text: plainText(p.text),
    code: p.code ?? null,
    sequencedAtBlock: p.sequencedAtBlock,
    outcome: p.outcome,
  }
  await db
    .insert(sequences)
    .values({ rollup, from, to, accInputHash, ...progress })
    .onConflictDoUpdate({
      target: [sequences.rollup, sequences.to, sequences.accInputHash],
      set: { ...progress, updatedAt: sql`now()` }, // Drizzle leaves out what is undefined
    })
})

/** Lists the sequences of one rollup or of all: running ones first, then the newest. */
export const listSequences = query(
  'listing sequences',
  (db: Db, { rollup, limit = 100 }: { rollup?: string; limit?: number } = {}): Promise<SequenceRow[]> =>
    db
      .select()
      .from(sequences)
      .where(rollup === undefined ? undefined : eq(sequences.rollup, rollup))
      .orderBy(sql`${sequences.outcome} is not null`, desc(sequences.to), desc(sequences.updatedAt))
      .limit(limit),
)

/** Lists the running sequences of a rollup, those first to which windows may be open, then the lowest. */
export const listRunningSequences = query(
  'listing running sequences',
  (db: Db, rollup: string): Promise<SequenceRow[]> =>
    db
      .select()
      .from(sequences)
      .where(and(eq(sequences.rollup, rollup), isNull(sequences.outcome)))
      .orderBy(sql`${sequences.phase} <> 'submit'`, asc(sequences.to), desc(sequences.updatedAt)),
)

/** Finds the rows of one sequence, newest first: several when a reorg changed its data. */
export const findSequences = query(
  'finding a sequence',
  (db: Db, { rollup, from, to }: SequenceKey): Promise<SequenceRow[]> =>
    db
      .select()
      .from(sequences)
      .where(and(eq(sequences.rollup, rollup), eq(sequences.from, from), eq(sequences.to, to)))
      .orderBy(desc(sequences.updatedAt)),
)
