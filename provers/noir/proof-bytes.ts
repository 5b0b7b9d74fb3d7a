/**
 * Bytes of proofs as they are stored: batch and aggregate bring their public inputs along for the circuit that verifies
 * them, final is what the contract gets.
 */
import { bytesToHex, concatHex, hexToBytes } from 'viem/utils'
import type { Hex } from '../../protocol/base/ranges.ts'
import { BN254_SCALAR_FIELD } from '../../protocol/proof/public-input.ts'
import type { NoirCircuits, StatementFields } from './circuits.ts'

const WORD_BYTES = 32
/** Fields of a proof for the target noir-recursive-no-zk, whatever the circuit: `Child.proof` in circuits/lib. */
const RECURSIVE_PROOF_FIELDS = 410
/** No proof for the target evm-no-zk is larger; its size depends on the circuit. */
const MAX_FINAL_BYTES = 32 * 1024

/** A batch or aggregate proof taken apart. */
export interface RecursiveProof {
  statement: StatementFields
  /** 32-byte words. */
  proof: Hex[]
}

type Names = Pick<NoirCircuits, 'statementNames'>

/** Takes stored bytes apart; `undefined` for anything that isn't the one encoding of a proof's form. */
export function parseRecursiveProof(bytes: Uint8Array, { statementNames }: Names): RecursiveProof | undefined {
  if (bytes.length !== (statementNames.length + RECURSIVE_PROOF_FIELDS) * WORD_BYTES) return undefined
  const words = toWordList(bytes)
  if (!words.every(isCanonical)) return undefined
  const statement = Object.fromEntries(statementNames.map((name, i) => [name, words[i] as Hex]))
  return { statement, proof: words.slice(statementNames.length) }
}

/** Tells whether bytes have the form of a final proof. What they say is for `bb` or the contract to judge. */
export const isFinalProofShaped = (bytes: Uint8Array): boolean =>
  bytes.length > 0 && bytes.length <= MAX_FINAL_BYTES && bytes.length % WORD_BYTES === 0

/** Gives words as `bb` reads and writes them. */
export const wordsToBytes = (words: Hex[]): Uint8Array => hexToBytes(concatHex(words))

/** Gives the public inputs of a batch or an aggregate, in their order. */
export const statementWords = (statement: StatementFields, { statementNames }: Names): Hex[] =>
  statementNames.flatMap((name) => statement[name] ?? [])

/** Tells whether a word is the one encoding of a field element. */
export const isCanonical = (value: Hex): boolean => BigInt(value) < BN254_SCALAR_FIELD

/** Gives the 32-byte words of a file of `bb`; a rest that is no whole word is dropped by the callers' length checks. */
export const toWordList = (bytes: Uint8Array): Hex[] =>
  Array.from({ length: Math.floor(bytes.length / WORD_BYTES) }, (_, i) =>
    bytesToHex(bytes.subarray(i * WORD_BYTES, (i + 1) * WORD_BYTES)),
  )
