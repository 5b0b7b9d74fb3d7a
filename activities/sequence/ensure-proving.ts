import { formatRange } from '../../protocol/base/ranges.ts'
import type { SubmissionActivities } from '../../protocol/temporal/activities.ts'
import { batchAttributes } from '../../protocol/temporal/attributes.ts'
import { AGGREGATOR_TASK_QUEUE, proveRangeWorkflowId } from '../../protocol/temporal/ids.ts'
import { WORKFLOW_TYPES } from '../../protocol/temporal/workflow-inputs.ts'
import type { SubmissionDeps } from '../context.ts'

/** Starts the proving of a sequence's data. A workflow that runs already is left as it is: its id names the data. */
export const createEnsureProving =
  ({ temporal }: Pick<SubmissionDeps, 'temporal'>): SubmissionActivities['ensureProving'] =>
  async (input) => {
    const { sequence, setting } = input
    await temporal.workflow.start(WORKFLOW_TYPES.proveSequence, {
      workflowId: proveRangeWorkflowId(sequence, sequence.accInputHash),
      taskQueue: AGGREGATOR_TASK_QUEUE,
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: `${sequence.rollup}: proofs of batches ${formatRange(sequence)}`,
      typedSearchAttributes: batchAttributes(sequence, setting),
    })
  }
