import { describe, expect, test, vi } from 'vitest'
import { cancelUpdate, pauseUpdate, resumeUpdate, wakeSignal } from '../../../protocol/temporal/messages.ts'
import { view } from '../../protocol/sequence/views.ts'
import { LATER } from '../../support/patience.ts'
import { gate } from '../fakes.ts'
import { ANN, LONG, partsOf, startProving, untilHeld, untilPending } from '../operator/admin-scene.ts'
import { useHarness } from '../use-harness.ts'

const harness = useHarness()

describe('a sequence of more batches than one history bears', () => {
  test('is held in all of its parts', async () => {
    const made = gate()
    const scene = await startProving(harness, { range: LONG, act: () => made.passed })
    await scene.handle.executeUpdate(pauseUpdate, { args: [ANN] })
    for (const proving of partsOf(harness, scene.sequence)) await untilHeld({ handle: scene.handle, proving })
    made.open()
    await vi.waitUntil(() => scene.store.proofs.size === 41, LATER)
    await scene.handle.executeUpdate(resumeUpdate, { args: [ANN] })
    await vi.waitUntil(() => scene.store.isFinal(), LATER)
    expect(scene.prover.begun.slice(0, 41).every((name) => name.startsWith('batch'))).toBe(true)
    expect(scene.prover.begun).toHaveLength(82)
  })

  test('takes back the queued tasks of its parts when it is paused', async () => {
    const made = gate()
    const scene = await startProving(harness, { range: LONG, act: () => made.passed, concurrency: 2 })
    const parts = partsOf(harness, scene.sequence)
    await untilPending(parts, 41)
    await scene.handle.executeUpdate(pauseUpdate, { args: [ANN] })
    await untilPending(parts, 2)
    made.open()
    await untilPending(parts, 0)
    expect(scene.prover).toMatchObject({ cancelled: [], begun: { length: 2 } })
    await scene.handle.executeUpdate(resumeUpdate, { args: [ANN] })
    await vi.waitUntil(() => scene.store.isFinal(), LATER)
    expect(new Set(scene.prover.begun).size).toBe(82)
    expect(scene.prover.begun).toHaveLength(82)
  })

  test('ends its parts and their tasks when others have verified it', async () => {
    const scene = await startProving(harness, { range: LONG, act: () => new Promise(() => {}), concurrency: 2 })
    const parts = partsOf(harness, scene.sequence)
    await untilPending(parts, 41)
    scene.see = () => view({ finalProof: null, atHead: { isVerified: true } })
    await scene.handle.signal(wakeSignal, { why: 'a rival proved' })
    for (const part of parts) await vi.waitUntil(async () => (await part.describe()).status.name !== 'RUNNING', LATER)
    await vi.waitFor(() => expect(scene.prover.cancelled.toSorted()).toEqual(scene.prover.begun.toSorted()), LATER)
    expect((await scene.handle.describe()).status.name).toBe('RUNNING') // until that is final
  })

  test('ends with its parts and their tasks when it is cancelled', async () => {
    const scene = await startProving(harness, { range: LONG, act: () => new Promise(() => {}), concurrency: 2 })
    const parts = partsOf(harness, scene.sequence)
    await untilPending(parts, 41)
    await scene.handle.executeUpdate(cancelUpdate, { args: [ANN] })
    expect(await scene.handle.result()).toEqual({ outcome: 'cancelled' })
    for (const part of parts) await vi.waitUntil(async () => (await part.describe()).status.name !== 'RUNNING', LATER)
    // A place that one part's end frees may take a task of the other, whose end is a moment away.
    await vi.waitFor(() => expect(scene.prover.cancelled.toSorted()).toEqual(scene.prover.begun.toSorted()), LATER)
    expect(scene.prover.begun.length).toBeLessThan(41)
  })
})
