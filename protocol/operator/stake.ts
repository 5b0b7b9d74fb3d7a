import { coins } from '../base/units.ts'
import { type StakeOnChain, stakeMove, whyStakeWaits } from '../sender/fates.ts'
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

/**
 * Validates a request about stake.
 * @throws Error that says which part is wrong.
 */
export function checkStakeRequest({ who, rollup, toWei }: StakeRequest): void {
  if (!who?.trim()) throw new Error('A request about stake must say who asks: set `who`.')
  if (!rollup?.trim()) throw new Error('A request about stake must name a rollup: set `rollup`.')
  if (!/^\d{1,30}$/.test(toWei ?? ''))
    throw new Error('A request about stake must say how much it is to be: set `toWei` to whole wei.')
}

/** Says what a request comes to, after a fresh look. */
export function answerStake(toWei: string, atHead: StakeOnChain): AdminAnswer {
  const move = stakeMove(toWei, atHead)
  if (move === null) return { isDone: true, answer: `Nothing to do: the stake is ${coins(toWei)}.` }
  const what = `${move.kind === 'deposit' ? 'Deposits' : 'Withdraws'} ${coins(move.wei)}: the stake is ${coins(atHead.stakeWei)}, ${coins(toWei)} is asked for.`
  const why = whyStakeWaits(move, atHead)
  // What open commitments lock comes free by itself; coins don't.
  if (why !== null && move.kind === 'deposit') return { isDone: false, answer: `Nothing is sent: ${why}.` }
  return { isDone: true, answer: why === null ? what : `${what} It waits: ${why}.` }
}
