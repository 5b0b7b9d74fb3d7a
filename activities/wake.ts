import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import type { SignalDefinition } from '@temporalio/common'
import type { Db } from '../db/connect.ts'
import { listRunningSequences, type SequenceRow } from '../db/sequences.ts'
import { type holdsChangedSignal, wakeSignal } from '../protocol/messages.ts'

type WakingSignal = typeof wakeSignal | typeof holdsChangedSignal

/** Sequences that one event may wake per rollup; the others' timers wake them. */
const MAX_WOKEN = 500

/** The running sequences of a rollup that an event concerns, the most urgent first and not more than may be woken. */
export const listConcerned = async (db: Db, rollup: string, isConcerned: (row: SequenceRow) => boolean): Promise<SequenceRow[]> =>
  (await listRunningSequences(db, rollup)).filter(isConcerned).slice(0, MAX_WOKEN)

/** Has workflows look again. One that doesn't run needs no waking: a lost signal costs time, never correctness. */
export async function wake(
  temporal: Client,
  workflowIds: readonly string[],
  why: string,
  signal: WakingSignal = wakeSignal,
): Promise<void> {
  await Promise.all(workflowIds.map((id) => tell(temporal, id, signal, { why })))
}

/** Tells a workflow something that it can do without if it doesn't run. */
export async function tell<T>(temporal: Client, workflowId: string, signal: SignalDefinition<[T]>, what: T): Promise<void> {
  try {
    await temporal.workflow.getHandle(workflowId).signal(signal, what)
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error
  }
}
