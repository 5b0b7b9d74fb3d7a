import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import { plainText } from '../../protocol/base/plain-text.ts'
import type { Hex, SequenceKey } from '../../protocol/base/ranges.ts'
import { proverName } from '../../protocol/proof/prover-words.ts'
import type { ProofTask, ProverFailure } from '../../protocol/proof/task.ts'
import type { Db } from '../connection/connect.ts'
import { query } from '../connection/translate-errors.ts'
import { proofRefusals } from '../schema/proof-uploads.ts'
import { taskQuarantines } from '../schema/task-quarantines.ts'

/** An upload that didn't verify. */
export interface Refusal {
  taskId: Hex
  prover: string
  sha256: Hex
  reason: string
  /**
   * Whether the worker that calls itself so handed it in as its own result. Else anybody with a login may have put it
   * under that name.
   */
  isReported: boolean
}

/** A task that waits for an operator. */
export interface TaskQuarantine extends SequenceKey, Pick<ProofTask, 'stage'> {
  taskId: Hex
  reason: string
  /** How provers failed it, the last to do so last. */
  failures: ProverFailure[]
  /** ISO text. */
  quarantinedAt: string
}

/**
 * Notes that an upload was refused; a prover that reported it doesn't get the task again. Doing so again is harmless.
 */
export const recordRefusal = query('recording a refusal', async (db: Db, refusal: Refusal): Promise<void> => {
  await db
    .insert(proofRefusals)
    .values({ ...refusal, prover: proverName(refusal.prover), reason: plainText(refusal.reason) })
    .onConflictDoUpdate({
      target: [proofRefusals.taskId, proofRefusals.prover, proofRefusals.sha256],
      set: { isReported: true, forgivenAt: null },
      setWhere: sql`excluded.is_reported`, // that it was found, too, says nothing new
    })
})

/** Selects the quarantine of a task that nobody has lifted. */
export const isCurrentQuarantine = (taskId: Hex) =>
  and(eq(taskQuarantines.taskId, taskId), isNull(taskQuarantines.liftedAt))

/** Puts a task aside. The first reason stands until it is lifted. */
export const quarantineTask = query(
  'quarantining a task',
  async (
    db: Db,
    { task, reason, failures }: { task: ProofTask; reason: string; failures: ProverFailure[] },
  ): Promise<void> => {
    const { id: taskId, rollup, stage, from, to } = task
    const evidence = failures.map((one) => ({ ...one, prover: proverName(one.prover), why: plainText(one.why) }))
    await db
      .insert(taskQuarantines)
      .values({ taskId, rollup, stage, from, to, reason: plainText(reason), failures: evidence })
      .onConflictDoNothing()
  },
)

/**
 * Gives the task to provers again, also to those that failed it: else it would be quarantined again at once. What it
 * was about stays as history.
 * @returns whether it was quarantined.
 */
export const liftTaskQuarantine = query(
  'lifting a quarantine',
  (db: Db, { taskId, who }: { taskId: Hex; who: string }): Promise<boolean> =>
    db.transaction(async (tx) => {
      const lifted = await tx
        .update(taskQuarantines)
        .set({ liftedAt: sql`now()`, liftedBy: who })
        .where(isCurrentQuarantine(taskId))
        .returning({ taskId: taskQuarantines.taskId })
      await tx
        .update(proofRefusals)
        .set({ forgivenAt: sql`now()` })
        .where(and(eq(proofRefusals.taskId, taskId), isNull(proofRefusals.forgivenAt)))
      return lifted.length > 0
    }),
)

/** Lists tasks that wait for an operator, of one rollup or of all. */
export const listTaskQuarantines = query(
  'listing quarantines',
  (db: Db, { rollup }: { rollup?: string } = {}): Promise<TaskQuarantine[]> =>
    db
      .select()
      .from(taskQuarantines)
      .where(
        and(isNull(taskQuarantines.liftedAt), rollup === undefined ? undefined : eq(taskQuarantines.rollup, rollup)),
      )
      .orderBy(asc(taskQuarantines.rollup), asc(taskQuarantines.from)),
)
