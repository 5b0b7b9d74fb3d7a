import { expect, test } from 'vitest'
import { percentile } from '../../../../bench/load/scheduling/percentile.ts'

test.each([
  [[5], 0.5, 5],
  [[3, 1, 2], 0.5, 2],
  [[4, 1, 2, 100], 0.5, 3],
  [[1, 2, 3, 4, 5], 0, 1],
  [[1, 2, 3, 4, 5], 1, 5],
  [[0, 10], 0.9, 9],
  [Array.from({ length: 101 }, (_, i) => 100 - i), 0.99, 99],
])('of %j, part %d: %d', (numbers, part, expected) => {
  expect(percentile(numbers, part)).toBeCloseTo(expected)
})

test('no numbers have none', () => {
  expect(() => percentile([], 0.5)).toThrow(RangeError)
})
