import type { WorkflowHandle } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { wakeSignal } from '../../../protocol/temporal/messages.ts'
import { SOON } from '../../support/patience.ts'
import { type Gate, gate } from '../fakes.ts'
import { untilSuggestedToContinue } from '../histories.ts'
import { useHarness } from '../use-harness.ts'
import { open, startRollup } from './rollup-scene.ts'

const harness = useHarness()
const hanging: Gate[] = []
afterAll(() => {
  for (const one of hanging) one.open() // the workers wait for what they do
})

describe.concurrent('while a rollup prepares a sequence, which may take an hour,', () => {
  test('it starts another whose proof is owed, and says what is being prepared', async () => {
    const { survey, handle, looked, says, prepared } = await startPreparing()
    survey.open.unshift({ ...open(4, 4), isOwed: true })
    await handle.signal(wakeSignal, { why: 'its run was lost' })
    await vi.waitUntil(() => looked.has('4'), SOON)
    expect(looked.has('5-8')).toBe(false)
    expect(await says()).toEqual([
      'verified up to batch 0, sequenced up to 5, 2 open',
      'batches 5-8 are being prepared',
    ])
    prepared.open()
    await vi.waitUntil(() => looked.has('5-8'), SOON)
  })

  test('it looks at its time, prepares nothing else, and in the end what comes next', async () => {
    const { survey, did, looked, seen, prepared } = await startPreparing({ waitMs: 1 })
    survey.open.push(open(9, 9))
    await vi.waitUntil(() => seen.surveys > 1, SOON)
    expect(did).toEqual(['prepare 5-8'])
    prepared.open()
    await vi.waitUntil(() => looked.size === 2, SOON)
    expect(did.slice(0, 2)).toEqual(['prepare 5-8', 'prepare 9'])
  })

  test('it begins nothing of which the next look says that it is held', async () => {
    const { survey, handle, did, says, prepared } = await startPreparing()
    survey.open = []
    await handle.signal(wakeSignal, { why: 'it is paused' })
    await vi.waitUntil(async () => (await says())[0]?.endsWith(' 0 open') === true, SOON)
    prepared.open()
    await vi.waitUntil(async () => (await says()).length === 1, SOON)
    const { events } = await handle.fetchHistory()
    const scheduled = events?.flatMap(({ activityTaskScheduledEventAttributes: asked }) => asked?.activityType?.name)
    expect(scheduled).not.toContain('startSequences')
    expect(did).toEqual(['prepare 5-8'])
  })

  test('its run goes on, though its history is long, and the next one begins after that', async () => {
    const { handle, seen, survey, looked, prepared } = await startPreparing()
    survey.open.push(open(9, 9))
    harness.bloated.add(handle.workflowId)
    const { runId } = await handle.describe()
    await untilSuggestedToContinue(handle)
    const surveys = seen.surveys
    await handle.signal(wakeSignal, { why: 'a test' })
    await vi.waitUntil(() => seen.surveys > surveys, SOON)
    expect((await handle.describe()).runId).toBe(runId)
    prepared.open()
    await vi.waitUntil(async () => (await handle.describe()).runId !== runId, SOON)
    const { events } = await harness.client.workflow.getHandle(handle.workflowId, runId).fetchHistory()
    const asked = events?.flatMap((event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? [])
    expect(asked?.filter((name) => name === 'prepareSequence')).toHaveLength(1)
    await vi.waitUntil(() => looked.size === 2, SOON)
  })

  test('it can be cancelled, and no task of it fails', async () => {
    const { handle } = await startPreparing()
    await handle.cancel()
    await vi.waitUntil(async () => (await handle.describe()).status.name === 'CANCELLED', SOON)
    expect(await failedTasks(handle)).toEqual([])
  })

  test('what that fails with is shown, and it is tried again', async () => {
    const failing = { text: 'no disk is left' }
    const { handle, looked, says, did } = await startRollup(harness, {
      open: [open(5, 8)],
      prepare: async () => {
        if (failing.text !== '') throw ApplicationFailure.nonRetryable(failing.text)
        return { status: 'prepared' }
      },
    })
    await vi.waitUntil(async () => (await says())[0] === 'no disk is left', SOON)
    const trouble = async () => (await handle.describe()).memo?.trouble
    await vi.waitUntil(async () => (await trouble()) === 'no disk is left', SOON)
    failing.text = ''
    await vi.waitUntil(() => looked.has('5-8'), SOON)
    expect(did).toHaveLength(2)
    await vi.waitUntil(async () => ((await trouble()) ?? null) === null, SOON)
    expect(await failedTasks(handle)).toEqual([])
  })
})

/** Starts a rollup and waits until it prepares batches 5 to 8, which ends when the test says so. */
async function startPreparing({ waitMs = 3_600_000 } = {}) {
  const prepared = gate()
  hanging.push(prepared)
  const scene = await startRollup(harness, {
    ...{ open: [open(5, 8)], waitMs },
    prepare: async () => {
      await prepared.passed
      return { status: 'prepared' }
    },
  })
  await vi.waitUntil(async () => scene.did.length === 1, SOON)
  return { ...scene, prepared }
}

async function failedTasks(handle: WorkflowHandle): Promise<unknown[]> {
  const { events } = await handle.fetchHistory()
  return (events ?? []).flatMap(({ workflowTaskFailedEventAttributes: failed }) => failed ?? [])
}
