/**
 * The windows of the two-step rule. Block arithmetic about rounds is written only here.
 * R is the block of a round's first proof hash. Hashes are accepted in [R, R+T1], proofs in (R+T1, R+T1+T2].
 * Contracts of 2023 accept a proof in block R+T1, too. This stricter reading is valid for both.
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

/** A round of which somebody's proof may have been accepted, after which late ones count. */
export interface DecidedRound extends Round {
  isVerified: boolean
  /**
   * Last block that accepts a late proof. It is null until verified, and where the contract sets no such limit (2023).
   */
  lateProofDeadlineBlock: number | null
}

/** Where a block lies in a round. */
export type WindowPhase = 'commit' | 'prove' | 'expired'

/** Gives the last block that accepts a proof hash: R+T1. */
export const lastCommitBlock = (round: Round): number => round.startBlock + round.commitBlocks

/** Gives the first block that accepts a proof: R+T1+1. */
export const firstProveBlock = (round: Round): number => lastCommitBlock(round) + 1

/** Gives the last block that accepts a proof: R+T1+T2. The next block may open a new round. */
export const lastProveBlock = (round: Round): number => lastCommitBlock(round) + round.proveBlocks

/**
 * Gives the blocks that accept a proof of a hash in the round. There is no last one where late proofs have no deadline
 * (2023).
 */
export const proofWindow = (
  round: DecidedRound,
  { isLate }: { isLate: boolean },
): { firstBlock: number; lastBlock: number | null } => ({
  firstBlock: firstProveBlock(round),
  lastBlock: isLate ? round.lateProofDeadlineBlock : lastProveBlock(round),
})

/**
 * Gives the blocks that accept a hash from `block` on: those of the round that it joins. There is no last one where it
 * would open a new round.
 */
export const commitWindow = (
  joined: Round | null,
  block: number,
): { firstBlock: number; lastBlock: number | null } => ({
  firstBlock: block,
  lastBlock: joined === null ? null : lastCommitBlock(joined),
})

/** Gives the phase of a transaction that is included in `block`, which is not before R. */
export function windowPhase(round: Round, block: number): WindowPhase {
  if (block <= lastCommitBlock(round)) return 'commit'
  return block <= lastProveBlock(round) ? 'prove' : 'expired'
}

/** Counts the blocks from the one after `head` up to and including `lastBlock`; never negative. */
export const blocksLeft = (head: number, lastBlock: number): number => Math.max(0, lastBlock - head)
