import type { KindDefinition, RollupState } from '../../protocol/proof/rollup-kind.ts'
import { chainAccInputHash, decodeSequence, GENESIS_ACC_INPUT_HASH } from '../sequence-of-2023.ts'
import { type AccountTree, stateRoot } from './account-tree.ts'
import { batchCircuitInput } from './circuit-input.ts'
import { EMPTY_LOCAL_EXIT_ROOT, paymentsCircuits } from './circuits.ts'
import { executeBatch, type State } from './execute-batch.ts'
import { decodeGenesis } from './genesis.ts'
import { loadFastHash } from './poseidon2.ts'
import { fromForeignSnapshot, fromSnapshot, toSnapshot } from './snapshot.ts'

/** The payments rollup: signed transfers between accounts, proved with the circuits of circuits/. */
export const payments: KindDefinition<typeof paymentsCircuits> = {
  name: 'payments',
  module: import.meta.url,
  namesMiner: true,
  newLocalExitRoot: EMPTY_LOCAL_EXIT_ROOT,
  circuits: paymentsCircuits,
  /** @throws GenesisFormatError | GenesisRootError */
  genesis: (first) => toRollupState({ batchNum: 0, accInputHash: GENESIS_ACC_INPUT_HASH, tree: decodeGenesis(first) }),
  /** @throws SnapshotFormatError */
  stateRootOf: (snapshot) => stateRoot(fromForeignSnapshot(snapshot)),
  decodeSequence,
  chainAccInputHash,
  executeBatch: async (before, batch, ids) => {
    await loadFastHash()
    const { statement, slots, after } = executeBatch(fromRollupState(before), batch, ids)
    const input = batchCircuitInput({ statement, batch, slots })
    return { statement, input: toJsonBytes(input), after: toRollupState(after) }
  },
  finalInput: ({ miner }) => toJsonBytes({ miner }),
}

/** Trees of the states that were made here: with all their hashes, which a tree made of bytes has to reckon again. */
const trees = new WeakMap<RollupState, AccountTree>()

/** Makes a state, of which the bytes are made when they are asked for. That is once a sequence. */
function toRollupState({ batchNum, accInputHash, tree }: State): RollupState {
  let bytes: Uint8Array | undefined
  const state = {
    ...{ batchNum, accInputHash, stateRoot: stateRoot(tree) },
    get snapshot() {
      bytes ??= toSnapshot(tree)
      return bytes
    },
  }
  trees.set(state, tree)
  return state
}

function fromRollupState(state: RollupState): State {
  const { batchNum, accInputHash } = state
  return { batchNum, accInputHash, tree: trees.get(state) ?? fromSnapshot(state.snapshot) }
}

const toJsonBytes = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
