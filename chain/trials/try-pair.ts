import { bytesToHex, encodeFunctionData, size } from 'viem/utils'
import { type Address, type BatchRange, type Hex, initNumBatch } from '../../protocol/base/ranges.ts'
import { type FinalStatement, inputSnark } from '../../protocol/proof/public-input.ts'
import { twoStepAbi, verifierAbi } from '../abi.ts'
import type { BlockRef, Endpoints } from '../endpoints/endpoints.ts'
import type { DryCall, Tried } from './dry-run.ts'
import { CALL_BYTES, executionOf, max } from './gas.ts'
import type { GasBook } from './gas-book.ts'
import { tryOut } from './try-out.ts'

/** A hash and its proof that are to be tried in one go. */
export interface AskedPair {
  miner: Address
  contract: Address
  range: BatchRange
  at: BlockRef
  proofHash: Hex
  proof: Uint8Array
  /** Null where no node may see the proof yet, or its statement isn't known (any more). */
  final: FinalStatement | null
  /** First block that takes the proof; null where others come before it. */
  proveBlock: number | null
}

/** What came of both: gas limits, null where nobody tells; and why one of them reverts. */
export interface PairLimits {
  commitGas: bigint | null
  proofGas: bigint | null
  reverts: { step: 'commit' | 'prove'; why: string } | null
}

/**
 * What execution of a proof takes besides its verifier, to reckon with: 100,000 gas of our contract by the rules of
 * 2026, and 310,000 by those of the newest fork, which charges several times as much for state (bench/gas).
 */
const BESIDES_VERIFIER = 400_000n

/**
 * Tries the hash in the next block, and its proof in the first one that takes it. Where nodes can't do that, or other
 * proofs come before it, the verifier is tried alone. What a proof takes besides is reckoned with a constant, or with
 * what the hash takes where that is more, as at contracts of 2023.
 */
export async function tryPair(endpoints: Endpoints, book: GasBook, asked: AskedPair): Promise<PairLimits> {
  const { miner: from, contract, at, proveBlock } = asked
  const [commit, proof] = [commitOf(asked), proofOf(asked)]
  const later = proof !== null && proveBlock !== null ? { call: proof, block: proveBlock } : undefined
  const tried = await tryOut(endpoints, { from, at, before: [], call: commit, ...(later && { later }) })
  const { fork } = tried
  const note = (step: 'commit' | 'prove', executionGas: bigint) => book.note({ contract, step, executionGas, fork })
  if (tried.now.kind === 'runs') note('commit', executionOf(tried.now.gas, commit.data))
  if (tried.later.kind === 'runs' && proof !== null) note('prove', executionOf(tried.later.gas, proof.data))
  if (tried.later.kind === 'unknown' && tried.now.kind === 'runs') {
    const alone = await tryVerifier(endpoints, asked)
    if (alone !== undefined) note('prove', alone + max(BESIDES_VERIFIER, executionOf(tried.now.gas, commit.data)))
  }
  const proofBytes = asked.proof.length
  const ofProof = book.remembered(contract, 'prove', CALL_BYTES + proofBytes)
  return {
    commitGas: book.remembered(contract, 'commit', size(commit.data)) ?? null,
    proofGas: ofProof ?? (asked.final === null ? book.expected(contract, 'prove', proofBytes) : null),
    reverts: revertOf('commit', tried.now) ?? revertOf('prove', tried.later),
  }
}

const revertOf = (step: 'commit' | 'prove', tried: Tried) =>
  tried.kind === 'reverts' ? { step, why: tried.why } : null

/** Tries the verifier. It gives the gas that its execution takes; undefined where nobody tells, or may. */
async function tryVerifier(
  endpoints: Endpoints,
  { miner: from, contract, at, proof, final }: AskedPair,
): Promise<bigint | undefined> {
  if (final === null) return undefined
  const to = await endpoints.agreeAt(at, 'the verifier', (client, pin) =>
    client.readContract({ ...pin, address: contract, abi: twoStepAbi, functionName: 'rollupVerifier' }),
  )
  const args = [bytesToHex(proof), [inputSnark(final)]] as const
  const data = encodeFunctionData({ abi: verifierAbi, functionName: 'verifyProof', args })
  const { now } = await tryOut(endpoints, { from, at, before: [], call: { to, data, valueWei: 0n } })
  return now.kind === 'runs' ? executionOf(now.gas, data) : undefined
}

function commitOf({ contract: to, range, proofHash }: AskedPair): DryCall {
  const args = [BigInt(initNumBatch(range)), BigInt(range.to), proofHash] as const
  return { to, data: encodeFunctionData({ abi: twoStepAbi, functionName: 'submitProofHash', args }), valueWei: 0n }
}

function proofOf({ contract: to, range, proof, final }: AskedPair): DryCall | null {
  if (final === null) return null
  const { newLocalExitRoot, statement } = final
  const args = [
    BigInt(initNumBatch(range)),
    BigInt(range.to),
    newLocalExitRoot,
    statement.newStateRoot,
    bytesToHex(proof),
  ] as const
  return { to, data: encodeFunctionData({ abi: twoStepAbi, functionName: 'verifyBatches', args }), valueWei: 0n }
}
