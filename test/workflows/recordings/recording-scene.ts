import type { WorkflowHandle } from '@temporalio/client'
import type { BatchRange } from '../../../protocol/base/ranges.ts'
import type { Intent } from '../../../protocol/sender/intent.ts'
import type { Step } from '../../../protocol/sequence/next-step.ts'
import type { TrustedActivities } from '../../../protocol/temporal/activities.ts'
import { AGGREGATOR_TASK_QUEUE, sequenceWorkflowId } from '../../../protocol/temporal/ids.ts'
import { linesQuery } from '../../../protocol/temporal/messages.ts'
import { WORKFLOW_TYPES } from '../../../protocol/temporal/workflow-inputs.ts'
import { DATA, hash, MINER, sequenceRef, setting } from '../fakes.ts'
import type { Harness } from '../harness.ts'
import { untilSuggestedToContinue } from '../histories.ts'

export const WAIT: Step = {
  kind: 'wait',
  code: 'proof-window-opens',
  why: 'T1: proofs open at block 111, 7 blocks',
  untilBlock: 110,
}

/** Makes an intent to send the hash of one batch. */
export const commitIntent = (from: number): Intent => ({
  ...{
    rollup: 'all',
    from,
    to: from,
    accInputHash: DATA,
    step: 'commit',
    contract: MINER,
    firstBlock: 1,
    lastBlock: null,
  },
  finalProof: { sha256: DATA, size: 16_384, proofHash: hash(2) },
})

/** Starts a sequence of a rollup whose name is its kind's too. */
export function startSequence(
  harness: Harness,
  rollup: string,
  range: BatchRange,
  fakes: Partial<TrustedActivities>,
): Promise<WorkflowHandle> {
  const sequence = sequenceRef(rollup, range)
  harness.serve(rollup, fakes)
  return start(harness, WORKFLOW_TYPES.sequence, sequenceWorkflowId(sequence), { sequence, setting: setting(rollup) })
}

export const start = (harness: Harness, type: string, workflowId: string, input: object): Promise<WorkflowHandle> =>
  harness.client.workflow.start(type, { workflowId, taskQueue: AGGREGATOR_TASK_QUEUE, args: [input] })

export async function untilLines(handle: WorkflowHandle, text: string): Promise<void> {
  while (!(await handle.query(linesQuery)).join().includes(text));
}

/** Makes the history long and waits for the next run. */
export async function firstRunOf({ client }: Harness, handle: WorkflowHandle): Promise<WorkflowHandle> {
  const { runId } = await handle.describe()
  await untilSuggestedToContinue(handle)
  while ((await handle.describe()).runId === runId);
  return client.workflow.getHandle(handle.workflowId, runId)
}
