import type { BlobRef } from './proof-task.ts'
import type { Hex } from './sequence.ts'
import type { Round } from './windows.ts'

/** A round with what became of it. */
export interface RoundView extends Round {
  /** Somebody's proof was accepted. */
  isVerified: boolean
  /** Last block that accepts a late proof; null where the contract sets no such limit (2023). */
  lateProofDeadlineBlock: number | null
}

/** This miner's commitment on the sequence. */
export interface OwnCommitment {
  proofHash: Hex
  /** R of the round it belongs to. */
  roundStartBlock: number
  isProved: boolean
  /** Its stake is unlocked and its reward is credited; always false where the contract settles in other ways (2023). */
  isSettled: boolean
}

/** What the sequence looks like in one block's state. */
export interface OnChain {
  /** Accumulated input hash at the last batch; null when no such sequence is posted. */
  accInputHash: Hex | null
  isVerified: boolean
  round: RoundView | null
  own: OwnCommitment | null
}

/** A sequence before this one that isn't verified yet. */
export interface Predecessor {
  from: number
  to: number
  /** The live round in which our own hash stands; null when there is none. */
  ownLiveRound: Round | null
  /** Our final proof of it is in both stores. */
  isOwnProofStored: boolean
}

/** Our final proof of the sequence, for the accumulated hash that the workflow works on. */
export interface StoredFinalProof extends BlobRef {
  proofHash: Hex
  /** Both the database and the archive hold these bytes. */
  isInBothStores: boolean
  /** The contract's own verifier accepted it at the head, or null where that can't be asked without publishing it. */
  isAcceptedByContract: boolean | null
}

/** What an operator decided about the sequence or its rollup. */
export interface Holds {
  paused: string | null
  cancelled: string | null
  quarantined: string | null
}

/** Stake and balance of the miner's account, wei as decimal strings. */
export interface MinerFunds {
  stakeWei: string
  lockedWei: string
  minStakeWei: string
  penaltyWei: string
  balanceWei: string
  /** What commit and proof may cost at the fee cap. */
  reserveWei: string
}

/** The operator's limits for new commits. */
export interface CommitLimits {
  /** Blocks on top of the sequencing transaction before anything is built on it. */
  confirmations: number
  /** k: blocks that each unverified sequence is given to be proved in. */
  blocksPerSequence: number
  /** Blocks kept free before a window's end. */
  marginBlocks: number
  /** Unverified predecessors with our hash out that a new commit may stand behind. */
  maxCommitAhead: number
}

/** All that `nextStep` needs, every chain field read at one block hash. Plain JSON, so that activities can return it. */
export interface SequenceView {
  /** The block that all chain fields are read at. */
  head: { number: number; hash: Hex }
  /** What the workflow works on. */
  expectedAccInputHash: Hex
  /** Block of the sequencing transaction; null while unknown. */
  sequencedAtBlock: number | null
  atHead: OnChain
  /** The same fields on the newest final block. */
  atFinal: OnChain
  isContractPaused: boolean
  /** T1 and T2 for a round that opens now. */
  nextRound: { commitBlocks: number; proveBlocks: number }
  /** The contract has a settlement and claims (ours), so rewards are pulled. */
  hasClaims: boolean
  finalProof: StoredFinalProof | null
  /** Unverified ones, lowest first. */
  predecessors: Predecessor[]
  funds: MinerFunds
  limits: CommitLimits
  holds: Holds
}
