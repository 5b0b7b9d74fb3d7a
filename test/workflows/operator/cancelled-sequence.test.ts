import { describe, expect, test, vi } from 'vitest'
import { bumpFeesUpdate, cancelUpdate, wakeSignal } from '../../../protocol/temporal/messages.ts'
import { committed, OWN, ROUND, VERIFIED_ROUND, view } from '../../protocol/sequence/views.ts'
import { SOON } from '../../support/patience.ts'
import { gate } from '../fakes.ts'
import { useHarness } from '../use-harness.ts'
import { ANN, startProving, startSequence, untilStatus } from './admin-scene.ts'

const harness = useHarness()

describe.concurrent('a cancelled sequence', () => {
  test('stops its provers and ends', async () => {
    const { handle, prover } = await startProving(harness, { act: () => new Promise(() => {}) })
    expect(await handle.executeUpdate(cancelUpdate, { args: [ANN] })).toMatchObject({ isDone: true })
    expect(await handle.result()).toEqual({ outcome: 'cancelled' })
    await vi.waitUntil(() => prover.cancelled.length === 3, SOON)
  })

  test('whose hash may yet land goes on proving', async () => {
    const made = gate()
    const scene = await startProving(harness, { act: () => made.passed })
    scene.see = () => view({ finalProof: null, unfinalCommit: true })
    await scene.handle.executeUpdate(cancelUpdate, { args: [ANN] })
    await untilStatus(scene.handle, { waitingFor: expect.stringContaining('may yet land') })
    made.open()
    await vi.waitUntil(() => scene.store.isFinal(), SOON)
    expect(scene.prover).toMatchObject({ cancelled: [], begun: { length: 6 } })
  })

  test('whose round has expired, but not for good, stops its provers and waits', async () => {
    const scene = await startProving(harness, { act: () => new Promise(() => {}) })
    const out = { round: ROUND, own: OWN }
    scene.see = () => view({ head: 131, finalBlock: 121, finalProof: null, atHead: out, atFinal: out })
    await scene.handle.executeUpdate(cancelUpdate, { args: [ANN] })
    await untilStatus(scene.handle, { waitingFor: expect.stringContaining('to become final') })
    await vi.waitUntil(() => scene.prover.cancelled.length === 3, SOON)
    expect((await scene.handle.describe()).status.name).toBe('RUNNING')
  })

  test('is refused when it is verified, and nothing is written', async () => {
    const scene = await startSequence(harness, { see: () => view({ atHead: { isVerified: true } }) })
    const said = await scene.handle.executeUpdate(cancelUpdate, { args: [ANN] })
    expect(said).toEqual({ isDone: false, answer: expect.stringContaining('verified on chain') })
    expect(scene.decided).toEqual([])
  })
})

describe.concurrent('a sequence that others have verified', () => {
  test.each([
    { what: 'ends its proofs where no hash of ours stands', own: null, cancelled: 3 },
    { what: 'goes on where ours stands', own: OWN, cancelled: 0 },
  ])('$what', async ({ own, cancelled }) => {
    const scene = await startProving(harness, { act: () => new Promise(() => {}) })
    scene.see = () =>
      view({ head: 120, finalBlock: 100, finalProof: null, atHead: { isVerified: true, round: VERIFIED_ROUND, own } })
    await scene.handle.signal(wakeSignal, { why: 'a rival proved' })
    await untilStatus(scene.handle, { step: { kind: own === null ? 'wait' : 'reprove' } })
    await vi.waitUntil(() => scene.prover.cancelled.length === cancelled, SOON)
    expect((await scene.handle.describe()).status.name).toBe('RUNNING')
  })
})

describe.concurrent('bumping fees', () => {
  test.each([
    { nonces: [7, 8], isDone: true },
    { nonces: [], isDone: false },
  ])('names what is in flight: $nonces', async ({ nonces, isDone }) => {
    const scene = await startSequence(harness, { see: () => committed(), inFlight: nonces })
    const said = await scene.handle.executeUpdate(bumpFeesUpdate, { args: [ANN] })
    expect(said.isDone).toBe(isDone)
    for (const nonce of nonces) expect(said.answer).toContain(`(nonce ${nonce})`)
    expect(scene.bumped).toEqual([
      { rollup: scene.sequence.rollup, range: { from: 4, to: 6 }, who: 'ann', reason: 'maintenance' },
    ])
  })
})
