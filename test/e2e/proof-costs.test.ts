import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Bed, openBed } from '../../bench/load/bed.ts'
import { runLoad } from '../../bench/load/run-load.ts'
import { REMOTE_ACTIVITIES } from '../support/proof-costs.ts'
import { bundleWorkflows } from '../workflows/harness.ts'
import { replaysAllOf } from './replays-all.ts'

// What proving costs in events and activities is counted on the real processes. `npm run bench -- stress` measures
// times.

/** The costs as they are now: who makes it less lowers these, and who needs more says why. */
const COSTS = {
  remoteActivities: REMOTE_ACTIVITIES,
  /** Three of each activity, and three of each workflow task; those of several activities are often one. */
  events: { ofProof: 12, ofSequence: 60 },
}

const SIZES = [9, 3]
const PROOFS = 2 * (9 + 3)
const CONFIRMATIONS = 20

let bed: Bed
beforeAll(async () => {
  bed = await openBed({ confirmations: CONFIRMATIONS })
  await bed.startProvers({ processes: 1, slots: 4, times: { batch: 20, aggregate: 1, final: 1 } })
})
afterAll(() => bed.close())

test('a proof costs no more events and activities than are written down', async () => {
  const { runs, histories } = await runLoad(bed, { sizes: SIZES, confirmations: CONFIRMATIONS, probes: false })
  expect(runs).toHaveLength(PROOFS)
  const { events, remoteActivities } = histories.proving
  const most = ({ ofProof, ofSequence }: { ofProof: number; ofSequence: number }) =>
    ofProof * PROOFS + ofSequence * SIZES.length
  expect(remoteActivities).toBeGreaterThanOrEqual(PROOFS) // the provers' own are among them
  expect(remoteActivities).toBeLessThanOrEqual(most(COSTS.remoteActivities))
  expect(events).toBeLessThanOrEqual(most(COSTS.events))
})

test('what any workflow did, its code would do again', async () => {
  await replaysAllOf(bed.temporal, await bundleWorkflows())
})
