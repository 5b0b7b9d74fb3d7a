import { size } from 'viem/utils'
import type { Hex } from '../../protocol/base/ranges.ts'
import { type IntentStep, isProof } from '../../protocol/sender/intent.ts'

/**
 * Bounds of what is signed, never what is signed by itself: limits come from dry runs (`gas-limits.ts`). A verifier of
 * the largest kind we know takes 2.5 M gas. What isn't used isn't paid, but endpoints reckon fee caps and balances with
 * the limit.
 */
export const DEFAULT_MOST_GAS = 8_000_000n

/** What a transaction may have on a chain with Ethereum's rules since Osaka (EIP-7825). */
export const OSAKA_MOST_GAS = 16_777_216n

/** What a final proof of any backend we know stays under, for reckoning with one that isn't there yet. */
export const EXPECTED_FINAL_PROOF_BYTES = 20_000

/** What every transaction pays. */
const BASE_GAS = 21_000n

/**
 * EIP-7623: a zero byte is one token, another byte four; a token costs 4 gas beside execution, and at least 10 in all.
 */
const TOKENS_PER_BYTE = 4n
const GAS_PER_TOKEN = 4n
const FLOOR_GAS_PER_TOKEN = 10n

/** Selector and arguments beside the proof: 4 + 6 words, and padding. */
export const CALL_BYTES = 256

/** Gives the size of a step's call in bytes, to reckon with. */
export const callBytes = (step: IntentStep, finalProofBytes = EXPECTED_FINAL_PROOF_BYTES): number =>
  CALL_BYTES + (isProof({ step }) ? finalProofBytes : 0)

/** Gas of an empty self-transfer, where nodes don't tell. */
export const SELF_TRANSFER_GAS = BASE_GAS

/** The state that a transaction finds may ask for more than the one that it was tried in: thirty per cent. */
const MARGIN = { numerator: 13n, denominator: 10n }

/** Reckons the gas of calldata alone. Every byte is taken for a dear one, so that nothing but its size matters. */
const calldataGas = (bytes: number): bigint => BASE_GAS + BigInt(bytes) * TOKENS_PER_BYTE * GAS_PER_TOKEN

/** Gives the higher of two amounts. */
export const max = (a: bigint, b: bigint): bigint => (a > b ? a : b)

/** Says what execution takes of the gas that a call needs at least. */
export function executionOf(neededGas: bigint, calldata: Hex): bigint {
  return max(0n, neededGas - calldataGas(size(calldata)))
}

/** Says what a call's execution may take. */
export const withMargin = (executionGas: bigint): bigint => (executionGas * MARGIN.numerator) / MARGIN.denominator

/** Makes the gas limit of a call whose execution may take so much. */
export function gasLimitFor(calldataBytes: number, executionGas: bigint): bigint {
  const executed = calldataGas(calldataBytes) + executionGas
  const floor = BASE_GAS + BigInt(calldataBytes) * TOKENS_PER_BYTE * FLOOR_GAS_PER_TOKEN
  return max(executed, floor)
}
