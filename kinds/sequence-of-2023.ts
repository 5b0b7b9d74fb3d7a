/** How contracts of 2023, and ours, are given a sequence: for every kind whose contract is one of these. */
import { decodeFunctionData, parseAbi } from 'viem'
import { encodePacked, keccak256 } from 'viem/utils'
import { FatalError } from '../protocol/base/errors.ts'
import type { Hex } from '../protocol/base/ranges.ts'
import type { PostedBatch } from '../protocol/proof/rollup-kind.ts'

export class SequenceCalldataError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-SEQUENCE-CALLDATA',
    happened: 'The calldata of the sequencing transaction is not a call of `sequenceBatches`.',
    remedy:
      'have the trusted sequencer call the rollup contract directly: calls through other contracts can not be decoded.',
  }
  override readonly name = 'SequenceCalldataError'
  constructor(cause: unknown) {
    super('The calldata of the sequencing transaction is not a call of sequenceBatches.', {
      cause,
    })
  }
}

/** The 2023 contracts' way to post a sequence. */
const SEQUENCE_ABI = parseAbi([
  'struct BatchData { bytes transactions; bytes32 globalExitRoot; uint64 timestamp; uint64 minForcedTimestamp; }',
  'function sequenceBatches(BatchData[] batches, address l2Coinbase)',
])

/**
 * Reads the batches in the calldata of a sequencing transaction, in their order.
 * @throws SequenceCalldataError when it is no call of `sequenceBatches`.
 */
export function decodeSequence(calldata: Hex): PostedBatch[] {
  const [batches, coinbase] = decodeCall(calldata)
  return batches.map(({ transactions, globalExitRoot, timestamp }) => ({
    transactions,
    globalExitRoot,
    timestamp,
    coinbase,
  }))
}

function decodeCall(calldata: Hex) {
  try {
    return decodeFunctionData({ abi: SEQUENCE_ABI, data: calldata }).args
  } catch (cause) {
    throw new SequenceCalldataError(cause)
  }
}

/** Accumulated input hash of batch 0. */
export const GENESIS_ACC_INPUT_HASH: Hex = `0x${'00'.repeat(32)}`

/** Gives the accumulated input hash after a batch, as the 2023 contracts chain it. */
export const chainAccInputHash = (previous: Hex, batch: PostedBatch): Hex =>
  keccak256(
    encodePacked(
      ['bytes32', 'bytes32', 'bytes32', 'uint64', 'address'],
      [previous, keccak256(batch.transactions), batch.globalExitRoot, batch.timestamp, batch.coinbase],
    ),
  )
