import { type Address, concatHex, encodeAbiParameters, encodePacked, type Hex, keccak256, padHex, toHex } from 'viem'
import { EMPTY_LOCAL_EXIT_ROOT } from '../../kinds/payments/circuits.ts'
import { type FinalStatement, inputSnark } from '../../protocol/proof/public-input.ts'
import { rootOf, testParams } from './harness.ts'

/** A sequence as the tests' sequencer posts it, with everything that its proof is about. */
export type TestSequence = {
  init: number
  final: number
  batches: { transactions: Hex; globalExitRoot: Hex; timestamp: bigint; minForcedTimestamp: bigint }[]
  oldAccInputHash: Hex
  newAccInputHash: Hex
  oldStateRoot: Hex
  newStateRoot: Hex
}

/** The coinbase of all test sequences. */
export const coinbase: Address = '0x00000000000000000000000000000000c0ffee01'

const emptyHash: Hex = `0x${'00'.repeat(32)}`

/** Makes the next sequence after `previous` (the first without it) with `count` batches. */
export function nextSequence(
  previous: TestSequence | undefined,
  count: number,
  batchBytes: number = testParams.batchBytes,
): TestSequence {
  const init = previous?.final ?? 0
  const batches = Array.from({ length: count }, (_, i) => batchOf(init + i + 1, batchBytes))
  return {
    init,
    final: init + count,
    batches,
    oldAccInputHash: previous?.newAccInputHash ?? emptyHash,
    newAccInputHash: chainBatches(previous?.newAccInputHash ?? emptyHash, batches),
    oldStateRoot: previous?.newStateRoot ?? testParams.genesis.stateRoot,
    newStateRoot: rootOf(1_000 + init + count),
  }
}

/** Gives the same batches other data, as a reorg may bring them. */
export function withOtherData(sequence: TestSequence): TestSequence {
  const batches = sequence.batches.map((batch) => ({ ...batch, globalExitRoot: padHex('0x6f', { size: 32 }) }))
  return { ...sequence, batches, newAccInputHash: chainBatches(sequence.oldAccInputHash, batches) }
}

/** Hashes batch by batch: keccak(previous ‖ keccak(data) ‖ GER ‖ timestamp u64 ‖ coinbase). */
function chainBatches(accInputHash: Hex, batches: TestSequence['batches']): Hex {
  return batches.reduce(
    (hash, batch) =>
      keccak256(
        encodePacked(
          ['bytes32', 'bytes32', 'bytes32', 'uint64', 'address'],
          [hash, keccak256(batch.transactions), batch.globalExitRoot, batch.timestamp, coinbase],
        ),
      ),
    accInputHash,
  )
}

/** States what a sequence's final proof for `miner` is about. */
export const finalOf = (sequence: TestSequence, miner: Address): FinalStatement => ({
  miner,
  newLocalExitRoot: EMPTY_LOCAL_EXIT_ROOT,
  statement: {
    oldStateRoot: sequence.oldStateRoot,
    newStateRoot: sequence.newStateRoot,
    oldAccInputHash: sequence.oldAccInputHash,
    newAccInputHash: sequence.newAccInputHash,
    oldBatchNum: sequence.init,
    newBatchNum: sequence.final,
    chainId: String(testParams.chainId),
    forkId: String(testParams.forkId),
  },
})

/** Makes a proof that the simulated verifier accepts from `miner` only; another salt is another proof of the same. */
export const proofOf = (sequence: TestSequence, miner: Address, salt = 0): Hex =>
  concatHex([
    encodeAbiParameters([{ type: 'uint256' }], [inputSnark(finalOf(sequence, miner))]),
    toHex(salt, { size: 4 }),
  ])

/** Makes a proof that no verifier accepts. */
export const forgedProof = (salt = 0): Hex => concatHex([emptyHash, toHex(salt, { size: 4 })])

const batchOf = (n: number, batchBytes: number) => ({
  transactions: padHex(toHex(n), { size: batchBytes, dir: 'right' }),
  globalExitRoot: padHex('0x6e', { size: 32 }),
  timestamp: BigInt(n),
  minForcedTimestamp: 0n,
})
