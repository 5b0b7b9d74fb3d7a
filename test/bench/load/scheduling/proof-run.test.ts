import { expect, test } from 'vitest'
import { type SlotTime, slotTime } from '../../../../bench/load/scheduling/idle.ts'
import { nextStarts, onceBegun, type ProofRun, startsOnFreeSlots } from '../../../../bench/load/scheduling/proof-run.ts'

/** Makes a run of its moments: ready, scheduled, started, reported. */
const run = (moments: [number, number, number, number], provingMs = 0, sequence = 'a'): ProofRun => {
  const [readyAt, scheduledAt, startedAt, reportedAt] = moments
  return { stage: 'batch', sequence, readyAt, scheduledAt, startedAt, reportedAt, provingMs }
}

test('a report is followed by the next start on the slot that it left', () => {
  const runs = [run([0, 0, 1, 10]), run([0, 0, 2, 12]), run([0, 0, 15, 20]), run([0, 0, 16, 30])]
  expect(nextStarts(runs)).toEqual([5, 4]) // the first two slots were new
})

test('a start that was not ready at the report says nothing, and takes the slot', () => {
  const runs = [run([0, 0, 1, 10]), run([0, 0, 2, 12]), run([11, 12, 15, 20]), run([0, 0, 16, 30])]
  expect(nextStarts(runs)).toEqual([4])
})

test('what goes before the first proof of a sequence is left out, and nothing else', () => {
  const runs = [
    run([0, 7, 8, 9], 0, 'a'),
    run([0, 20, 21, 22], 0, 'a'),
    run([0, 5, 6, 7], 0, 'b'),
    run([9, 9, 9, 9], 0, 'a'),
  ]
  expect(onceBegun(runs).map(({ readyAt }) => readyAt)).toEqual([7, 7, 5, 9])
})

test('only what was ready while a slot was free says how long a start takes', () => {
  const runs = [run([0, 1, 4, 10]), run([0, 1, 10, 20]), run([5, 6, 20, 30])]
  expect(startsOnFreeSlots(runs, 1)).toEqual([])
  expect(startsOnFreeSlots(runs, 2)).toEqual([4, 10])
  expect(startsOnFreeSlots(runs, 3)).toEqual([4, 10, 15])
})

const none: SlotTime = { proving: 0, around: 0, dispatch: 0, preparation: 0, asking: 0, graph: 0 }

test.each<[string, ProofRun[], number, Partial<SlotTime>]>([
  ['proving, and what is around it', [run([0, 0, 0, 100], 90)], 1, { proving: 90, around: 10 }],
  ['a task that waits in the queue', [run([0, 0, 40, 100], 60)], 1, { dispatch: 40, proving: 60 }],
  ["a sequence that isn't begun", [run([0, 30, 30, 100], 70)], 1, { preparation: 30, proving: 70 }],
  [
    'a proof that nobody asked for, though its sequence was begun',
    [run([0, 0, 0, 50], 50), run([50, 60, 60, 100], 40)],
    1,
    { asking: 10, proving: 90 },
  ],
  ['nothing to do', [run([0, 0, 0, 50], 50)], 1, { proving: 50, graph: 50 }],
  [
    'the queue comes before what could be asked for',
    [run([0, 0, 10, 100], 90), run([0, 100, 100, 100], 0)],
    1,
    { dispatch: 10, proving: 90 },
  ],
  [
    'slots are counted each',
    [run([0, 20, 20, 100], 80), run([0, 20, 20, 100], 80)],
    3,
    { preparation: 40, proving: 160, graph: 100 },
  ],
  ['what lies outside is left out', [run([-50, -50, -50, 50], 100)], 1, { proving: 50, graph: 50 }],
])('slot time: %s', (_, runs, slots, expected) => {
  const time = slotTime(runs, { slots, from: 0, to: 100 })
  expect(time).toEqual({ ...none, ...expected })
  expect(Object.values(time).reduce((sum, ms) => sum + ms, 0)).toBe(100 * slots)
})
