import { parseEther } from 'viem/utils'
import { describe, expect, test } from 'vitest'
import { answerStake, checkStakeRequest } from '../../../protocol/operator/stake.ts'
import type { StakeOnChain } from '../../../protocol/sender/fates.ts'

const wei = (coins: string): string => `${parseEther(coins)}`
const stake = (change: Partial<StakeOnChain> = {}): StakeOnChain => ({
  ...{ stakeWei: wei('10'), lockedWei: wei('1'), balanceWei: wei('100'), reserveWei: wei('2'), liabilities: [] },
  ...change,
})

describe('the answer', () => {
  test.each([
    { target: '10', isDone: true, answer: 'Nothing to do: the stake is 10.' },
    { target: '12', isDone: true, answer: 'Deposits 2: the stake is 10, 12 is asked for.' },
    { target: '9', isDone: true, answer: 'Withdraws 1: the stake is 10, 9 is asked for.' },
    {
      target: '0',
      isDone: true,
      answer:
        'Withdraws 10: the stake is 10, 0 is asked for. It waits: open commitments lock 1, so 9 of 10 can be withdrawn.',
    },
    {
      target: '200',
      isDone: false,
      answer: 'Nothing is sent: the balance is 100, a deposit of 190 must leave 2 for a commit and its proof.',
    },
  ])('to $target', ({ target, ...answer }) => expect(answerStake(wei(target), stake())).toEqual(answer))
})

test.each([
  { request: { who: ' ', rollup: 'pay', toWei: '1' }, why: 'who' },
  { request: { who: 'ann', rollup: '', toWei: '1' }, why: 'rollup' },
  { request: { who: 'ann', rollup: 'pay', toWei: '-1' }, why: 'toWei' },
  { request: { who: 'ann', rollup: 'pay', toWei: '1.5' }, why: 'toWei' },
])('a request without $why is refused', ({ request, why }) => {
  expect(() => checkStakeRequest(request)).toThrow(why)
})
