import { expect, test, vi } from 'vitest'
import { cancelUpdate, pauseUpdate, wakeSignal } from '../../../protocol/temporal/messages.ts'
import { LATER, SOON } from '../../support/patience.ts'
import { gate } from '../fakes.ts'
import { untilSuggestedToContinue } from '../histories.ts'
import { ANN, runSequence, startProving, untilHeld, untilStatus } from '../operator/admin-scene.ts'
import { useHarness } from '../use-harness.ts'

const harness = useHarness()

/** Starts a sequence of which one proof is made and two are being made, in its second run. */
async function startLong() {
  const made = gate()
  const scene = await startProving(harness, { act: (name) => (name === 'batch 4' ? Promise.resolve() : made.passed) })
  await untilStatus(scene.handle, { proofsDone: 1 })
  harness.bloated.add(scene.handle.workflowId)
  const { runId } = await scene.handle.describe()
  await untilSuggestedToContinue(scene.handle)
  await vi.waitUntil(async () => (await scene.handle.describe()).runId !== runId, LATER)
  return Object.assign(scene, { made })
}

test('proofs that are being made outlive the run that asks for them, however long its history', async () => {
  const { handle, made, prover, store } = await startLong()
  await untilStatus(handle, { phase: 'proving', proofsDone: 1 })
  made.open()
  await vi.waitUntil(() => store.isFinal(), SOON)
  await untilStatus(handle, { step: { kind: 'commit' }, proofsDone: 6 })
  expect(prover.cancelled).toEqual([])
  expect(prover.begun).toHaveLength(6) // each was begun once
})

test('the next run ends them when they can’t earn any more, and holds them', async () => {
  const { handle, made, prover, store, ...scene } = await startLong()
  await handle.executeUpdate(pauseUpdate, { args: [ANN] })
  await untilHeld({ handle, proving: scene.proving })
  made.open()
  await vi.waitUntil(() => store.proofs.size === 3, SOON)
  await untilStatus(handle, { phase: 'held', proofsDone: 3 })
  expect(prover.begun).toHaveLength(3)
  await handle.executeUpdate(cancelUpdate, { args: [ANN] })
  expect(await handle.result()).toEqual({ outcome: 'cancelled' })
  await vi.waitUntil(async () => (await scene.proving.describe()).status.name !== 'RUNNING', SOON)
})

test('a sequence whose run was lost holds and ends what that has left', async () => {
  const scene = await startProving(harness, { act: () => new Promise(() => {}) })
  await scene.handle.terminate('a test')
  const again = await runSequence(harness, scene.sequence, scene.kind)
  await again.executeUpdate(pauseUpdate, { args: [ANN] })
  await untilHeld({ handle: again, proving: scene.proving })
  await again.executeUpdate(cancelUpdate, { args: [ANN] })
  expect(await again.result()).toEqual({ outcome: 'cancelled' })
  await vi.waitUntil(() => scene.prover.cancelled.length === 3, SOON)
})

test('a proving workflow that was ended is begun again', async () => {
  const made = gate()
  const scene = await startProving(harness, { act: () => made.passed })
  await scene.proving.terminate('a test')
  await scene.handle.signal(wakeSignal, { why: 'a test' })
  made.open()
  await vi.waitUntil(() => scene.store.isFinal(), LATER) // it comes within the minute of a lost signal
  await vi.waitUntil(async () => (await scene.proving.describe()).status.name === 'COMPLETED', SOON)
})
