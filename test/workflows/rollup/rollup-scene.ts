import type { WorkflowHandle } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { type BatchRange, formatRange } from '../../../protocol/base/ranges.ts'
import type { Preparation } from '../../../protocol/proof/request.ts'
import type { RollupSurvey, SurveyedSequence } from '../../../protocol/rollup/survey.ts'
import type { TrustedActivities } from '../../../protocol/temporal/activities.ts'
import { AGGREGATOR_TASK_QUEUE, rollupWorkflowId } from '../../../protocol/temporal/ids.ts'
import { linesQuery } from '../../../protocol/temporal/messages.ts'
import { WORKFLOW_TYPES } from '../../../protocol/temporal/workflow-inputs.ts'
import { uniqueName } from '../../support/names.ts'
import { DATA, look, setting } from '../fakes.ts'
import type { Harness } from '../harness.ts'

export const open = (from: number, to: number): SurveyedSequence => ({
  rollup: '',
  from,
  to,
  accInputHash: DATA,
  isDeep: true,
  isProved: false,
})

interface Scene extends Pick<RollupSurvey, 'open'> {
  maxUnproved?: number
  held?: string
  fails?: string
  waitMs?: number
  prepare?: (range: BatchRange) => Promise<Preparation>
}

/** Starts a rollup whose sequences, once they have looked, wait for ever. */
export async function startRollup(
  harness: Pick<Harness, 'client' | 'serve'>,
  { open, prepare = async () => ({ status: 'prepared' }), ...scene }: Scene,
) {
  const name = uniqueName('rollup')
  const did: string[] = []
  const looked = new Set<string>()
  const seen = { surveys: 0 }
  const survey = { fails: scene.fails ?? null, open }
  const fakes: Partial<TrustedActivities> = {
    surveyRollup: async () => {
      seen.surveys += 1
      if (survey.fails !== null) throw ApplicationFailure.nonRetryable(survey.fails)
      return {
        ...{
          lastVerifiedBatch: 0,
          lastBatchSequenced: 5,
          maxUnproved: scene.maxUnproved ?? 4,
          held: scene.held ?? null,
        },
        open: survey.open.map((one) => ({ ...one, rollup: name })),
        ...{ waitMs: scene.waitMs ?? 3_600_000, setting: setting('nobody') },
      }
    },
    prepareSequence: async ({ sequence }) => {
      did.push(`prepare ${formatRange(sequence)}`)
      return prepare(sequence)
    },
    lookAtSequence: async ({ sequence }) => {
      looked.add(formatRange(sequence))
      return look({ kind: 'wait', code: 'finality', why: 'a test', untilBlock: null }, { waitMs: 3_600_000 })
    },
  }
  harness.serve(name, fakes)
  const handle: WorkflowHandle = await harness.client.workflow.start(WORKFLOW_TYPES.rollup, {
    workflowId: rollupWorkflowId(name),
    taskQueue: AGGREGATOR_TASK_QUEUE,
    args: [{ rollup: name }],
  })
  return { handle, name, did, looked, seen, survey, says: () => handle.query(linesQuery) }
}
