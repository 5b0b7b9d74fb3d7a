import { expect, test } from 'vitest'
import { ownInRound } from '../../../protocol/sequence/view.ts'

const own = { roundStartBlock: 10, isProved: false }

test.each([
  ['of the round that is known', { own, round: { startBlock: 10 } }, own],
  ['of an older round', { own, round: { startBlock: 11 } }, null],
  ['of a round that a reorg took away', { own, round: null }, null],
  ['none', { own: null, round: { startBlock: 10 } }, null],
])('our commitment, %s', (_, onChain, expected) => {
  expect(ownInRound(onChain)).toBe(expected)
})
