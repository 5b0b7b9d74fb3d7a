import { expect, test, vi } from 'vitest'
import { SOON } from '../../support/patience.ts'
import { type FakeStore, hash } from '../fakes.ts'
import { useHarness } from '../use-harness.ts'
import { startProving } from './proving-scene.ts'

// The proofs of a workflow ask the stores together.

const harness = useHarness()

test('a proof and what it makes possible are one activity, and nothing is asked twice', async () => {
  const { proving, result, store } = await startProving(harness, { from: 1, to: 5 })
  await result
  const asked = store.asked.map(
    ({ stage, range, children }) => `${stage} ${range.from}-${range.to} of ${children.length}`,
  )
  expect(asked.filter((one, i) => asked.indexOf(one) !== i)).toEqual([])
  expect(asked).toHaveLength(1 + 10) // it asks whether there is a final proof already, and for the proofs
  const { events } = await proving.fetchHistory()
  const types = (events ?? []).flatMap(
    ({ activityTaskScheduledEventAttributes: task }) => task?.activityType?.name ?? [],
  )
  expect(types.filter((type) => type === 'openTask')).toHaveLength(1) // it is that first one
  expect(types).not.toContain('acceptProof')
  expect(types.filter((type) => type === 'acceptAndOpen').length).toBeLessThanOrEqual(1 + 10)
})

test('what fails for one proof doesn’t hold up the others', async () => {
  let isAway = true
  const change = (store: FakeStore): Partial<FakeStore> => ({
    openTask: async (request) => {
      if (isAway && request.stage === 'batch' && request.range.from === 2) throw new Error('its row can’t be read')
      return store.openTask(request)
    },
    acceptProof: async (reported) => {
      if (isAway && reported.request.range.from === 4) throw new Error('its bytes can’t be read')
      return store.acceptProof(reported)
    },
  })
  const { begun, result, store } = await startProving(harness, { from: 1, to: 6 }, { change })
  await vi.waitUntil(() => begun.includes('aggregate 5-6'), SOON)
  await vi.waitUntil(() => [...store.proofs.keys()].some((proof) => proof.startsWith('batch 3')), SOON)
  isAway = false
  await result
  expect(begun.toSorted()).toEqual([...new Set(begun)].toSorted())
})

test('a join is made of the proofs that stand, which others may have made', async () => {
  const standing = { sha256: hash(77), size: 16_384 }
  const change = (store: FakeStore): Partial<FakeStore> => ({
    acceptProof: async (reported) => {
      const verdict = await store.acceptProof(reported)
      if (reported.request.stage !== 'batch' || reported.request.range.from !== 1) return verdict
      return { status: 'verified', proof: standing }
    },
  })
  const { begun, result, tasks } = await startProving(harness, { from: 1, to: 2 }, { change })
  await result
  expect(tasks[begun.indexOf('aggregate 1-2')]?.children).toEqual([standing, { sha256: hash(2_002), size: 16_384 }])
})

test('a join isn’t begun with a proof that was refused', async () => {
  const change = (store: FakeStore): Partial<FakeStore> => {
    let refusals = 1
    return {
      acceptProof: async (reported) =>
        reported.request.range.to === 2 && refusals-- > 0
          ? { status: 'refused', reason: 'it does not verify' }
          : store.acceptProof(reported),
    }
  }
  const { begun, result } = await startProving(harness, { from: 1, to: 2 }, { change })
  await result
  expect(begun.toSorted()).toEqual(['aggregate 1-2', 'batch 1', 'batch 2', 'batch 2', 'final 1-2'])
  expect(begun.indexOf('aggregate 1-2')).toBeGreaterThan(begun.lastIndexOf('batch 2'))
})
