import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common'
import * as wf from '@temporalio/workflow'
import { formatRange, type SequenceRef } from '../../protocol/base/ranges.ts'
import type { SequenceSetting, StartedSequence, SurveyedSequence } from '../../protocol/rollup/survey.ts'
import type { WatchActivities } from '../../protocol/temporal/activities.ts'
import { batchAttributes, PRIORITY } from '../../protocol/temporal/attributes.ts'
import { sequenceWorkflowId } from '../../protocol/temporal/ids.ts'
import { sequence } from '../sequence/sequence.ts'
import { trustedActivities } from '../waiting.ts'

/** What looks at a rollup, and starts its sequences. */
export const chain = trustedActivities<WatchActivities>({
  startToCloseTimeout: '5 minutes', // the first survey of a long backlog walks back over every sequence
  retry: { maximumAttempts: 3 }, // then the loop shows the failure and surveys again
  priority: { priorityKey: PRIORITY.survey },
})

/** Starts sequences. Starting one that runs already is success, because its id is the de-duplication. */
export async function start(sequences: readonly SurveyedSequence[], setting: SequenceSetting): Promise<void> {
  const [first, ...others] = sequences.map(toStarted)
  if (first === undefined) return
  if (!wf.patched('start-by-client')) return startChildren(sequences, setting)
  const summary = others.length === 0 ? `start batches ${formatRange(first)}` : `start ${others.length + 1} sequences`
  await chain.startSequences.executeWithOptions({ summary }, [
    { rollup: first.rollup, sequences: [first, ...others], setting },
  ])
}

/** Says what is to be started. Without a proof there is no hash. */
const toStarted = ({ rollup, from, to, accInputHash, isProved, isOwed }: SurveyedSequence): StartedSequence => ({
  ...{ rollup, from, to, accInputHash },
  isUrgent: isProved || isOwed === true,
})

/** Starts sequences as older runs did. */
async function startChildren(sequences: readonly SurveyedSequence[], setting: SequenceSetting): Promise<void> {
  await Promise.all(
    sequences.map(({ rollup, from, to, accInputHash }) => startChild({ rollup, from, to, accInputHash }, setting)),
  )
}

async function startChild(ref: SequenceRef, setting: SequenceSetting): Promise<void> {
  try {
    await wf.startChild(sequence, {
      workflowId: sequenceWorkflowId(ref),
      args: [{ sequence: ref, setting }],
      parentClosePolicy: wf.ParentClosePolicy.ABANDON,
      staticSummary: `${ref.rollup}: batches ${formatRange(ref)}`,
      typedSearchAttributes: batchAttributes(ref, setting),
    })
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
  }
}
