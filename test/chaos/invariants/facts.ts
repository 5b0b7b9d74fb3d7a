import type { Address, Hex } from 'viem'
import type { ReplacedTransaction } from '../nodes/replace-blocks.ts'

/**
 * Everything that is judged at the end of a run. It is read once, so that judging is pure and its tests need no stack.
 */
export interface Facts {
  /** Blocks on a final one, as the plan has it. */
  finalityBlocks: number
  /** Whether endpoints tell what a transaction paid for gas. */
  arePricesTold: boolean
  rollups: RollupFacts[]
  accounts: AccountFacts[]
  /** What the database held each time before it was emptied, and last what it holds now. */
  databases: DatabaseFacts[]
  archive: ArchivedFile[]
  /** What provers wrote into their logs about proofs that they had finished. */
  made: MadeProof[]
  sent: readonly SentTransaction[]
  workflows: WorkflowFacts[]
  /** Runs whose histories the code can't replay, with the reason. */
  unreplayable: readonly { workflowId: string; why: string }[]
  /** Ranges that the sequencer posted, whether or not they stand on chain now. */
  posted: { rollup: string; from: number; to: number }[]
  disturbances: readonly Disturbance[]
  replaced: readonly ReplacedTransaction[]
}

/** What a plan took away on purpose, in blocks; what follows from it is not the miner's fault. */
export type Disturbance = Blocks & ({ takes: Taken } | ReplacedData)

/** What can be away for a while. */
export type Taken = 'provers' | 'endpoints' | 'aggregator'

interface Blocks {
  fromBlock: number
  toBlock: number
}

/** Data of one rollup, from a batch on, that was deep enough to be proved and has been replaced. */
interface ReplacedData {
  takes: 'posted-data'
  rollup: string
  fromBatch: number
  /** When it was replaced: whatever was signed before is of other data. */
  atMs: number
}

/**
 * A rollup's contract at the head, and its whole history of events. Contracts in which it keeps stake and rewards
 * belong to it.
 */
export interface RollupFacts {
  name: string
  miner: Address
  head: number
  balanceWei: bigint
  /** What its coins are for, as the contract counts it, or as its transactions and events tell. */
  buckets: Record<'stake' | 'locked' | 'claimable', bigint> & Record<string, bigint>
  /** All who ever staked. */
  stakes: { miner: Address; totalWei: bigint; lockedWei: bigint; claimableWei: bigint }[]
  sequences: { from: number; to: number; isVerified: boolean }[]
  rounds: { to: number; startBlock: number; commitBlocks: number; proveBlocks: number }[]
  commits: { to: number; miner: Address; proofHash: Hex; block: number; txHash: Hex }[]
  accepted: { to: number; miner: Address; roundStartBlock: number }[]
  settled: { to: number; miner: Address; penaltyWei: bigint; rewardWei: bigint }[]
  /** Fines that a contract of 2023 took, long after the hash that they are for, and without its name. */
  fines: { miner: Address; wei: bigint; block: number; isOfWrongProof: boolean }[]
  /** Blocks in which an emergency began; the rounds that it met are void. */
  emergencies: number[]
  /** Wei that left the contract to a miner: claims and withdrawals. */
  paid: { miner: Address; wei: bigint }[]
}

/** One of our accounts. */
export interface AccountFacts {
  address: Address
  startWei: bigint
  balanceWei: bigint
  /** Next nonce at the head, and with what waits in the pool. */
  nonce: number
  poolNonce: number
  transactions: MinedTransaction[]
}

/** A transaction of an account of ours that stands on chain. */
export interface MinedTransaction {
  hash: Hex
  nonce: number
  block: number
  blockHash: Hex
  raw: Hex
  valueWei: bigint
  gasUsed: bigint
  gasPriceWei: bigint
  status: 'success' | 'reverted'
  /** Whether the harness sent it, before the sender owned the nonce. */
  isStake: boolean
}

export interface DatabaseFacts {
  /** When it was read: at once before it was emptied, or at the end. */
  readAtMs: number
  attempts: AttemptFacts[]
  proofs: ProofFacts[]
  uploads: { taskId: Hex; sha256: Hex; prover: string; uploadedAtMs: number; isRefused: boolean }[]
  sequences: { rollup: string; from: number; to: number; phase: string; text: string; outcome: string | null }[]
}

export interface AttemptFacts {
  account: Address
  nonce: number
  attempt: number
  txHash: Hex
  raw: Hex
  storedAtMs: number
  isBroadcast: boolean
  sentAtBlock: number | null
  /** `<rollup> <step> <last batch>`; null for an empty self-transfer. */
  intent: string | null
  /** What was noted when its nonce became final; null before. No price is noted where endpoints tell none. */
  final: { block: number; blockHash: Hex; gasUsed: bigint; gasPriceWei: bigint | null; status: string } | null
}

/** A row of a verified proof. */
export interface ProofFacts {
  taskId: Hex
  rollup: string
  stage: string
  from: number
  to: number
  sha256: Hex
  verifiedAtMs: number
  /** Whether its bytes are there and hash to their name. */
  isWhole: boolean
  /** keccak256 of the bytes, of a final proof whose bytes are there. */
  keccak: Hex | null
  /**
   * What the contract's verifier says of a final proof of data that stands on chain; null when it couldn't be asked.
   */
  isAccepted: boolean | null
}

/** A proof in the second store. */
export interface ArchivedFile {
  sha256: Hex
  isWhole: boolean
  keccak: Hex
  savedAtMs: number
}

/** A line of a prover's log. */
export interface MadeProof {
  taskId: Hex
  prover: string
  workflowId: string
  /** When it was finished and when its making began. */
  atMs: number
  beganAtMs: number
  /** Whether the same process is known to have lived on for long enough to store it. */
  livedOn: boolean
}

/** A transaction as it passed one of our endpoints for the first time. */
export interface SentTransaction {
  hash: Hex
  atMs: number
}

export interface WorkflowFacts {
  id: string
  status: string
  /** The answer to its Query as text; null when it gave none. Open ones only. */
  answer: string | null
  /** What its history shows to be failing now, after all healed: a workflow task or an activity. */
  failing: string[]
}
