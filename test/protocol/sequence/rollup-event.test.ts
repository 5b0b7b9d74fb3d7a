import { expect, test } from 'vitest'
import { concerns, concernsRollup, type RollupEvent } from '../../../protocol/sequence/wake-up.ts'

test.each<{ event: RollupEvent; ranges: number[]; rollup: boolean; why: string }>([
  { event: { kind: 'rules' }, ranges: [1, 2, 3], rollup: true, why: 'rules concern all' },
  {
    event: { kind: 'sequenced', numBatch: 2 },
    ranges: [2],
    rollup: true,
    why: 'a posted sequence concerns itself and the list',
  },
  {
    event: { kind: 'verified', numBatch: 2 },
    ranges: [2, 3],
    rollup: true,
    why: 'those behind it wait for a verification',
  },
  {
    event: { kind: 'committed', numBatch: 2, isOurs: true },
    ranges: [2, 3],
    rollup: false,
    why: 'those behind it wait for our hash',
  },
  {
    event: { kind: 'committed', numBatch: 2, isOurs: false },
    ranges: [2],
    rollup: false,
    why: 'nobody waits for a rival’s hash',
  },
  {
    event: { kind: 'round', numBatch: 2 },
    ranges: [2],
    rollup: false,
    why: 'what became of a round concerns its sequence alone',
  },
])('$why', ({ event, ranges, rollup }) => {
  expect([1, 2, 3].filter((batch) => concerns(event, { from: batch, to: batch }))).toEqual(ranges)
  expect(concernsRollup(event)).toBe(rollup)
})
