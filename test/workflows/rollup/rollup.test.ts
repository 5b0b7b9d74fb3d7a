import { describe, expect, test, vi } from 'vitest'
import type { BatchRange } from '../../../protocol/base/ranges.ts'
import type { Preparation } from '../../../protocol/proof/request.ts'
import { searchAttributes } from '../../../protocol/temporal/attributes.ts'
import { sequenceWorkflowId } from '../../../protocol/temporal/ids.ts'
import { wakeSignal } from '../../../protocol/temporal/messages.ts'
import { SOON } from '../../support/patience.ts'
import { MINER } from '../fakes.ts'
import { untilSuggestedToContinue } from '../histories.ts'
import { useHarness } from '../use-harness.ts'
import { open, startRollup } from './rollup-scene.ts'

const harness = useHarness()

describe.concurrent('a rollup', () => {
  test('prepares and starts sequences, the lowest first, as many as may be unproved', async () => {
    const { did, handle, looked, says, seen } = await startRollup(harness, {
      open: [open(1, 1), open(2, 4), open(5, 5)],
      maxUnproved: 2,
    })
    await vi.waitUntil(() => looked.size === 2, SOON)
    await handle.signal(wakeSignal, { why: 'a test' })
    await vi.waitUntil(() => seen.surveys === 2 && did.length === 4, SOON)
    expect(did.slice(0, 2)).toEqual(['prepare 1', 'prepare 2-4'])
    expect(did).not.toContain('prepare 5')
    expect(looked).toEqual(new Set(['1', '2-4']))
    const told = 'verified up to batch 0, sequenced up to 5, 3 open'
    await vi.waitFor(async () => expect(await says()).toEqual([told]), SOON)
  })

  test('starts another when one is proved', async () => {
    const { looked, handle, survey } = await startRollup(harness, {
      open: [open(1, 1), open(2, 4), open(5, 5)],
      maxUnproved: 1,
    })
    await vi.waitUntil(() => looked.size === 1, SOON)
    survey.open[0] = { ...open(1, 1), isProved: true }
    await handle.signal(wakeSignal, { why: 'batch 1 is proved' })
    await vi.waitUntil(() => looked.has('2-4'), SOON)
    expect(looked.has('5')).toBe(false)
  })

  test('takes a sequence that runs already for started', async () => {
    const { handle, seen, did, looked, name } = await startRollup(harness, { open: [open(1, 1)] })
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
    const { handle, looked, name } = await startRollup(harness, { open: [open(1, 1)] })
    await vi.waitUntil(() => looked.size === 1, SOON)
    const child = harness.client.workflow.getHandle(sequenceWorkflowId({ rollup: name, from: 1, to: 1 }))
    await child.terminate('a test')
    looked.clear()
    await handle.signal(wakeSignal, { why: 'a test' })
    await vi.waitUntil(() => looked.size === 1, SOON)
    expect((await child.describe()).status.name).toBe('RUNNING')
  })

  test('stops behind a quarantined sequence and says so', async () => {
    const prepare = async ({ from }: BatchRange): Promise<Preparation> =>
      from === 2 ? { status: 'quarantined', reason: 'it can’t be decoded' } : { status: 'prepared' }
    const { did, looked, says } = await startRollup(harness, { open: [open(1, 1), open(2, 2), open(3, 3)], prepare })
    await vi.waitUntil(async () => (await says()).includes('batches 2 are quarantined: it can’t be decoded'), SOON)
    expect(did).toEqual(['prepare 1', 'prepare 2'])
    await vi.waitUntil(() => looked.size === 2, SOON)
    expect(looked).toEqual(new Set(['1', '2']))
  })

  test('waits for confirmations', async () => {
    const { did, looked, says } = await startRollup(harness, {
      open: [open(1, 1), { ...open(2, 2), isDeep: false }, open(3, 3)],
    })
    await vi.waitUntil(async () => (await says()).includes('batches 2 wait for confirmations'), SOON)
    await vi.waitUntil(() => looked.has('1'), SOON)
    expect(did).toEqual(['prepare 1'])
  })

  test('that is held starts nothing new, but what is proved goes on', async () => {
    const { did, looked, says } = await startRollup(harness, {
      open: [{ ...open(1, 1), isProved: true }, open(2, 2)],
      held: 'paused by ann',
    })
    await vi.waitUntil(async () => (await says()).includes('no new work: paused by ann'), SOON)
    await vi.waitUntil(() => looked.size === 1, SOON)
    expect(looked).toEqual(new Set(['1']))
    expect(did).toEqual([])
  })

  test('shows what a survey fails with, and goes on when it succeeds', async () => {
    const scene = await startRollup(harness, { open: [open(1, 1)], fails: 'no endpoint answers' })
    await vi.waitUntil(async () => (await scene.says())[0] === 'no endpoint answers', SOON)
    scene.survey.fails = null
    await scene.handle.signal(wakeSignal, { why: 'a test' })
    await vi.waitUntil(() => scene.looked.size === 1, SOON)
  })

  test('continues as new when its history is long', async () => {
    const { handle, looked } = await startRollup(harness, { open: [open(1, 1)] })
    await vi.waitUntil(() => looked.size === 1, SOON)
    harness.bloated.add(handle.workflowId)
    const first = (await handle.describe()).runId
    await untilSuggestedToContinue(handle)
    await vi.waitUntil(async () => (await handle.describe()).runId !== first, SOON)
    const { events } = await handle.fetchHistory()
    expect(events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId).toBe(first)
  })
})
