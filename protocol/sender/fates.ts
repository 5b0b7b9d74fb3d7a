import { type Budget, describeLiabilities, needOf, sumOf } from '../base/budget.ts'
import { formatRange } from '../base/ranges.ts'
import { coins } from '../base/units.ts'
import { firstProveBlock, windowPhase } from '../base/windows.ts'
import { isWorthClaiming } from '../sequence/next-step.ts'
import { spentText } from '../sequence/spent-proof.ts'
import type { OnChain, OwnCommitment } from '../sequence/view.ts'
import { ownInRound } from '../sequence/view.ts'
import { isUrgent } from './fees.ts'
import { isProof, type SequenceIntent, type StakeIntent } from './intent.ts'

/**
 * What has become of an intent, told from the contract's state and never from a receipt.
 * - `wanted`: its effect doesn't stand, a transaction could bring it about.
 * - `done`: its effect stands at the head, or on a final block too.
 * - `held`: no transaction of it can succeed now, one may later.
 * - `harmful`: what is out of it would cost us a penalty or a fine if it landed now: its nonce goes to others at once.
 * - `unjudged`: a failure keeps us from telling; nothing of it is begun, what is out is seen through.
 * - `hopeless`: no transaction of it can succeed any more; the sequence must decide anew.
 */
export type IntentFate =
  | { kind: 'wanted' }
  | { kind: 'done'; isFinal: boolean }
  | { kind: 'held' | 'harmful' | 'unjudged' | 'hopeless'; why: string }

/** Both states of the intent's sequence, and the numbers of their blocks. */
export interface IntentLook {
  head: number
  /** Null while it isn't known, and `atFinal` with it. */
  final: number | null
  atHead: OnChain
  /** Null while it isn't known: then nothing is final. */
  atFinal: OnChain | null
  isContractPaused: boolean
  /** Rewards that are credited to us and not paid out, wei, for a claim; null as `atFinal`. */
  unpaidWei?: { atHead: bigint; atFinal: bigint | null }
  /** The last batch that is verified when a transaction of the intent runs; for a proof. */
  lastVerifiedBatch?: number
  /** Block in which the proof ran in this round without being accepted (2023); for a proof. */
  spentProofBlock?: number | null
}

/** Judges the fate of an intent for inclusion in the block after the head. */
export function judgeIntent(intent: SequenceIntent, look: IntentLook): IntentFate {
  const { atHead: unpaid = 0n, atFinal: unpaidAtFinal = 0n } = look.unpaidWei ?? {}
  if (stands(intent, look.atHead, { number: look.head, unpaid })) {
    const { atFinal, final: number } = look
    const isKnown = number !== null && atFinal !== null && unpaidAtFinal !== null
    return { kind: 'done', isFinal: isKnown && stands(intent, atFinal, { number, unpaid: unpaidAtFinal }) }
  }
  const why = whyHopeless(intent, look.atHead, look.head) ?? whySpent(intent, look)
  if (why !== null) return { kind: 'hopeless', why }
  const held = whyHeld(intent, look)
  return held === null ? { kind: 'wanted' } : { kind: 'held', why: held }
}

function whyHeld(intent: SequenceIntent, look: IntentLook): string | null {
  const { head, isContractPaused, lastVerifiedBatch = Number.POSITIVE_INFINITY } = look
  // Our contract settles and pays during its emergency, too.
  if (isContractPaused && intent.step !== 'claim') return 'the contract is in its emergency pause'
  if (!isProof(intent)) return null
  // A contract of 2023 may have got a longer T1 in mid-round, and it refuses late proofs in it, too.
  const first = look.atHead.round === null ? 0 : firstProveBlock(look.atHead.round)
  if (head + 1 < first) return `T1: proofs open at block ${first}`
  // Tried in vain it would be tried ever more rarely, and not in the few blocks that a reorg may leave it in the end.
  if (lastVerifiedBatch >= intent.from - 1) return null
  // Those before it may land in the same block, and a try costs gas alone.
  if (isUrgent(intent.lastBlock, head)) return null
  return `batches ${formatRange({ from: lastVerifiedBatch + 1, to: intent.from - 1 })} come first`
}

/** Tells whether what the intent is for stands after block `number`, in a round that still counts in the next. */
function stands(
  intent: SequenceIntent,
  onChain: OnChain,
  { number, unpaid }: { number: number; unpaid: bigint },
): boolean {
  const own = ownInLiveRound(onChain, number)
  if (intent.step === 'claim') return onChain.own !== null && !isWorthClaiming(onChain.own, unpaid)
  if (intent.step === 'commit') return own !== null && own.proofHash === intent.finalProof?.proofHash
  return own?.isProved === true
}

function whyHopeless(intent: SequenceIntent, onChain: OnChain, number: number): string | null {
  const own = ownInLiveRound(onChain, number)
  if (onChain.accInputHash === null) return 'no such sequence is posted'
  if (intent.step === 'claim') return onChain.own === null ? 'there is no commitment to settle' : null
  if (onChain.accInputHash !== intent.accInputHash) return 'other data is posted than it was made for'
  if (intent.step === 'commit') {
    if (onChain.isVerified) return 'the sequence is verified already'
    if (own !== null) return 'another hash of ours stands in the round'
    return onChain.round !== null && windowPhase(onChain.round, number + 1) === 'prove'
      ? "the round's commit window is over"
      : null
  }
  if (own === null) return 'our hash does not stand in a live round'
  return own.proofHash === intent.finalProof?.proofHash ? null : 'our hash in the round is that of another proof'
}

function whySpent(intent: SequenceIntent, { spentProofBlock = null }: IntentLook): string | null {
  return isProof(intent) && spentProofBlock !== null ? spentText(spentProofBlock) : null
}

/**
 * Gives our commitment in a round that lives. A verified one lives on for late proofs; whether it is too late for them
 * is the intent's last block.
 */
function ownInLiveRound({ own, round }: OnChain, number: number): OwnCommitment | null {
  const ofRound = ownInRound({ own, round })
  if (round === null || ofRound === null) return null
  return round.isVerified || windowPhase(round, number + 1) !== 'expired' ? ofRound : null
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

/** Gives the move that is left to make; null when the stake is as wanted. */
export function stakeMove(toWei: string, { stakeWei }: Pick<StakeOnChain, 'stakeWei'>): StakeMove | null {
  const missing = BigInt(toWei) - BigInt(stakeWei)
  if (missing === 0n) return null
  return missing > 0n ? { kind: 'deposit', wei: missing } : { kind: 'withdraw', wei: -missing }
}

/** Judges the fate of a stake's intent, as `judgeIntent` tells that of others. A shortage may end, so it waits. */
export function judgeStake(
  { toWei }: StakeIntent,
  { atHead, atFinal }: { atHead: StakeOnChain; atFinal: Pick<StakeOnChain, 'stakeWei'> | null },
): IntentFate {
  const move = stakeMove(toWei, atHead)
  if (move === null) return { kind: 'done', isFinal: atFinal !== null && stakeMove(toWei, atFinal) === null }
  const why = whyStakeWaits(move, atHead)
  return why === null ? { kind: 'wanted' } : { kind: 'held', why }
}

/** Says why a move can't be made now, for people; null when it can. */
export function whyStakeWaits(
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
