import { type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client'
import { describe, expect, test, vi } from 'vitest'
import { formatRange } from '../../../protocol/base/ranges.ts'
import type { RollupSurvey, SurveyedSequence } from '../../../protocol/rollup/survey.ts'
import { holdText } from '../../../protocol/sequence/view.ts'
import { AGGREGATOR_TASK_QUEUE, rollupWorkflowId } from '../../../protocol/temporal/ids.ts'
import {
  bumpFeesUpdate,
  cancelUpdate,
  linesQuery,
  pauseUpdate,
  resumeUpdate,
  wakeSignal,
} from '../../../protocol/temporal/messages.ts'
import { WORKFLOW_TYPES } from '../../../protocol/temporal/workflow-inputs.ts'
import { committed } from '../../protocol/sequence/views.ts'
import { uniqueName } from '../../support/names.ts'
import { SOON } from '../../support/patience.ts'
import { DATA, look, setting } from '../fakes.ts'
import { useHarness } from '../use-harness.ts'
import { ANN, fakeDecisions, NO_HOLDS, startSequence, untilStatus } from './admin-scene.ts'

const harness = useHarness()

describe.concurrent('a rollup', () => {
  test('that is paused starts nothing new, until it is resumed', async () => {
    const scene = await startRollup([open(1), open(2)])
    await vi.waitUntil(() => scene.looked.size === 1, SOON)
    expect(await scene.handle.executeUpdate(pauseUpdate, { args: [ANN] })).toMatchObject({ isDone: true })
    scene.survey.open = [{ ...open(1), isProved: true }, open(2)]
    await scene.handle.signal(wakeSignal, { why: 'batch 1 is proved' })
    await vi.waitFor(async () => expect(await scene.says()).toContain('no new work: paused: maintenance'), SOON)
    expect(scene.decided).toEqual([{ ...ANN, rollup: scene.name, range: null, decision: 'pause' }])
    expect(scene.looked).toEqual(new Set(['1']))
    await scene.handle.executeUpdate(resumeUpdate, { args: [ANN] })
    await vi.waitUntil(() => scene.looked.has('2'), SOON)
  })

  test('answers for a sequence that does not run, if it has it', async () => {
    const scene = await startRollup([open(1), open(2)])
    const ask = (batch: number) =>
      scene.handle.executeUpdate(cancelUpdate, { args: [{ ...ANN, range: { from: batch, to: batch } }] })
    expect(await ask(2)).toMatchObject({ isDone: true })
    expect(await ask(10)).toEqual({
      isDone: false,
      answer: expect.stringContaining('No sequence of batches 10 is posted'),
    })
    expect(scene.decided).toMatchObject([{ decision: 'cancel', range: { from: 2, to: 2 } }])
  })

  test('does not start a cancelled sequence again and again, and says so', async () => {
    const scene = await startRollup([
      { ...open(1), isProved: true, holds: { ...NO_HOLDS, cancelled: 'no use' }, isOwed: false },
      open(2),
    ])
    await vi.waitUntil(() => scene.looked.has('2'), SOON)
    expect(await scene.says()).toContain('batches 1 are cancelled: no use')
    expect(scene.looked).toEqual(new Set(['2']))
  })
})

test.each([pauseUpdate, resumeUpdate, cancelUpdate, bumpFeesUpdate])(
  'a request without a reason leaves no trace: $name',
  async (update) => {
    const sequence = await startSequence(harness, { see: () => committed() })
    await untilStatus(sequence.handle, { phase: 'submit' })
    const rollup = await startRollup([])
    await vi.waitUntil(
      async () => (await rollup.says()).includes('verified up to batch 0, sequenced up to 9, 0 open'),
      SOON,
    )
    for (const handle of [sequence.handle, rollup.handle]) {
      const before = (await handle.fetchHistory()).events?.length
      await expect(handle.executeUpdate(update, { args: [{ who: 'ann', reason: ' ' }] })).rejects.toThrow(
        WorkflowUpdateFailedError,
      )
      expect((await handle.fetchHistory()).events).toHaveLength(before ?? 0)
    }
    expect([...sequence.decided, ...sequence.bumped, ...rollup.decided]).toEqual([])
  },
)

const open = (batch: number): SurveyedSequence => ({
  ...{ rollup: '', from: batch, to: batch, accInputHash: DATA, isDeep: true, isProved: false },
})

/** Starts a rollup whose sequences, once they have looked, wait for ever; one may be unproved at a time. */
async function startRollup(sequences: SurveyedSequence[]) {
  const name = uniqueName('rollup')
  const holds = { ...NO_HOLDS }
  const { fakes, decided } = fakeDecisions(holds)
  const looked = new Set<string>()
  const survey: Pick<RollupSurvey, 'open'> = { open: sequences }
  harness.serve(name, {
    ...fakes,
    surveyRollup: async () => ({
      ...{
        lastVerifiedBatch: 0,
        lastBatchSequenced: 9,
        maxUnproved: 1,
        held: holdText(holds),
        isCancelled: holds.cancelled !== null,
      },
      open: survey.open.map((one) => ({ ...one, rollup: name })),
      ...{ waitMs: 3_600_000, setting: setting('nobody') },
    }),
    prepareSequence: async () => ({ status: 'prepared' }),
    lookAtSequence: async ({ sequence }) => {
      looked.add(formatRange(sequence))
      return look({ kind: 'wait', code: 'finality', why: 'a test', untilBlock: null }, { waitMs: 3_600_000 })
    },
  })
  const handle: WorkflowHandle = await harness.client.workflow.start(WORKFLOW_TYPES.rollup, {
    workflowId: rollupWorkflowId(name),
    taskQueue: AGGREGATOR_TASK_QUEUE,
    args: [{ rollup: name }],
  })
  return { handle, name, decided, looked, survey, says: () => handle.query(linesQuery) }
}
