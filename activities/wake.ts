import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import type { Db } from '../db/connect.ts'
import { listSequences, type SequenceRow } from '../db/sequences.ts'
import { wakeSignal } from '../protocol/messages.ts'

/** Sequences that one event may wake per rollup; the others' timers wake them. */
const MAX_WOKEN = 500

/** The sequences of a rollup that an event may concern. */
export const listRunning = async (db: Db, rollup: string): Promise<SequenceRow[]> =>
  (await listSequences(db, { rollup, limit: MAX_WOKEN })).filter((row) => row.outcome === null)

/** Has workflows look again. One that doesn't run needs no waking: a lost signal costs time, never correctness. */
export async function wake(temporal: Client, workflowIds: readonly string[], why: string): Promise<void> {
  await Promise.all(workflowIds.map((id) => wakeOne(temporal, id, why)))
}

async function wakeOne(temporal: Client, workflowId: string, why: string): Promise<void> {
  try {
    await temporal.workflow.getHandle(workflowId).signal(wakeSignal, { why })
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error
  }
}
