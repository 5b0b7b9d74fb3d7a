import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common'
import * as wf from '@temporalio/workflow'
import { type BatchRange, formatRange, type SequenceRef } from '../../protocol/base/ranges.ts'
import { refuseUnknown } from '../../protocol/operator/requests.ts'
import { planRollup } from '../../protocol/rollup/plan.ts'
import type { RollupSurvey, SequenceSetting, StartedSequence, SurveyedSequence } from '../../protocol/rollup/survey.ts'
import type { ProvingActivities, WatchActivities } from '../../protocol/temporal/activities.ts'
import { batchAttributes, PRIORITY, searchAttributes } from '../../protocol/temporal/attributes.ts'
import { PREPARATION_TASK_QUEUE, sequenceWorkflowId } from '../../protocol/temporal/ids.ts'
import { linesQuery, wakeSignal } from '../../protocol/temporal/messages.ts'
import type { RollupInput } from '../../protocol/temporal/workflow-inputs.ts'
import { serveAdmins } from '../operator/admin.ts'
import { sequence } from '../sequence/sequence.ts'
import { markdownList, tellInMemo } from '../telling.ts'
import { failureText, pause, trustedActivities } from '../waiting.ts'

const chain = trustedActivities<WatchActivities>({
  startToCloseTimeout: '5 minutes', // the first survey of a long backlog walks back over every sequence
  retry: { maximumAttempts: 3 }, // then the loop shows the failure and surveys again
  priority: { priorityKey: PRIORITY.survey },
})
const preparation = trustedActivities<ProvingActivities>({
  taskQueue: PREPARATION_TASK_QUEUE,
  startToCloseTimeout: '1 hour', // it replays state from the last snapshot, from genesis after a lost database
  priority: { priorityKey: PRIORITY.prepare },
  retry: { maximumAttempts: 3 },
})

/** Keeps the list of a rollup's sequences. It prepares their inputs in order and starts one workflow for each. */
export async function rollup({ rollup: name }: RollupInput): Promise<void> {
  let isWoken = true
  let lines = ['takes its first look at the chain']
  wf.setHandler(linesQuery, () => lines)
  wf.setHandler(wakeSignal, () => {
    isWoken = true
  })
  serveAdmins({
    rollup: name,
    rangeOf: ({ range }) => range ?? null,
    refuse: async (decision, range) =>
      range === null || decision === 'resume'
        ? null
        : refuseUnknown(await look('look for an admin', { about: range }), range),
    wake: () => {
      isWoken = true
    },
  })
  wf.upsertSearchAttributes([{ key: searchAttributes.rollup, value: name }])

  while (!wf.workflowInfo().continueAsNewSuggested) {
    isWoken = false
    const waitMs = await round()
    wf.setCurrentDetails(markdownList(`Rollup **${name}**`, lines))
    await pause(() => isWoken, waitMs, lines[0] ?? 'waits for a sequence')
  }
  await wf.condition(wf.allHandlersFinished)
  return wf.continueAsNew<typeof rollup>({ rollup: name })

  async function round(): Promise<number> {
    try {
      const survey = await look(`${name}: sequences`)
      await serve(survey)
      tellInMemo({ trouble: null })
      return survey.waitMs
    } catch (error) {
      if (wf.isCancellation(error)) throw error
      lines = [failureText(error)]
      tellInMemo({ trouble: failureText(error) })
      return 10_000
    }
  }

  function look(summary: string, asked: { about?: BatchRange } = {}): Promise<RollupSurvey> {
    return chain.surveyRollup.executeWithOptions({ summary }, [{ rollup: name, ...asked }])
  }

  async function serve(survey: RollupSurvey): Promise<void> {
    const plan = planRollup(survey)
    lines = plan.lines
    if (plan.goOn.length > 0) await start(plan.goOn, survey)
    for (const next of plan.next) {
      // What is behind it can't be prepared.
      if (next.isRunning === true && (next.holds?.quarantined ?? null) !== null) return
      if (next.isRunning === true) continue
      if (!next.isDeep) {
        lines.push(`batches ${formatRange(next)} wait for confirmations`)
        return
      }
      const preparing = { summary: `prepare batches ${formatRange(next)}` }
      const prepared = await preparation.prepareSequence.executeWithOptions(preparing, [{ sequence: next }])
      await start([next], survey)
      if (prepared.status === 'quarantined') {
        const line = `batches ${formatRange(next)} are quarantined: ${prepared.reason}`
        if (!lines.includes(line)) lines.push(line)
        return
      }
    }
  }
}

/** Starts sequences. Starting one that runs already is success, because its id is the de-duplication. */
async function start(sequences: readonly SurveyedSequence[], { setting }: RollupSurvey): Promise<void> {
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
