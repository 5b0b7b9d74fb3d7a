import { EMPTY_LOCAL_EXIT_ROOT } from '../../protocol/proof/public-input.ts'
import type { RollupKind, RollupState } from '../../protocol/proof/rollup-kind.ts'
import { chainAccInputHash, GENESIS_ACC_INPUT_HASH } from './acc-input-hash.ts'
import { type AccountTree, stateRoot } from './account-tree.ts'
import { batchCircuitInput } from './circuit-input.ts'
import { decodeSequence } from './decode-sequence.ts'
import { executeBatch, type State } from './execute-batch.ts'
import { decodeGenesis } from './genesis.ts'
import { fromForeignSnapshot, fromSnapshot, toSnapshot } from './snapshot.ts'

/** What the kind gets from the backend that makes and verifies its proofs. */
export type PaymentsBackend = Pick<RollupKind, 'verificationKeyHashes' | 'srs' | 'verify'>

/** The payments rollup: signed transfers between accounts, proved with the circuits of circuits/. */
export const createPaymentsKind = (backend: PaymentsBackend): RollupKind => ({
  name: 'payments',
  namesMiner: true,
  newLocalExitRoot: EMPTY_LOCAL_EXIT_ROOT,
  ...backend,
  genesis: paymentsGenesis,
  stateRootOf: paymentsStateRootOf,
  decodeSequence,
  chainAccInputHash,
  executeBatch: async (before, batch, ids) => {
    const { statement, slots, after } = executeBatch(fromRollupState(before), batch, ids)
    const input = batchCircuitInput({ statement, batch, slots })
    return { statement, input: toJsonBytes(input), after: toRollupState(after) }
  },
  finalInput: ({ miner }) => toJsonBytes({ miner }),
})

/** The first state, from packed accounts. @throws GenesisFormatError | GenesisRootError */
export const paymentsGenesis: RollupKind['genesis'] = ({ stateRoot: expected, accounts }) =>
  toRollupState({ batchNum: 0, accInputHash: GENESIS_ACC_INPUT_HASH, tree: decodeGenesis(accounts, expected) })

/** @throws SnapshotFormatError */
export const paymentsStateRootOf: RollupKind['stateRootOf'] = (snapshot) => stateRoot(fromForeignSnapshot(snapshot))

/** Trees of the states that were made here: with all their hashes, which a tree made of bytes has to reckon again. */
const trees = new WeakMap<RollupState, AccountTree>()

/** Bytes of a state are made when they are asked for, which is once a sequence. */
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
