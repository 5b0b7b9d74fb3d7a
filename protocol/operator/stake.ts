import { type Budget, describeLiabilities, needOf, sumOf } from '../base/budget.ts'
import { coins } from '../base/units.ts'
import type { IntentFate } from '../sender/fates.ts'
import type { StakeIntent } from '../sender/intent.ts'
import type { AdminAnswer } from './requests.ts'

/**
 * Stake by target: an intent says how much there is to be, never how much to add, so that asking twice, a retry and a
 * reorg never move it twice.
 */

/** How much stake the account is to have in a rollup's contract. */
export interface StakeRequest {
  who: string
  rollup: string
  /** Stake that is wanted, locked part included, wei as a decimal string. */
  toWei: string
}

/** What asking for a stake comes to. */
export interface OpenedStake {
  answer: AdminAnswer
  /** What is to be sent, now or when it can be; null when there is nothing to send. */
  intent: StakeIntent | null
}

/** A miner's stake and balance in one block's state, wei as decimal strings. */
export interface StakeOnChain extends Budget {
  stakeWei: string
  /** Part of the stake that open commitments hold. */
  lockedWei: string
}

/** What brings the stake to its target. */
export interface StakeMove {
  kind: 'deposit' | 'withdraw'
  wei: bigint
}

/**
 * Validator of a request about stake.
 * @throws Error that says which part is wrong.
 */
export function checkStakeRequest({ who, rollup, toWei }: StakeRequest): void {
  if (!who?.trim()) throw new Error('A request about stake must say who asks: set `who`.')
  if (!rollup?.trim()) throw new Error('A request about stake must name a rollup: set `rollup`.')
  if (!/^\d{1,30}$/.test(toWei ?? ''))
    throw new Error('A request about stake must say how much it is to be: set `toWei` to whole wei.')
}

/** The move that is left to make; null when the stake is as wanted. */
export function stakeMove(toWei: string, { stakeWei }: Pick<StakeOnChain, 'stakeWei'>): StakeMove | null {
  const missing = BigInt(toWei) - BigInt(stakeWei)
  if (missing === 0n) return null
  return missing > 0n ? { kind: 'deposit', wei: missing } : { kind: 'withdraw', wei: -missing }
}

/** The fate of a stake's intent, as `judgeIntent` tells that of others. A shortage may end, so it waits. */
export function judgeStake(
  { toWei }: StakeIntent,
  { atHead, atFinal }: { atHead: StakeOnChain; atFinal: Pick<StakeOnChain, 'stakeWei'> | null },
): IntentFate {
  const move = stakeMove(toWei, atHead)
  if (move === null) return { kind: 'done', isFinal: atFinal !== null && stakeMove(toWei, atFinal) === null }
  const why = whyNotMove(move, atHead)
  return why === null ? { kind: 'wanted' } : { kind: 'held', why }
}

/** What a request comes to, after a fresh look. */
export function answerStake(toWei: string, atHead: StakeOnChain): AdminAnswer {
  const move = stakeMove(toWei, atHead)
  if (move === null) return { isDone: true, answer: `Nothing to do: the stake is ${coins(toWei)}.` }
  const what = `${move.kind === 'deposit' ? 'Deposits' : 'Withdraws'} ${coins(move.wei)}: the stake is ${coins(atHead.stakeWei)}, ${coins(toWei)} is asked for.`
  const why = whyNotMove(move, atHead)
  // What open commitments lock comes free by itself; coins don't.
  if (why !== null && move.kind === 'deposit') return { isDone: false, answer: `Nothing is sent: ${why}.` }
  return { isDone: true, answer: why === null ? what : `${what} It waits: ${why}.` }
}

function whyNotMove(
  { kind, wei }: StakeMove,
  { stakeWei, lockedWei, balanceWei, ...budget }: StakeOnChain,
): string | null {
  if (kind === 'deposit') {
    // A deposit that leaves too little for the proof of a hash that is out would cost the penalty.
    const need = needOf(budget)
    if (BigInt(balanceWei) >= wei + sumOf(need)) return null
    return `the balance is ${coins(balanceWei)}, a deposit of ${coins(wei)} must leave ${describeLiabilities(need)}`
  }
  const unlocked = BigInt(stakeWei) - BigInt(lockedWei)
  if (unlocked >= wei) return null
  return `open commitments lock ${coins(lockedWei)}, so ${coins(unlocked)} of ${coins(wei)} can be withdrawn`
}
