import { describe, expect, test, vi } from 'vitest'
import { pauseUpdate, resumeUpdate, wakeSignal } from '../../../protocol/temporal/messages.ts'
import { committed } from '../../protocol/sequence/views.ts'
import { SOON } from '../../support/patience.ts'
import { gate } from '../fakes.ts'
import { useHarness } from '../use-harness.ts'
import { ANN, runSequence, startProving, startSequence, untilHeld, untilPending, untilStatus } from './admin-scene.ts'

const harness = useHarness()

describe.concurrent('a paused sequence', () => {
  test('still proves what it owes', async () => {
    const scene = await startSequence(harness, { see: () => committed({ head: 105 }) })
    await untilStatus(scene.handle, { waitingFor: expect.stringContaining('T1') })
    const said = await scene.handle.executeUpdate(pauseUpdate, { args: [ANN] })
    expect(said).toEqual({ isDone: true, answer: expect.stringContaining('a hash that is out is still proved') })
    expect(scene.holds.paused).toBe('maintenance')
    scene.see = () => committed({ head: 111 })
    await scene.handle.signal(wakeSignal, { why: 'block 111' })
    await vi.waitUntil(() => scene.handed.length > 0, SOON)
    expect(scene.handed[0]).toMatchObject({ kind: 'prove', lastBlock: 130 })
  })

  test('sends no hash until it is resumed', async () => {
    const scene = await startSequence(harness, { holds: { paused: 'costs' } })
    await untilStatus(scene.handle, { phase: 'held', waitingFor: 'paused: costs' })
    expect(scene.handed).toEqual([])
    expect(await scene.handle.executeUpdate(resumeUpdate, { args: [ANN] })).toMatchObject({ isDone: true })
    await vi.waitUntil(() => scene.handed.length > 0, SOON)
    expect(scene.handed[0]).toMatchObject({ kind: 'commit' })
    const again = await scene.handle.executeUpdate(resumeUpdate, { args: [ANN] })
    expect(again).toEqual({ isDone: false, answer: expect.stringContaining('Nothing to resume') })
  })

  test('finishes the proofs that are being made and begins none', async () => {
    const made = gate()
    const scene = await startProving(harness, { act: () => made.passed })
    await scene.handle.executeUpdate(pauseUpdate, { args: [ANN] })
    await untilHeld(scene)
    made.open()
    await vi.waitUntil(() => scene.store.proofs.size === 3, SOON)
    await untilStatus(scene.handle, { phase: 'held', proofsDone: 3, waitingFor: 'paused: maintenance' })
    expect(scene.prover).toMatchObject({ cancelled: [], begun: { length: 3 } })
    await scene.handle.executeUpdate(resumeUpdate, { args: [ANN] })
    await vi.waitUntil(() => scene.store.isFinal(), SOON)
    expect(scene.prover.begun).toHaveLength(6)
  })

  test('takes back the tasks that no prover has begun', async () => {
    const made = gate()
    const scene = await startProving(harness, { act: () => made.passed, concurrency: 1 })
    await untilPending([scene.proving], 3)
    await scene.handle.executeUpdate(pauseUpdate, { args: [ANN] })
    await untilPending([scene.proving], 1)
    made.open()
    await untilPending([scene.proving], 0)
    await untilStatus(scene.handle, { phase: 'held', proofsDone: 1 })
    expect(scene.prover).toMatchObject({ cancelled: [], begun: { length: 1 } })
    await scene.handle.executeUpdate(resumeUpdate, { args: [ANN] })
    await vi.waitUntil(() => scene.store.isFinal(), SOON)
    expect(new Set(scene.prover.begun).size).toBe(6)
    expect(scene.prover.begun).toHaveLength(6)
  })

  test('is held by a workflow that is started anew', async () => {
    const { handle, sequence, ...scene } = await startProving(harness, { act: () => new Promise(() => {}) })
    await handle.executeUpdate(pauseUpdate, { args: [ANN] })
    await handle.terminate('Temporal is emptied')
    const begun = scene.prover.begun.length
    const again = await runSequence(harness, sequence, scene.kind)
    await untilStatus(again, { phase: 'held', waitingFor: 'paused: maintenance' })
    expect(scene.prover.begun).toHaveLength(begun)
  })

  test('is held while its chain does not answer, and goes on too', async () => {
    const [made, answered] = [gate(), gate()]
    const scene = await startProving(harness, { act: () => made.passed, concurrency: 1 })
    await untilPending([scene.proving], 3)
    scene.chainAnswers = answered.passed
    await scene.handle.executeUpdate(pauseUpdate, { args: [ANN] })
    await untilStatus(scene.handle, { phase: 'held', waitingFor: 'paused: maintenance' })
    await untilPending([scene.proving], 1)
    made.open()
    await untilPending([scene.proving], 0)
    expect(scene.prover.begun).toHaveLength(1)
    await scene.handle.executeUpdate(resumeUpdate, { args: [ANN] })
    await untilStatus(scene.handle, { phase: 'proving' })
    await vi.waitUntil(() => scene.store.isFinal(), SOON)
    answered.open()
  })
})
