import { expect, test } from 'vitest'
import {
  batchCount,
  formatRange,
  initNumBatch,
  isPartOf,
  isSameAddress,
  isSameRange,
} from '../../../protocol/base/ranges.ts'

test.each([
  ['0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266', '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266', true],
  ['0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266', '0xF39FD6E51AAD88F6F4CE6AB8827279CFFFB92266', true],
  ['0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266', '0x70997970c51812dc3a010c7d01b50e0d17dc79c8', false],
  [null, '0x70997970c51812dc3a010c7d01b50e0d17dc79c8', false],
  [undefined, '0x70997970c51812dc3a010c7d01b50e0d17dc79c8', false],
])('%s and %s are the same account: %s', (a, b, isSame) => {
  expect(isSameAddress(a, b)).toBe(isSame)
})

test.each([
  [
    { from: 1, to: 1 },
    { before: 0, count: 1, text: '1' },
  ],
  [
    { from: 4, to: 6 },
    { before: 3, count: 3, text: '4-6' },
  ],
])('batches %o', (range, { before, count, text }) => {
  expect([initNumBatch(range), batchCount(range), formatRange(range)]).toEqual([before, count, text])
})

test.each([
  [{ from: 4, to: 6 }, true],
  [{ from: 5, to: 5 }, true],
  [{ from: 3, to: 5 }, false],
  [{ from: 5, to: 7 }, false],
  [{ from: 7, to: 9 }, false],
])('%o is a part of batches 4-6: %s', (part, isPart) => expect(isPartOf(part, { from: 4, to: 6 })).toBe(isPart))

test.each([
  [{ from: 4, to: 6 }, true],
  [{ from: 4, to: 5 }, false],
  [{ from: 5, to: 6 }, false],
])('%o has the ends of batches 4-6: %s', (range, isSame) => expect(isSameRange(range, { from: 4, to: 6 })).toBe(isSame))
