import type { Client } from '@temporalio/client'
import { Worker, type WorkflowBundleOption } from '@temporalio/worker'

/** A run whose history the code can't replay. */
export interface Unreplayable {
  workflowId: string
  runId: string
  why: string
}

/** The SDK can't have replays at a time in one process: "failed to downcast any to JsBox". */
let before: Promise<unknown> = Promise.resolve()

/**
 * Replays the histories of all runs, open and closed, with the code of the bundle. @returns how many there are, and
 * which can't be replayed.
 */
export function replayHistories(
  client: Client,
  workflowBundle: WorkflowBundleOption,
): Promise<{ replayed: number; bad: Unreplayable[] }> {
  const result = before.then(() => replayAll(client, workflowBundle))
  before = result.catch(() => {})
  return result
}

async function replayAll(
  client: Client,
  workflowBundle: WorkflowBundleOption,
): Promise<{ replayed: number; bad: Unreplayable[] }> {
  const bad: Unreplayable[] = []
  let replayed = 0
  for await (const { workflowId, runId, error } of Worker.runReplayHistories(
    { workflowBundle },
    client.workflow.list().intoHistories(),
  )) {
    replayed += 1
    if (error !== undefined) bad.push({ workflowId, runId, why: error.message.slice(0, 500) })
  }
  return { replayed, bad }
}
