import type { WorkflowHandle } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { describe, expect, test, vi } from 'vitest'
import { formatRange } from '../../../protocol/base/ranges.ts'
import type { Preparation } from '../../../protocol/proof/request.ts'
import type { RollupSurvey, SurveyedSequence } from '../../../protocol/rollup/survey.ts'
import type { TrustedActivities } from '../../../protocol/temporal/activities.ts'
import { searchAttributes } from '../../../protocol/temporal/attributes.ts'
import { AGGREGATOR_TASK_QUEUE, rollupWorkflowId, sequenceWorkflowId } from '../../../protocol/temporal/ids.ts'
import { linesQuery, wakeSignal } from '../../../protocol/temporal/messages.ts'
import { WORKFLOW_TYPES } from '../../../protocol/temporal/workflow-inputs.ts'
import { uniqueName } from '../../support/names.ts'
import { SOON } from '../../support/patience.ts'
import { DATA, look, MINER, setting } from '../fakes.ts'
import { untilSuggestedToContinue } from '../histories.ts'
import { useHarness } from '../use-harness.ts'

const harness = useHarness()

describe.concurrent('a rollup', () => {
  test('prepares and starts sequences, the lowest first, as many as may be unproved', async () => {
    const { did, handle, looked, says, seen } = await start({
      open: [open(1, 1), open(2, 4), open(5, 5)],
      maxUnproved: 2,
    })
    await vi.waitUntil(() => looked.size === 2, SOON)
    await handle.signal(wakeSignal, { why: 'a test' })
    await vi.waitUntil(() => seen.surveys === 2, SOON) // the first round is then over
    expect(did.slice(0, 2)).toEqual(['prepare 1', 'prepare 2-4'])
    expect(did).not.toContain('prepare 5')
    expect(looked).toEqual(new Set(['1', '2-4']))
    expect(await says()).toEqual(['verified up to batch 0, sequenced up to 5, 3 open'])
  })

  test('starts another when one is proved', async () => {
    const { looked, handle, survey } = await start({ open: [open(1, 1), open(2, 4), open(5, 5)], maxUnproved: 1 })
    await vi.waitUntil(() => looked.size === 1, SOON)
    survey.open[0] = { ...open(1, 1), isProved: true }
    await handle.signal(wakeSignal, { why: 'batch 1 is proved' })
    await vi.waitUntil(() => looked.has('2-4'), SOON)
    expect(looked.has('5')).toBe(false)
  })

  test('takes a sequence that runs already for started', async () => {
    const { handle, seen, did, looked, name } = await start({ open: [open(1, 1)] })
    await vi.waitUntil(() => looked.size === 1, SOON)
    await handle.signal(wakeSignal, { why: 'a test' })
    await vi.waitUntil(() => seen.surveys === 2 && did.length === 2, SOON)
    const child = harness.client.workflow.getHandle(sequenceWorkflowId({ rollup: name, from: 1, to: 1 }))
    const { typedSearchAttributes, raw } = await child.describe()
    expect(raw.workflowExecutionInfo?.parentExecution ?? null).toBeNull() // a parent bears 2,000 children
    expect(typedSearchAttributes.get(searchAttributes.rollup)).toBe(name)
    expect(typedSearchAttributes.get(searchAttributes.startBatch)).toBe(1)
    expect(typedSearchAttributes.get(searchAttributes.chainId)).toBe(31337)
    expect(typedSearchAttributes.get(searchAttributes.miner)).toBe(MINER)
  })

  test('starts a sequence again that has ended and is still open', async () => {
    const { handle, looked, name } = await start({ open: [open(1, 1)] })
    await vi.waitUntil(() => looked.size === 1, SOON)
    const child = harness.client.workflow.getHandle(sequenceWorkflowId({ rollup: name, from: 1, to: 1 }))
    await child.terminate('a test')
    looked.clear()
    await handle.signal(wakeSignal, { why: 'a test' })
    await vi.waitUntil(() => looked.size === 1, SOON)
    expect((await child.describe()).status.name).toBe('RUNNING')
  })

  test('stops behind a quarantined sequence and says so', async () => {
    const preparations: Record<string, Preparation> = { '2': { status: 'quarantined', reason: 'it can’t be decoded' } }
    const { did, looked, says } = await start({ open: [open(1, 1), open(2, 2), open(3, 3)], preparations })
    await vi.waitUntil(async () => (await says()).includes('batches 2 are quarantined: it can’t be decoded'), SOON)
    expect(did).toEqual(['prepare 1', 'prepare 2'])
    await vi.waitUntil(() => looked.size === 2, SOON)
    expect(looked).toEqual(new Set(['1', '2']))
  })

  test('waits for confirmations', async () => {
    const { did, says } = await start({ open: [open(1, 1), { ...open(2, 2), isDeep: false }, open(3, 3)] })
    await vi.waitUntil(async () => (await says()).includes('batches 2 wait for confirmations'), SOON)
    expect(did).toEqual(['prepare 1'])
  })

  test('that is held starts nothing new, but what is proved goes on', async () => {
    const { did, looked, says } = await start({
      open: [{ ...open(1, 1), isProved: true }, open(2, 2)],
      held: 'paused by ann',
    })
    await vi.waitUntil(async () => (await says()).includes('no new work: paused by ann'), SOON)
    await vi.waitUntil(() => looked.size === 1, SOON)
    expect(looked).toEqual(new Set(['1']))
    expect(did).toEqual([])
  })

  test('shows what a survey fails with, and goes on when it succeeds', async () => {
    const scene = await start({ open: [open(1, 1)], fails: 'no endpoint answers' })
    await vi.waitUntil(async () => (await scene.says())[0] === 'no endpoint answers', SOON)
    scene.survey.fails = null
    await scene.handle.signal(wakeSignal, { why: 'a test' })
    await vi.waitUntil(() => scene.looked.size === 1, SOON)
  })

  test('continues as new when its history is long', async () => {
    const { handle, looked } = await start({ open: [open(1, 1)] })
    await vi.waitUntil(() => looked.size === 1, SOON)
    harness.bloated.add(handle.workflowId)
    const first = (await handle.describe()).runId
    await untilSuggestedToContinue(handle)
    await vi.waitUntil(async () => (await handle.describe()).runId !== first, SOON)
    const { events } = await handle.fetchHistory()
    expect(events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId).toBe(first)
  })
})

const open = (from: number, to: number): SurveyedSequence => ({
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
  preparations?: Record<string, Preparation>
}

/** Starts a rollup whose sequences, once they have looked, wait for ever. */
async function start({ open, preparations = {}, ...scene }: Scene) {
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
        ...{ waitMs: 3_600_000, setting: setting('nobody') },
      }
    },
    prepareSequence: async ({ sequence }) => {
      did.push(`prepare ${formatRange(sequence)}`)
      return preparations[formatRange(sequence)] ?? { status: 'prepared' }
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
