import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { type BatchRange, batchCount, isPartOf } from '../../../protocol/base/ranges.ts'
import { LATER, SOON } from '../../support/patience.ts'
import { type FakeStore, gate } from '../fakes.ts'
import { useHarness } from '../use-harness.ts'
import { now, only, type Scene, startProving } from './proving-scene.ts'

const harness = useHarness({ interceptors: [fileURLToPath(new URL('quick-timers.ts', import.meta.url))] })

/** Starts a sequence of which these batches are quarantined. */
async function startQuarantined(
  batches: BatchRange,
  { range = batches, act, also }: { range?: BatchRange; act?: Scene['act']; also?: string } = {},
) {
  const scene = await startProving(harness, range, {
    act,
    change(store: FakeStore) {
      for (let batch = batches.from; batch <= batches.to; batch += 1)
        store.quarantined.set(`batch ${batch}`, 'no proof')
      if (also !== undefined) store.quarantined.set(also, 'no proof')
      return {}
    },
  })
  const looks = () => scene.store.asked.filter((one) => one.stage === 'batch' && isPartOf(one.range, batches)).length
  /** Waits until each of them was looked at so often. */
  const untilLooked = (times: number) => vi.waitUntil(() => looks() >= times * batchCount(batches), LATER)
  return { ...scene, untilLooked }
}

test('all quarantined tasks of a workflow are looked at together', async () => {
  const { proving, untilLooked } = await startQuarantined({ from: 1, to: 12 }) // one turn at the stores takes as many
  await untilLooked(4)
  const { events } = await proving.fetchHistory()
  expect(events?.filter((one) => one.timerFiredEventAttributes)).toHaveLength(3)
  const fired = events?.findIndex((one) => one.timerFiredEventAttributes) ?? 0
  const last = events?.findLastIndex((one) => one.timerFiredEventAttributes) ?? 0
  expect((last - fired) / 2).toBeLessThanOrEqual(11) // a look takes as many for one task as for all
})

test('a lifted quarantine is noticed though nobody says so', async () => {
  const { begun, result, store, untilLooked } = await startQuarantined({ from: 1, to: 3 })
  await untilLooked(2)
  store.quarantined.delete('batch 2')
  await vi.waitUntil(() => begun.includes('batch 2'), SOON)
  store.quarantined.clear()
  await result
  expect(begun).toHaveLength(6)
})

test('a task that is quarantined later doesn’t wait as long as those before it, which are looked at with it', async () => {
  const made = gate()
  const { proving, store, untilLooked } = await startQuarantined(only(1), {
    range: { from: 1, to: 3 },
    act: (name) => (name === 'batch 3' ? made.passed : now),
    also: 'aggregate 2-3',
  })
  await untilLooked(4) // the next look is after eight minutes
  made.open()
  // It is asked for when its second child is there, and again when that is heard. Then it waits.
  await vi.waitUntil(() => store.asked.filter(({ stage }) => stage === 'aggregate').length === 3, SOON)
  const { events } = await proving.fetchHistory()
  expect(events?.filter((one) => one.timerCanceledEventAttributes)).toHaveLength(1)
  expect(events?.filter((one) => one.timerFiredEventAttributes)).toHaveLength(4)
})
