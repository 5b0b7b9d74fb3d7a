/**
 * Bytes of proofs as they are stored: batch and aggregate bring their public inputs along for the circuit that verifies
 * them, final is what the contract gets.
 */
import { bytesToHex, concatHex, hexToBytes } from 'viem/utils'
import type { Hex } from '../../protocol/base/ranges.ts'
import { fromWords, isCanonical, STATEMENT_FIELDS, type StatementFields, toWords } from '../statement-fields.ts'

const WORD_BYTES = 32
/** Fields of a proof for the target noir-recursive-no-zk, whatever the circuit: `Child.proof` in circuits/lib. */
const RECURSIVE_PROOF_FIELDS = 410
const RECURSIVE_BYTES = (STATEMENT_FIELDS + RECURSIVE_PROOF_FIELDS) * WORD_BYTES
/** No proof for the target evm-no-zk is larger; its size depends on the circuit. */
const MAX_FINAL_BYTES = 32 * 1024

/** A batch or aggregate proof taken apart. */
export interface RecursiveProof {
  statement: StatementFields
  /** 32-byte words. */
  proof: Hex[]
}

/** Takes stored bytes apart; `undefined` for anything that isn't the one encoding of a proof's form. */
export function parseRecursiveProof(bytes: Uint8Array): RecursiveProof | undefined {
  if (bytes.length !== RECURSIVE_BYTES) return undefined
  const words = toWordList(bytes)
  if (!words.every(isCanonical)) return undefined
  return { statement: fromWords(words.slice(0, STATEMENT_FIELDS)), proof: words.slice(STATEMENT_FIELDS) }
}

/** Whether bytes have the form of a final proof. What they say is for `bb` or the contract to judge. */
export const isFinalProofShaped = (bytes: Uint8Array): boolean =>
  bytes.length > 0 && bytes.length <= MAX_FINAL_BYTES && bytes.length % WORD_BYTES === 0

/** Words as `bb` reads and writes them. */
export const wordsToBytes = (words: Hex[]): Uint8Array => hexToBytes(concatHex(words))

export const statementBytes = (statement: StatementFields): Uint8Array => wordsToBytes(toWords(statement))

/** 32-byte words of a file of `bb`; a rest that is no whole word is dropped by the callers' length checks. */
export const toWordList = (bytes: Uint8Array): Hex[] =>
  Array.from({ length: Math.floor(bytes.length / WORD_BYTES) }, (_, i) =>
    bytesToHex(bytes.subarray(i * WORD_BYTES, (i + 1) * WORD_BYTES)),
  )
