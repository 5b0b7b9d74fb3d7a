import type { Hex } from '../base/ranges.ts'
import type { DeploymentIds, ExecutedBatch, FirstState, PostedBatch, RollupState } from './rollup-kind.ts'

/** Which state it is. Equal ones have equal states. */
export type StateId = Omit<RollupState, 'snapshot'>

/** A state to go on from. Its bytes are read where nobody has it in memory. */
export interface StoredState extends StateId {
  readSnapshot(): Promise<Uint8Array>
}

/** A rollup's states, one after the other. Each call waits for the one before; none blocks the thread of the caller. */
export interface Replay {
  /** The state after what was executed last. */
  readonly state: StateId
  /**
   * Reads the batches of a sequencing transaction, and the accumulated input hash after them, if they follow on the
   * state.
   * @throws FatalError when it can't be decoded.
   */
  decode(calldata: Hex): Promise<{ batches: PostedBatch[]; accInputHash: Hex }>
  /** @throws FatalError when the data has a form that the contract would not have accepted: the state stays. */
  execute(batch: PostedBatch, ids: DeploymentIds): Promise<Omit<ExecutedBatch, 'after'>>
  /** Gives the state's bytes. */
  snapshot(): Promise<Uint8Array>
  /** Lets go of the state, of which the memory is kept for the next one that goes on from it. */
  end(): void
}

/** Executes batches of one kind elsewhere than on the thread that asks. */
export interface Executor {
  /** Makes the first state as the kind's own `genesis` does. */
  genesis(first: FirstState): Promise<RollupState>
  startReplay(from: StoredState): Promise<Replay>
}
