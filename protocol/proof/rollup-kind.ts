import type { Address, Hex } from '../base/ranges.ts'
import type { ProofClaim } from './prover.ts'
import type { Statement } from './statement.ts'
import type { Stage } from './task.ts'

/** A batch as its data stands on the base chain. */
export interface PostedBatch {
  /** The posted bytes. */
  transactions: Hex
  globalExitRoot: Hex
  /** Seconds since the epoch, as the sequencer stated it. */
  timestamp: bigint
  /** Whom the accumulated input hash names as the sequencer of the batch. */
  coinbase: Address
}

/** Ids that every statement of a deployment carries. */
export interface DeploymentIds {
  /** `chainID` of the rollup contract, decimal. */
  chainId: string
  /** `forkID` of the rollup contract, decimal. */
  forkId: string
}

/**
 * A rollup's state after a batch. The snapshot's bytes are the kind's own, and may be made when they are first read. A
 * kind may know a state that it made again by the object, so it is handed on as it is.
 */
export interface RollupState {
  readonly batchNum: number
  readonly stateRoot: Hex
  readonly accInputHash: Hex
  readonly snapshot: Uint8Array
}

/** A batch that has been executed: its statement, its prover input and the state after it. */
export interface ExecutedBatch {
  statement: Statement
  input: Uint8Array
  after: RollupState
}

/**
 * What differs between types of rollups. Nothing outside a kind's folder knows which kind it is.
 * Methods are pure apart from `verify`, which may start a process.
 */
export interface RollupKind {
  readonly name: string
  /** Whether the final proof names the miner; if not, only the two-step rule protects it. */
  readonly namesMiner: boolean
  /** The new local exit root that its final proofs state, and that the contract is given with them. */
  readonly newLocalExitRoot: Hex
  readonly verificationKeyHashes: Record<Stage, Hex>
  /** Name of the structured reference string that the keys were made with, and whether its secret is known. */
  readonly srs: { srsName: string; isDevelopment: boolean }

  /** First state, from what the contract emitted. @throws FatalError when it doesn't hash to `stateRoot`. */
  genesis(p: { stateRoot: Hex; accounts: Hex }): RollupState
  /**
   * Root of the state that a snapshot's bytes are. @throws FatalError for bytes that are none, or not the only ones of
   * that state.
   */
  stateRootOf(snapshot: Uint8Array): Hex
  /** Batches in the calldata of a sequencing transaction. @throws FatalError when it can't be decoded. */
  decodeSequence(calldata: Hex): PostedBatch[]
  /** Accumulated input hash after a batch, as the contract chains it. */
  chainAccInputHash(previous: Hex, batch: PostedBatch): Hex
  /** @throws FatalError when the data has a form that the contract would not have accepted. */
  executeBatch(before: RollupState, batch: PostedBatch, ids: DeploymentIds): Promise<ExecutedBatch>
  /** Input of the final stage. */
  finalInput(p: { miner: Address }): Uint8Array
  /** Whether a proof proves what is claimed. False for anything malformed; throws only when it could not look. */
  verify(claim: ProofClaim): Promise<boolean>
}
