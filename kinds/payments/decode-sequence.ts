import { decodeFunctionData, parseAbi } from 'viem'
import type { Hex } from '../../protocol/base/ranges.ts'
import type { PostedBatch } from '../../protocol/proof/rollup-kind.ts'
import { SequenceCalldataError } from './errors.ts'

/** The 2023 contracts' way to post a sequence. */
const SEQUENCE_ABI = parseAbi([
  'struct BatchData { bytes transactions; bytes32 globalExitRoot; uint64 timestamp; uint64 minForcedTimestamp; }',
  'function sequenceBatches(BatchData[] batches, address l2Coinbase)',
])

/**
 * The batches in the calldata of a sequencing transaction, in their order.
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
