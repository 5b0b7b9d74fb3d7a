import { expect, test } from 'vitest'
import { describeLiabilities, needOf, shortOf, sumOf } from '../../../protocol/base/budget.ts'

const OWED = { what: 'the proof of batches 1-3 of pay', wei: '400000000000000000' }
const RESERVE = { what: 'a commit and its proof', wei: '900000000000000000' }

test('a new hash needs its own commit and proof, and all that is owed besides', () => {
  expect(needOf({ reserveWei: RESERVE.wei, liabilities: [OWED] })).toEqual([RESERVE, OWED])
  expect(needOf({ reserveWei: RESERVE.wei, liabilities: [] })).toEqual([RESERVE])
})

test('sums are exact however large, and nothing is 0', () => {
  expect(sumOf([])).toBe(0n)
  expect(sumOf([OWED, RESERVE, { what: 'more than a double counts', wei: `${2n ** 80n + 1n}` }])).toBe(
    1_300_000_000_000_000_000n + 2n ** 80n + 1n,
  )
})

test('liabilities are named one after another, in coins', () => {
  expect(describeLiabilities([RESERVE, OWED])).toBe(
    '0.9 for a commit and its proof, 0.4 for the proof of batches 1-3 of pay',
  )
})

test.each([
  { balance: '1300000000000000000', liabilities: [RESERVE, OWED], says: null, why: 'exactly enough' },
  { balance: '0', liabilities: [], says: null, why: 'nothing is owed' },
  {
    balance: '1299999999999999999',
    liabilities: [RESERVE, OWED],
    says:
      'balance is 1.299999999999999999, at the fee cap 1.3 are needed: ' +
      '0.9 for a commit and its proof, 0.4 for the proof of batches 1-3 of pay',
    why: 'a wei is missing',
  },
])('a balance of $balance: $why', ({ balance, liabilities, says }) => {
  expect(shortOf(balance, liabilities)).toBe(says)
})
