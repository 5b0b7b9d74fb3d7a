import type { Address, Hex } from '../base/ranges.ts'
import type { ProofVerifier } from './backend.ts'
import type { Statement } from './statement.ts'

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

/** What a rollup begins with, as its contract was given it. */
export interface FirstState {
  /** Root of batch 0. */
  stateRoot: Hex
  /** The state itself, in the kind's own encoding. */
  state: Hex
}

/** What of a kind takes long, so that an `Executor` does it in another thread. */
export interface ExecutionRules {
  /** Makes the state before batch 1. @throws FatalError when `state` is none, or doesn't hash to `stateRoot`. */
  genesis(first: FirstState): RollupState
  /** Reads the batches in the calldata of a sequencing transaction. @throws FatalError when it can't be decoded. */
  decodeSequence(calldata: Hex): PostedBatch[]
  /** Gives the accumulated input hash after a batch, as the contract chains it. */
  chainAccInputHash(previous: Hex, batch: PostedBatch): Hex
  /** @throws FatalError when the data has a form that the contract would not have accepted. */
  executeBatch(before: RollupState, batch: PostedBatch, ids: DeploymentIds): Promise<ExecutedBatch>
}

/** What differs between types of rollups, whoever proves them. Methods are pure. */
interface KindRules extends ExecutionRules {
  /** Whether the final proof names the miner; if not, only the two-step rule protects it. */
  readonly namesMiner: boolean
  /** The new local exit root that its final proofs state, and that the contract is given with them. */
  readonly newLocalExitRoot: Hex

  /**
   * Gives the root of the state that a snapshot's bytes are. @throws FatalError for bytes that are none, or not the
   * only ones of that state.
   */
  stateRootOf(snapshot: Uint8Array): Hex
  /** Gives the input of the final stage. */
  finalInput(p: { miner: Address }): Uint8Array
}

/**
 * A type of rollup: the one object that a folder of kinds/ exports. Nothing outside that folder knows which kind it is.
 * @typeParam Circuits what it tells backends of its circuits: it can be proved by those that ask for no more.
 */
export interface KindDefinition<Circuits> extends KindRules {
  /** The folder's. */
  readonly name: string
  /** `import.meta.url` of the file that exports this object: the thread that executes batches loads it from there. */
  readonly module: string
  readonly circuits: Circuits
}

/**
 * A kind with the backend that proves it, under the name that the configuration gives to both. What takes long isn't
 * here.
 */
export interface RollupKind extends Omit<KindRules, keyof ExecutionRules>, ProofVerifier {
  readonly name: string
}
