import { parseEther } from 'viem/utils'
import { describe, expect, test } from 'vitest'
import {
  answerStake,
  checkStakeRequest,
  judgeStake,
  type StakeOnChain,
  stakeMove,
} from '../../../protocol/operator/stake.ts'
import type { StakeIntent } from '../../../protocol/sender/intent.ts'

const wei = (coins: string): string => `${parseEther(coins)}`
const stake = (change: Partial<StakeOnChain> = {}): StakeOnChain => ({
  ...{ stakeWei: wei('10'), lockedWei: wei('1'), balanceWei: wei('100'), reserveWei: wei('2'), liabilities: [] },
  ...change,
})
const to = (coins: string): StakeIntent => ({
  ...{ rollup: 'pay', contract: '0xcc', step: 'stake', firstBlock: 1, lastBlock: null, toWei: wei(coins) },
})

const OWED = ['1-3', '4-6', '7'].map((batches) => ({ what: `the proof of batches ${batches} of pay`, wei: wei('1') }))

describe('a target', () => {
  test.each([
    { target: '10', kind: undefined, why: 'there already' },
    { target: '12.5', kind: 'deposit', amount: '2.5', why: 'the difference, not the target' },
    { target: '9', kind: 'withdraw', amount: '1', why: 'the difference' },
  ])('$target from 10: $why', ({ target, kind, amount }) => {
    const move = stakeMove(wei(target), stake())
    expect(move).toEqual(kind === undefined ? null : { kind, wei: parseEther(amount ?? '0') })
  })

  test.each<{ target: string; change?: Partial<StakeOnChain>; fate: object; why: string }>([
    { target: '12', fate: { kind: 'wanted' }, why: 'the balance covers it' },
    { target: '108', fate: { kind: 'wanted' }, why: 'what is left is just what a commit and its proof may cost' },
    { target: '108.1', fate: { kind: 'held' }, why: 'an owed proof could not be paid' },
    {
      target: '105',
      change: { liabilities: OWED },
      fate: { kind: 'wanted' },
      why: 'what is left pays the proofs that are owed, too',
    },
    { target: '105.1', change: { liabilities: OWED }, fate: { kind: 'held' }, why: 'they could not all be paid' },
    { target: '1', fate: { kind: 'wanted' }, why: 'all that is unlocked' },
    { target: '0', fate: { kind: 'held' }, why: 'an open commitment locks the rest' },
    { target: '0', change: { lockedWei: '0' }, fate: { kind: 'wanted' }, why: 'it is let go' },
    { target: '10', fate: { kind: 'done', isFinal: true }, why: 'it stands' },
  ])('to $target: $why', ({ target, change, fate }) => {
    expect(judgeStake(to(target), { atHead: stake(change), atFinal: stake(change) })).toMatchObject(fate)
  })

  test('stands for good once the final block has it', () => {
    expect(judgeStake(to('10'), { atHead: stake(), atFinal: stake({ stakeWei: '0' }) })).toEqual({
      kind: 'done',
      isFinal: false,
    })
    expect(judgeStake(to('10'), { atHead: stake(), atFinal: null })).toEqual({ kind: 'done', isFinal: false })
  })
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
