import { expect, test } from 'vitest'
import { listSchedule } from '../../../../bench/load/scheduling/list-schedule.ts'

const times = { batch: 100, aggregate: 10, final: 1 }

test.each([
  ['one batch is proved, and proved finally', { sizes: [1], machines: 10, ms: 101 }],
  ['two batches side by side are joined', { sizes: [2], machines: 2, ms: 111 }],
  ['two batches one after the other are joined', { sizes: [2], machines: 1, ms: 211 }],
  ['four batches make a tree of two levels', { sizes: [4], machines: 4, ms: 121 }],
  ['three batches leave one that waits for the first join', { sizes: [3], machines: 3, ms: 121 }],
  ['a join goes before a batch', { sizes: [2, 1], machines: 1, ms: 312 }],
  ['sequences share machines', { sizes: [1, 1, 1, 1], machines: 2, ms: 202 }],
  ['nothing takes no time', { sizes: [], machines: 2, ms: 0 }],
])('%s', (_, { sizes, machines, ms }) => {
  expect(listSchedule(sizes, machines, times)).toBe(ms)
})

test('never takes less than the work by the machines, nor than the longest path', () => {
  const sizes = [17, 3, 40, 1]
  const work = 61 * times.batch + 57 * times.aggregate + 4 * times.final
  for (const machines of [1, 2, 5, 10, 100]) {
    const ms = listSchedule(sizes, machines, times)
    expect(ms).toBeGreaterThanOrEqual(work / machines)
    // Forty batches are joined two by two.
    expect(ms).toBeGreaterThanOrEqual(times.batch + 6 * times.aggregate + times.final)
  }
  expect(listSchedule(sizes, 1, times)).toBe(work)
})
