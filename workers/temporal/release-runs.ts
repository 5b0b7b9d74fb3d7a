import type { Client } from '@temporalio/client'
import { AGGREGATOR_TASK_QUEUE } from '../../protocol/temporal/ids.ts'

/** Calls at a time. */
const AT_A_TIME = 32

/** How long it may take, ms: a start must not wait for a server that is slow. */
const MOST_MS = 3_000

/**
 * Lets go of what a process had in its cache that died: Temporal offers the next task of such a workflow to that
 * process alone, and for ten seconds nobody else gets it. Where another aggregator lives, it reads a history again. It
 * need not succeed: what isn't released is late and no more. It never rejects.
 */
export async function releaseRuns(temporal: Client): Promise<void> {
  try {
    await temporal.withDeadline(Date.now() + MOST_MS, () => releaseAll(temporal))
  } catch {
    // Whoever needs the server says what is wrong with it.
  }
}

async function releaseAll({ workflow, workflowService, options: { namespace } }: Client): Promise<void> {
  const query = `ExecutionStatus = 'Running' AND TaskQueue = '${AGGREGATOR_TASK_QUEUE}'`
  let calls: Promise<unknown>[] = []
  for await (const { workflowId, runId } of workflow.list({ query })) {
    const call = workflowService.resetStickyTaskQueue({ namespace, execution: { workflowId, runId } })
    calls.push(call.catch(ignoreEnded))
    if (calls.length < AT_A_TIME) continue
    await Promise.all(calls)
    calls = []
  }
  await Promise.all(calls)
}

/** Ignores the end of a run, which ran a moment ago. */
const ignoreEnded = () => {}
