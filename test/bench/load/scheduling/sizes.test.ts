import { expect, test } from 'vitest'
import { mixedSizes } from '../../../../bench/load/scheduling/sizes.ts'

test.each([
  [566, 20],
  [2_000, 20],
  [24, 4],
  [5, 5],
  [7, 1],
  [1_000, 999],
])('%d batches are all in %d sequences, none of which is empty', (batches, sequences) => {
  const sizes = mixedSizes(batches, sequences)
  expect(sizes).toHaveLength(sequences)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(batches)
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(1)
})

test('small and large sequences follow each other', () => {
  const sizes = mixedSizes(566, 20)
  expect(Math.min(...sizes)).toBeLessThanOrEqual(2)
  expect(Math.max(...sizes)).toBeGreaterThan(80) // it is more than one history takes
  const turns = sizes.filter(
    (size, i) => i > 1 && size > (sizes[i - 1] ?? 0) !== (sizes[i - 1] ?? 0) > (sizes[i - 2] ?? 0),
  )
  expect(turns.length).toBeGreaterThan(9)
})

test('more sequences than batches are refused', () => {
  expect(() => mixedSizes(3, 4)).toThrow('4 sequences need as many batches, got 3.')
})
