import { size } from 'viem/utils'
import { type IntentStep, isProof } from '../protocol/sender-queue.ts'
import type { Hex } from '../protocol/sequence.ts'

/**
 * Gas that a step's execution may take, without its calldata. Known limits instead of estimates: a node estimates at its head,
 * one block before a window's first (`reference/proving.md`, "Also found by trying"). A proof of the reference rollup verifies
 * in 0.8 M gas; an fflonk proof in 0.3 M. What isn't used isn't paid.
 */
export const DEFAULT_EXECUTION_GAS: Record<IntentStep, bigint> = {
  'prove-late': 5_000_000n,
  prove: 5_000_000n,
  commit: 600_000n,
  claim: 600_000n,
  stake: 200_000n,
}

/** What a final proof of any backend we know stays under, for reckoning with one that isn't there yet. */
export const EXPECTED_FINAL_PROOF_BYTES = 20_000

/** What every transaction pays. */
const BASE_GAS = 21_000n

/** EIP-7623: a zero byte is one token, another byte four; a token costs 4 gas beside execution, and at least 10 in all. */
const TOKENS_PER_BYTE = 4n
const GAS_PER_TOKEN = 4n
const FLOOR_GAS_PER_TOKEN = 10n

/** Selector and arguments beside the proof: 4 + 6 words, and padding. */
const CALL_BYTES = 256

/** Gas of an empty self-transfer. */
export const SELF_TRANSFER_GAS = BASE_GAS

/** Gas limit of a call; every byte of its calldata is taken for a dear one, so that nothing but its size matters. */
export function gasLimitFor(calldataBytes: number, executionGas: bigint): bigint {
  const tokens = BigInt(calldataBytes) * TOKENS_PER_BYTE
  const executed = BASE_GAS + tokens * GAS_PER_TOKEN + executionGas
  const floor = BASE_GAS + tokens * FLOOR_GAS_PER_TOKEN
  return executed > floor ? executed : floor
}

/** Gas limit of an intent's call. */
export const intentGasLimit = (step: IntentStep, calldata: Hex, executionGas: Record<IntentStep, bigint>): bigint =>
  gasLimitFor(size(calldata), executionGas[step])

/** Gas limit of a transaction of which only the step is known; null is an empty self-transfer. */
export function stepGasLimit(step: IntentStep | null, executionGas: Record<IntentStep, bigint>): bigint {
  if (step === null) return SELF_TRANSFER_GAS
  return gasLimitFor(CALL_BYTES + (isProof({ step }) ? EXPECTED_FINAL_PROOF_BYTES : 0), executionGas[step])
}

/** Gas limit of the transaction that brings a proof of that many bytes. */
export const proveGasLimit = (proofBytes: number, executionGas: Record<IntentStep, bigint>): bigint =>
  gasLimitFor(CALL_BYTES + proofBytes, executionGas.prove)

/** What a commit and its proof may cost together at the fee cap, wei. */
export function reserveWei(p: { finalProofBytes: number; executionGas: Record<IntentStep, bigint>; maxFeePerGasWei: bigint }): bigint {
  const commit = stepGasLimit('commit', p.executionGas)
  return (commit + proveGasLimit(p.finalProofBytes, p.executionGas)) * p.maxFeePerGasWei
}
