import { expect, test, vi } from 'vitest'
import { batchCount } from '../../../protocol/base/ranges.ts'
import { LATER } from '../../support/patience.ts'
import { REMOTE_ACTIVITIES } from '../../support/proof-costs.ts'
import { startProving } from '../operator/admin-scene.ts'
import { useHarness } from '../use-harness.ts'

const harness = useHarness()

/**
 * What a proof may cost, on average over a sequence's, with what is once a sequence: two activities and two workflow
 * tasks, of three events each. Proofs that come in together share them, and it was 7.3 where this was written.
 */
const MOST_EVENTS_A_PROOF = 13

test.each([1, 10])(
  'a proof takes no more events and tasks of the server than these, with %i provers',
  async (concurrency) => {
    const range = { from: 1, to: 32 }
    const scene = await startProving(harness, { range, concurrency, act: async () => {} })
    await vi.waitUntil(() => scene.store.isFinal(), LATER)
    await vi.waitUntil(async () => (await scene.proving.describe()).status.name === 'COMPLETED', LATER)
    const proofs = 2 * batchCount(range)
    expect(scene.prover.begun).toHaveLength(proofs)
    const { events } = await scene.proving.fetchHistory()
    const tasks = (events ?? []).flatMap(
      ({ activityTaskScheduledEventAttributes: task }) => task?.activityType?.name ?? [],
    )
    expect(tasks.length).toBeLessThanOrEqual(REMOTE_ACTIVITIES.ofProof * proofs + REMOTE_ACTIVITIES.ofSequence)
    expect((events ?? []).length / proofs).toBeLessThanOrEqual(MOST_EVENTS_A_PROOF)
  },
)
