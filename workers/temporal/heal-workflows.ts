import type { Client } from '@temporalio/client'
import { WorkflowNotFoundError } from '@temporalio/common'
import type { WorkerOptions } from '@temporalio/worker'
import { parseSequenceWorkflowId, rollupWorkflowId } from '../../protocol/temporal/ids.ts'
import { wakeSignal } from '../../protocol/temporal/messages.ts'
import { WORKFLOW_TYPES } from '../../protocol/temporal/workflow-inputs.ts'
import { type LostRun, listLost, listRunning, listStuck } from './lost-workflows.ts'

/**
 * A run whose history its code can't replay fails at once: both stay as they are, so that no restart would cure it.
 * What else is thrown in a workflow is tried again by the server, and ended by {@link endStuck} when that doesn't help.
 */
export const FAILING_ERRORS = { '*': ['NondeterminismError'] } satisfies WorkerOptions['workflowFailureErrorTypes']

/**
 * A workflow's task has failed so often in a row when it is ended, which is seconds after the server has noted it as a
 * problem.
 */
const MAX_TASK_ATTEMPTS = 6

/**
 * A workflow that is ended as often as it is started gets no help more often than this, ms: its provers must come to
 * something in between.
 */
const ENDED_ONCE_IN_MS = 10 * 60_000

/** So long before a look ended what it may not have been shown yet, ms: lists are behind. */
const LIST_DELAY_MS = 60_000

/** Looks for workflows that can't go on, and for those that have failed. */
export interface Healer {
  /**
   * @returns what has failed, or was ended, since the last look; the rollups of sequences among them have been told.
   */
  look(): Promise<LostRun[]>
}

/** @param endedOnceInMs see {@link ENDED_ONCE_IN_MS}. */
export function createHealer(temporal: Client, { endedOnceInMs = ENDED_ONCE_IN_MS } = {}): Healer {
  const endedAt = new Map<string, number>()
  const told = new Set<string>()
  let since = Date.now()
  return {
    async look() {
      await endStuck(temporal, (id) => {
        const mayEnd = Date.now() - (endedAt.get(id) ?? Number.NEGATIVE_INFINITY) >= endedOnceInMs
        if (mayEnd) endedAt.set(id, Date.now())
        return mayEnd
      })
      const from = since - LIST_DELAY_MS
      since = Date.now()
      const lost = (await listLost(temporal, from)).filter(({ runId }) => !told.has(runId))
      for (const { runId } of lost) told.add(runId)
      await wakeOthers(temporal, lost)
      return lost
    },
  }
}

/**
 * Ends workflows whose code throws. It would do so for ever, or until another version is deployed; a new run reads
 * everything anew, and mostly gets past it.
 */
async function endStuck(temporal: Client, mayEnd: (workflowId: string) => boolean): Promise<void> {
  for (const { workflowId, runId } of await listStuck(temporal)) {
    const handle = temporal.workflow.getHandle(workflowId, runId)
    const { raw } = await handle.describe() // the list is behind
    const attempts = raw.pendingWorkflowTask?.attempt ?? 0
    if (attempts < MAX_TASK_ATTEMPTS || !mayEnd(workflowId)) continue
    await handle.terminate(`its task failed ${attempts} times in a row`).catch(ignoreMissing)
  }
}

/**
 * Wakes those who make up for what was lost, at once and not within a minute. A rollup sees what a lost sequence was to
 * do, and sequences hand over again what a lost sender had.
 */
async function wakeOthers(temporal: Client, lost: readonly LostRun[]): Promise<void> {
  const rollups = lost
    .flatMap(({ workflowId }) => parseSequenceWorkflowId(workflowId)?.rollup ?? [])
    .map(rollupWorkflowId)
  const hasLostSender = lost.some(({ workflowId }) => workflowId.startsWith('sender/'))
  const sequences = hasLostSender
    ? (await listRunning(temporal)).filter(({ type }) => type === WORKFLOW_TYPES.sequence)
    : []
  for (const workflowId of new Set([...rollups, ...sequences.map((one) => one.workflowId)])) {
    await temporal.workflow
      .getHandle(workflowId)
      .signal(wakeSignal, { why: 'a workflow was lost' })
      .catch(ignoreMissing)
  }
}

/** Ignores that it has ended in this moment, or isn't there. */
function ignoreMissing(error: unknown): void {
  if (!(error instanceof WorkflowNotFoundError)) throw error
}
