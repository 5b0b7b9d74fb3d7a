import type { Address, BatchRange, Hex } from '../../protocol/base/ranges.ts'
import { type Round, windowPhase } from '../../protocol/base/windows.ts'
import type { MinerFunds, OnChain, Predecessor, SequenceView } from '../../protocol/sequence/view.ts'
import { ownInRound } from '../../protocol/sequence/view.ts'
import type { BlockRef } from '../endpoints/endpoints.ts'
import type { Terms } from './read-funds.ts'
import type { OnChainWithPenalty } from './read-on-chain.ts'
import type { PostedSequence } from './read-rollup.ts'

/**
 * What the chain knows for a `SequenceView`, all of it at `head` or `final`. The stores and the configuration add the
 * rest.
 */
export interface SequenceOnChain
  extends Pick<
    SequenceView,
    'head' | 'atHead' | 'atFinal' | 'sequencedAtBlock' | 'isContractPaused' | 'nextRound' | 'hasClaims' | 'blockShift'
  > {
  funds: Omit<MinerFunds, 'liabilities'>
  /** Null while it isn't known. */
  final: BlockRef | null
  /** Unverified ones, lowest first. */
  predecessors: PredecessorOnChain[]
  /**
   * Other verified sequences above the asked floor in whose round our hash stands unproved, in time for a late proof;
   * lowest first.
   */
  owedLate: OwedLateProof[]
}

/** An unverified sequence before the asked one. */
export interface PredecessorOnChain extends PostedSequence, Omit<Predecessor, 'isOwnProofStored'> {
  /** What our hash in its live round commits to; null when there is none. */
  proofHash: Hex | null
}

/** A verified sequence for which our late proof would be accepted in the next block. */
export interface OwedLateProof extends PostedSequence {
  /** What our hash there commits to. */
  proofHash: Hex
  atHead: OnChain
}

/** What is asked. */
export interface SequenceQuestion {
  contract: Address
  range: BatchRange
  miner: Address
  /** Size of the final proof in bytes: what sending it may cost depends on it. */
  finalProofBytes: number
  /** Block of the contract's deployment. @default 0 */
  deployedAtBlock?: number
  /** Verified sequences up to this batch are of no interest. @default all are */
  floor?: number
}

/** Drops what only the reads need. */
export const withoutPenalty = ({ accInputHash, isVerified, round, own }: OnChainWithPenalty) => ({
  accInputHash,
  isVerified,
  round,
  own,
})

/**
 * Gives a posted predecessor the round in which our hash stands, if a transaction in the next block still finds it
 * alive.
 */
export function toPredecessor(
  posted: PostedSequence,
  { round, own }: OnChainWithPenalty,
  head: BlockRef,
): PredecessorOnChain {
  const ofRound = ownInRound({ own, round })
  if (round === null || ofRound === null || windowPhase(round, head.number + 1) === 'expired')
    return { ...posted, ownLiveRound: null, proofHash: null }
  return { ...posted, ownLiveRound: toRound(round), proofHash: ofRound.proofHash }
}

/** Gives stake and balance; a hash that joins an open round locks that round's penalty. */
export function toFunds(
  terms: Terms,
  { round, penaltyWei }: OnChainWithPenalty,
  head: BlockRef,
  reserveWei: bigint,
): SequenceOnChain['funds'] {
  const joins = round !== null && !round.isVerified && windowPhase(round, head.number + 1) === 'commit'
  return {
    stakeWei: `${terms.stakeWei}`,
    lockedWei: `${terms.lockedWei}`,
    minStakeWei: `${terms.minStakeWei}`,
    penaltyWei: `${joins && penaltyWei !== null ? penaltyWei : terms.penaltyWei}`,
    balanceWei: `${terms.balanceWei}`,
    reserveWei: `${reserveWei}`,
    ...(terms.claimableWei !== null && { claimableWei: `${terms.claimableWei}` }),
  }
}

const toRound = ({ startBlock, commitBlocks, proveBlocks }: Round): Round => ({ startBlock, commitBlocks, proveBlocks })
