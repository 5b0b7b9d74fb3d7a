/** Facts that are known of intents, to vary: a hash of batches 4-6, one behind it, a proof, a claim and a stake. */
import { expect } from 'vitest'
import type { IntentFate, IntentLook } from '../../../protocol/sender/fates.ts'
import { type Intent, intentId, type SequenceIntent, type StakeIntent } from '../../../protocol/sender/intent.ts'
import { type AccountFacts, type GateFacts, type IntentFacts, judgeIntents } from '../../../protocol/sender/judge.ts'
import type { UnfinalAttempt } from '../../../protocol/sender/view.ts'
import type { OnChain, OwnCommitment } from '../../../protocol/sequence/view.ts'
import { ROUND, view } from '../sequence/views.ts'
import { finalProof, intent, row } from './views.ts'

export const HEAD = 99
export const wanted: IntentFate = { kind: 'wanted' }

export const commit = intent('commit', { from: 4, to: 6 })
export const next = intent('commit', { from: 7, to: 7 })
export const proof = intent('prove', { from: 1, to: 3 })
export const claim = intent('claim')
export const stake: StakeIntent = {
  ...{ rollup: 'pay', contract: '0xcc', firstBlock: 1, lastBlock: null },
  step: 'stake',
  toWei: '5',
}

export const OWN: OwnCommitment = {
  ...{ proofHash: finalProof('01')?.proofHash ?? '0x', roundStartBlock: 100 },
  isProved: false,
  isSettled: false,
  rewardWei: '7',
}

export const heldBecause = (part: string) => ({ kind: 'held', why: expect.stringContaining(part) })

export const account = (change: Partial<AccountFacts> = {}): AccountFacts => ({
  ...{ head: HEAD, nonceAtHead: 3, attempts: [] },
  ...change,
})

/** Judges facts, and gives the fates in their order. */
export function judged(facts: IntentFacts[], change: Partial<AccountFacts> = {}): IntentFate[] {
  const fates = judgeIntents(facts, account(change))
  return facts.flatMap(({ intent: one }) => fates[intentId(one)] ?? [])
}

export function stored(what: Intent): UnfinalAttempt {
  return row({ intent: what, sentAtBlock: null })
}

/** Makes a look in which our hash by default stands in the round of block 100. */
export function look({ own = OWN }: { own?: OwnCommitment | null } = {}): IntentLook {
  const atHead: OnChain = { accInputHash: intent('prove').accInputHash, isVerified: false, round: own && ROUND, own }
  return { head: HEAD, final: 90, atHead, atFinal: atHead, isContractPaused: false }
}

export function proofFacts(gate: Partial<GateFacts & { step: 'prove' }> = {}) {
  const verdict = { isAcceptedByContract: true }
  return {
    ...{ kind: 'sequence' as const, intent: proof, look: { ...look(), head: 115 } },
    gate: { step: 'prove' as const, hasStatement: true, mayBeSpent: false, verdict, ...gate },
  }
}

/** Makes facts of a claim that may cost 5. */
export function claimFacts(gate: Partial<GateFacts & { step: 'claim' }>): IntentFacts {
  return {
    ...{ kind: 'sequence', intent: claim, look: look() },
    gate: { step: 'claim', balanceWei: '100', liabilities: [], mostWei: 5n, ...gate },
  }
}

/** Makes facts of a raise from a stake of 3 to one of 5, for gas of 1; a hash with its proof takes 6. */
export function stakeFacts(change: object = {}): IntentFacts {
  const atHead = { stakeWei: '3', lockedWei: '0', balanceWei: '100', reserveWei: '6', liabilities: [], ...change }
  return { kind: 'stake', intent: stake, stake: { atHead, atFinal: { stakeWei: '3' }, mostWei: 1n } }
}

/** Makes facts of a hash that takes 9 with its proof, of an account that has 9. */
export function hashFacts(of: SequenceIntent, change: Parameters<typeof view>[0] = {}): IntentFacts {
  return { kind: 'sequence', intent: of, look: look({ own: null }), gate: { step: 'commit', view: view(change) } }
}

export const funds = (balanceWei: string) => ({ funds: { balanceWei } })
