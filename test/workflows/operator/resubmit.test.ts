import { cancelled } from '@temporalio/activity'
import { type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client'
import { describe, expect, test, vi } from 'vitest'
import type { Step } from '../../../protocol/sequence/next-step.ts'
import { forceResubmitUpdate } from '../../../protocol/temporal/messages.ts'
import { SOON } from '../../support/patience.ts'
import { gate, look, reprove } from '../fakes.ts'
import { COMMIT, HOUR_MS, PROVE, startSubmission, untilStatus, WAIT } from '../sequence/submission-scene.ts'
import { useHarness } from '../use-harness.ts'

const harness = useHarness()

const WHO = { who: 'ann', reason: 'the pool forgot it' }

describe.concurrent('forceResubmit', () => {
  test.each<{ step: Step; isDone: boolean; answer: string }>([
    { step: COMMIT, isDone: true, answer: 'hash' },
    { step: PROVE, isDone: true, answer: 'The proof' },
    { step: { ...PROVE, isLate: true }, isDone: true, answer: 'late proof' },
    { step: { kind: 'claim' }, isDone: true, answer: 'claim' },
    { step: WAIT, isDone: false, answer: WAIT.why },
    { step: { kind: 'reprove', why: 'no proof is stored' }, isDone: false, answer: 'no proof is stored' },
    { step: { kind: 'done', outcome: 'proved' }, isDone: false, answer: 'ended as proved' },
  ])('answers after a fresh look: $step.kind', async ({ step, isDone, answer }) => {
    let isAsked = false
    const { handle, handed } = await startSubmission(harness, {
      look: async () => (isAsked ? look(step, { waitMs: HOUR_MS }) : look(WAIT, { waitMs: HOUR_MS })),
    })
    await untilStatus(handle, { step: WAIT })
    isAsked = true
    const said = await handle.executeUpdate(forceResubmitUpdate, { args: [WHO] })
    expect(said).toEqual({ isDone, answer: expect.stringContaining(answer) })
    if (isDone) expect(handed[0]).toEqual(step)
    else expect(handed).toEqual([])
  })

  const REFUSED = [
    { part: 'who', who: ' ' },
    { part: 'reason', reason: '' },
    { part: 'length', reason: 'x'.repeat(501) },
  ]
  test.each(REFUSED)('is refused without who and why, in short: $part', async ({ part: _, ...change }) => {
    const { handle, seen } = await startSubmission(harness, { look: async () => look(WAIT, { waitMs: HOUR_MS }) })
    await untilStatus(handle, { step: WAIT })
    await expectRefusal(handle, /who|reason/, { ...WHO, ...change })
    expect(seen.looks).toBe(1)
  })

  test('is refused before the first look, which sends what is missing', async () => {
    const answered = gate()
    const { handle, seen } = await startSubmission(harness, {
      look: () => answered.passed.then(() => look(WAIT, { waitMs: HOUR_MS })),
    })
    await vi.waitUntil(() => seen.looks === 1, SOON)
    await expectRefusal(handle, /hasn't looked/)
    answered.open()
  })

  test('is refused while a proof has to be made', async () => {
    const store = { prepareSequence: () => cancelled() }
    const { handle } = await startSubmission(harness, { look: async () => reprove(), store })
    await untilStatus(handle, { phase: 'proving' })
    await expectRefusal(handle, /a proof is being made/)
  })

  test('is refused while an earlier one is carried out', async () => {
    const [asked, answered] = [gate(), gate()]
    const { handle, seen } = await startSubmission(harness, {
      look: async () => {
        if (seen.looks > 1) asked.open()
        if (seen.looks > 1) await answered.passed
        return look(WAIT, { waitMs: HOUR_MS })
      },
    })
    await untilStatus(handle, { step: WAIT })
    const first = handle.executeUpdate(forceResubmitUpdate, { args: [WHO] })
    await asked.passed
    await expectRefusal(handle, /An earlier request/)
    answered.open()
    expect(await first).toMatchObject({ isDone: false })
    expect(await handle.executeUpdate(forceResubmitUpdate, { args: [WHO] })).toMatchObject({ isDone: false })
  })
})

/** Expects that a request is refused, and that nothing of it enters the history. */
async function expectRefusal(handle: WorkflowHandle, why: RegExp, request = WHO): Promise<void> {
  const before = await updatesOf(handle)
  const refusal: unknown = await handle
    .executeUpdate(forceResubmitUpdate, { args: [request] })
    .catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(WorkflowUpdateFailedError)
  expect((refusal as WorkflowUpdateFailedError).cause?.message).toMatch(why)
  expect(await updatesOf(handle)).toEqual(before)
}

/** Lists what the history says of Updates. Whatever else the workflow does may be added to it at any time. */
async function updatesOf(handle: WorkflowHandle) {
  return ((await handle.fetchHistory()).events ?? []).filter(
    (event) =>
      event.workflowExecutionUpdateAcceptedEventAttributes || event.workflowExecutionUpdateCompletedEventAttributes,
  )
}
