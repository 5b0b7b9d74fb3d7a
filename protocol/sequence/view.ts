import type { Budget } from '../base/budget.ts'
import type { BatchRange, Hex } from '../base/ranges.ts'
import type { DecidedRound, Round } from '../base/windows.ts'
import type { BlobRef } from '../proof/task.ts'

/** A round with what became of it. */
export type RoundView = DecidedRound

/** This miner's last commitment on the sequence, whichever round it belongs to. */
export interface OwnCommitment {
  proofHash: Hex
  /** R of the round it belongs to. */
  roundStartBlock: number
  isProved: boolean
  /**
   * Its stake is unlocked and its reward is credited. It is always false where the contract settles in other ways
   * (2023).
   */
  isSettled: boolean
  /**
   * Stake that it locks until it is settled, wei as a decimal string. It is left out where the contract locks none
   * (2023).
   */
  lockedWei?: string
  /**
   * What settling it divides, wei: the sequence's reward while our proof is unsettled, else 0.
   * It is left out where nobody told (2023).
   */
  rewardWei?: string
}

/** What the sequence looks like in one block's state. */
export interface OnChain {
  /** Accumulated input hash at the last batch. It is null when no sequence of exactly these batches is posted. */
  accInputHash: Hex | null
  isVerified: boolean
  /** The last round, which stays after it expired. It is null when none was opened, or when the last one is void. */
  round: RoundView | null
  own: OwnCommitment | null
}

/**
 * Gives our commitment, if it belongs to the round that the contract knows now. It is null without one, and where it is
 * of an older round.
 */
export function ownInRound<Own extends Pick<OwnCommitment, 'roundStartBlock'>>(p: {
  own: Own | null
  round: Pick<Round, 'startBlock'> | null
}): Own | null {
  return p.own !== null && p.own.roundStartBlock === p.round?.startBlock ? p.own : null
}

/** A sequence before this one that isn't verified yet. */
export interface Predecessor {
  from: number
  to: number
  /** The live round in which our own hash stands. It is null when there is none. */
  ownLiveRound: Round | null
  /** The final proof that our hash there commits to is in both stores. */
  isOwnProofStored: boolean
}

/** Where the bytes of a final proof are, and the hash that is committed to for them. */
export interface ProofReference extends BlobRef {
  proofHash: Hex
}

/**
 * Gives the reference alone, without whatever else is known of a final proof. This is what crosses to histories and
 * signals.
 */
export const proofReference = ({ sha256, size, proofHash }: ProofReference): ProofReference => ({
  sha256,
  size,
  proofHash,
})

/**
 * Our final proof of the sequence, for the accumulated hash that the workflow works on.
 * Of several it is the one that our commitment names, because a proof made anew may have other bytes.
 */
export interface StoredFinalProof extends ProofReference {
  /** Both the database and the archive hold these bytes. */
  isInBothStores: boolean
  /**
   * What the contract's own verifier said at the head. It is null where that can't be asked without publishing the
   * proof.
   */
  isAcceptedByContract: boolean | null
  /** Why it is refused. It is left out where it isn't. */
  refusal?: ProofRefusal
}

/**
 * Why a contract would refuse a proof, or fine it (2023).
 * - `other-root`: it starts from another state root than the contract has for the batch before the sequence.
 * - `other-input`: the contract makes another public input of the same statement: its data, ids or miner are others.
 * - `verifier`: its verifier says no.
 */
export type ProofRefusal =
  | { kind: 'other-root'; batch: number; ours: Hex; contracts: Hex }
  | { kind: 'other-input' | 'verifier' }

/** What an operator decided about the sequence or its rollup. */
export interface Holds {
  paused: string | null
  cancelled: string | null
  quarantined: string | null
}

/** Names the hold that keeps work from being done, for people. It is null when nothing does. */
export function holdText(holds: Holds): string | null {
  const [kind, reason] = Object.entries(holds).find(([, text]) => text !== null) ?? []
  return kind === undefined ? null : `${kind}: ${reason}`
}

/** Stake and balance of the miner's account, wei as decimal strings. */
export interface MinerFunds extends Budget {
  stakeWei: string
  lockedWei: string
  minStakeWei: string
  /** What a commit in the next block would lock: the penalty of the round that it joins, else of a new one. */
  penaltyWei: string
  /** Credited by the contract and not paid out. It is left out where rewards aren't pulled (2023). */
  claimableWei?: string
}

/** The operator's limits for new commits. */
export interface CommitLimits {
  /** Blocks on top of the sequencing transaction before anything is built on it. */
  confirmations: number
  /** k: the blocks that each unverified sequence is given to be proved in. */
  blocksPerSequence: number
  /** Blocks kept free before a window's end. */
  marginBlocks: number
  /** Unverified predecessors with our hash out that a new commit may stand behind. */
  maxCommitAhead: number
  /** What the contract must have set aside for a sequence to be proved, and for a claim, wei. @default 0 */
  leastRewardWei?: string
}

/**
 * What came of trying a hash and its proof without sending them, and what endpoints take.
 * Gas and wei are decimal strings.
 */
export interface Rehearsal {
  /** Gas limits that they would get. They are null where no endpoint tells. */
  commitGas: string | null
  proofGas: string | null
  /** Why one of them would revert. */
  reverts: { step: 'commit' | 'prove'; why: string } | null
  /** Gas limit that a transaction may have. */
  mostGas: string
  /** What gas limit × fee cap may be. It is null where no bound is known. */
  feeCapWei: string | null
  baseFeePerGas: string
  /** Bytes that a transaction may have. */
  mostBytes: number
}

/** Gives what a sequence must pay, and a claim must bring, wei. It is nothing where the operator hasn't said. */
export const leastRewardOf = ({ leastRewardWei = '0' }: Pick<CommitLimits, 'leastRewardWei'>): bigint =>
  BigInt(leastRewardWei)

/**
 * All that `nextStep` needs. Every chain field is read at one block hash. It is plain JSON, so that activities can
 * return it.
 */
export interface SequenceView {
  /** The block that all chain fields are read at. */
  head: { number: number; hash: Hex }
  /** What the workflow works on. */
  expectedAccInputHash: Hex
  /** Block of the sequencing transaction. It is null while unknown. */
  sequencedAtBlock: number | null
  /**
   * What the contract has set aside for the sequence, wei. It is left out where nobody asks, or where it tells none
   * (2023).
   */
  rewardWei?: string
  atHead: OnChain
  /**
   * The same fields on the newest final block. They are null while too few endpoints tell, and nothing is known to be
   * final.
   */
  atFinal: OnChain | null
  isContractPaused: boolean
  /** T1 and T2 for a round that opens now. */
  nextRound: { commitBlocks: number; proveBlocks: number }
  /** The contract has a settlement and claims (ours), so rewards are pulled. */
  hasClaims: boolean
  finalProof: StoredFinalProof | null
  /** While `finalProof` is null, a final proof of this data of which no store has a whole copy. */
  damagedProof?: Hex | null
  /** Unverified ones, lowest first. */
  predecessors: Predecessor[]
  /**
   * A commit transaction of ours for this sequence is signed and its nonce isn't final. The hash may yet land, or come
   * back after a reorg, whatever an operator decides now.
   */
  unfinalCommit?: boolean
  /**
   * Block in which the committed proof ran in its round and wasn't accepted, else null. Sent again it would be fined
   * again (2023).
   */
  spentProofBlock?: number | null
  /**
   * Verified sequences of this rollup whose late proof we still owe and have stored, up to their deadline. None of them
   * is cancelled.
   * The contracts of 2023 fine a miner whose next call is any other one.
   */
  owedLateProofs?: BatchRange[]
  /**
   * By how many blocks the contract's `block.number` is above the nodes' number of the same block. It is absent while
   * both are the same.
   */
  blockShift?: number
  /**
   * Number of the newest final block, which `atFinal` is read at. It tells how long finality takes, and is absent while
   * it isn't known.
   */
  finalBlock?: number
  funds: MinerFunds
  /** What came of trying a new hash. It is left out where none is to be sent. */
  rehearsal?: Rehearsal
  limits: CommitLimits
  holds: Holds
}
