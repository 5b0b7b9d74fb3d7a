import type { Client } from '@temporalio/client'
import { formatRange } from '../../protocol/base/ranges.ts'
import type { SequenceSetting, StartedSequence } from '../../protocol/rollup/survey.ts'
import type { WatchActivities } from '../../protocol/temporal/activities.ts'
import { batchAttributes, searchAttributes } from '../../protocol/temporal/attributes.ts'
import { AGGREGATOR_TASK_QUEUE, sequenceWorkflowId } from '../../protocol/temporal/ids.ts'
import { type SequenceInput, WORKFLOW_TYPES } from '../../protocol/temporal/workflow-inputs.ts'
import type { SubmissionDeps } from '../context.ts'

/** Starts on their way at a time, as what else the aggregator asks of Temporal must not wait behind them. */
const MAX_IN_FLIGHT = 16

/** Until a start is given up, ms. */
const START_MS = 10_000

/**
 * Starts workflows that are nobody's children: a parent bears 2,000 of them, and each that runs already would be a
 * failure in its history. Their ids are the de-duplication, so a second run of this is harmless.
 */
export const createStartSequences =
  ({ temporal }: Pick<SubmissionDeps, 'temporal'>): WatchActivities['startSequences'] =>
  async ({ sequences, setting }) => {
    const failures: unknown[] = []
    const left = [...sequences]
    async function startRest(): Promise<void> {
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        await startSequence(temporal, next, setting).catch((error: unknown) => failures.push(error))
      }
    }
    await Promise.all(Array.from({ length: MAX_IN_FLIGHT }, startRest))
    if (failures.length > 0) throw failures[0] // by now all others are started
  }

async function startSequence(
  temporal: Client,
  { isUrgent, ...sequence }: StartedSequence,
  setting: SequenceSetting,
): Promise<void> {
  const input: SequenceInput = { sequence, setting, isUrgent }
  await temporal.withDeadline(Date.now() + START_MS, () =>
    temporal.workflow.start(WORKFLOW_TYPES.sequence, {
      workflowId: sequenceWorkflowId(sequence),
      taskQueue: AGGREGATOR_TASK_QUEUE,
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: `${sequence.rollup}: batches ${formatRange(sequence)}`,
      typedSearchAttributes: batchAttributes(sequence, setting),
    }),
  )
}

/**
 * Lists the ids of the workflows of a rollup's sequences that run. The server's list is seconds behind: one that is
 * missing is started again, which changes nothing.
 */
export async function listRunning(temporal: Client, rollup: string): Promise<Set<string>> {
  const query = `${searchAttributes.rollup.name} = '${rollup}' AND WorkflowType = '${WORKFLOW_TYPES.sequence}' AND ExecutionStatus = 'Running'`
  const running = new Set<string>()
  for await (const { workflowId } of temporal.workflow.list({ query, pageSize: 1_000 })) running.add(workflowId)
  return running
}
