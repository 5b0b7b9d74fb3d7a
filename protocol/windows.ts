/**
 * The windows of the two-step rule. The only place where block arithmetic about rounds is written.
 * R is the block of a round's first proof hash. Hashes are accepted in [R, R+T1], proofs in (R+T1, R+T1+T2].
 * The contracts of 2023 accept a proof in block R+T1 too; this stricter reading is valid for both.
 */

/** A round as it stands on chain. */
export interface Round {
  /** R: block of the first proof hash of this round. */
  startBlock: number
  /** T1 of this round, in blocks. */
  commitBlocks: number
  /** T2 of this round, in blocks. */
  proveBlocks: number
}

/** Where a block lies in a round. */
export type WindowPhase = 'commit' | 'prove' | 'expired'

/** Last block that accepts a proof hash: R+T1. */
export const lastCommitBlock = (round: Round): number => round.startBlock + round.commitBlocks

/** First block that accepts a proof: R+T1+1. */
export const firstProveBlock = (round: Round): number => lastCommitBlock(round) + 1

/** Last block that accepts a proof: R+T1+T2. The next block may open a new round. */
export const lastProveBlock = (round: Round): number => lastCommitBlock(round) + round.proveBlocks

/** The phase of a transaction that is included in `block`; `block` is not before R. */
export function windowPhase(round: Round, block: number): WindowPhase {
  if (block <= lastCommitBlock(round)) return 'commit'
  return block <= lastProveBlock(round) ? 'prove' : 'expired'
}

/** Blocks from the one after `head` up to and including `lastBlock`; never negative. */
export const blocksLeft = (head: number, lastBlock: number): number => Math.max(0, lastBlock - head)
