import { bytesToHex, bytesToString, hexToBytes, numberToBytes, sha256, stringToBytes } from 'viem/utils'
import { chainAccInputHash, decodeSequence, GENESIS_ACC_INPUT_HASH } from '../../../kinds/sequence-of-2023.ts'
import { FatalError } from '../../../protocol/base/errors.ts'
import type { Address, Hex } from '../../../protocol/base/ranges.ts'
import { inputSnark, word } from '../../../protocol/proof/public-input.ts'
import type { FirstState, KindDefinition, RollupState } from '../../../protocol/proof/rollup-kind.ts'
import type { Statement } from '../../../protocol/proof/statement.ts'
import type { SimulatedCircuits } from '../../../provers/simulated/circuits.ts'

/** Bytes of a batch's posted data. */
export const TALLY_BATCH_BYTES = 3

/** The root of exits: it has some, whose tree it doesn't keep. */
const TALLY_EXIT_ROOT = word(77n)

/** Says that the state isn't the one of its root. */
class TallyGenesisError extends FatalError {
  static override readonly entry = { code: 'TEST-TALLY', happened: 'It is another state.', remedy: 'name its root.' }
  override readonly name = 'TallyGenesisError'
}

/**
 * A kind that shares nothing with payments but the contract: its state is a number of eight bytes, to which each byte
 * of a batch is added; its root is a SHA-256 of that, its exit root isn't 0, and its batches have three bytes.
 */
export const tally: KindDefinition<SimulatedCircuits> = {
  name: 'tally',
  module: import.meta.url,
  namesMiner: true,
  newLocalExitRoot: TALLY_EXIT_ROOT,
  circuits: {
    batchStatement: (input) => JSON.parse(bytesToString(input)) as Statement,
    finalMiner: (input) => bytesToHex(input),
    finalPublicInput: ({ statement, miner }) =>
      inputSnark({ miner: miner.toLowerCase() as Address, statement, newLocalExitRoot: TALLY_EXIT_ROOT }),
  },
  genesis({ stateRoot, state }) {
    const first = stateOf({ batchNum: 0, accInputHash: GENESIS_ACC_INPUT_HASH, snapshot: hexToBytes(state) })
    if (first.stateRoot !== stateRoot) throw new TallyGenesisError(`The state hashes to ${first.stateRoot}.`)
    return first
  },
  stateRootOf: rootOf,
  decodeSequence,
  chainAccInputHash,
  async executeBatch(before, batch, ids) {
    const total = hexToBytes(batch.transactions).reduce((sum, byte) => sum + byte, totalOf(before.snapshot))
    const after = stateOf({
      batchNum: before.batchNum + 1,
      accInputHash: chainAccInputHash(before.accInputHash, batch),
      snapshot: snapshotOf(total),
    })
    const statement = {
      ...{ oldStateRoot: before.stateRoot, newStateRoot: after.stateRoot },
      ...{ oldAccInputHash: before.accInputHash, newAccInputHash: after.accInputHash },
      ...{ oldBatchNum: before.batchNum, newBatchNum: after.batchNum, ...ids },
    }
    return { statement, input: stringToBytes(JSON.stringify(statement)), after }
  },
  finalInput: ({ miner }) => hexToBytes(miner),
}

/** Makes what a contract of this kind is initialised with. */
export const tallyGenesis = (total: number): FirstState => {
  const snapshot = snapshotOf(total)
  return { stateRoot: rootOf(snapshot), state: bytesToHex(snapshot) }
}

const stateOf = (p: Omit<RollupState, 'stateRoot'>): RollupState => ({ ...p, stateRoot: rootOf(p.snapshot) })

/** Hashes to a root below the field's order, as contracts ask. */
function rootOf(snapshot: Uint8Array): Hex {
  return word(BigInt(sha256(snapshot)) >> 8n)
}

const snapshotOf = (total: number): Uint8Array => numberToBytes(total, { size: 8 })

const totalOf = (snapshot: Uint8Array): number => Number(bytesToHex(snapshot))
