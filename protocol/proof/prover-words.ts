import { plainText } from '../base/plain-text.ts'
import type { Hex } from '../base/ranges.ts'
import type { ProofUpload } from './task.ts'

/** What a prover says about itself and its work, beside the bytes that can be verified. */
export type ProverWords = Pick<ProofUpload, 'prover' | 'durationMs' | 'peakMemoryBytes'>

/** It is counted in UTF-16 units, so never more characters than Postgres counts. The tables take as many. */
const NAME_LENGTH = 200

/** `0x` and 64 digits. */
const HASH_LENGTH = 66

/**
 * Gives what a worker answers a task with, in the shape and size that is taken from there on. It may have written
 * anything, also what is no object at all. It is cut where the answer arrives, before anybody asks what is in it.
 * Whether it holds is `acceptProof`'s to say.
 */
export function heardReport(said: unknown): ProofUpload {
  const { sha256, size, ...words }: { [word in keyof ProofUpload]?: unknown } = said ?? {}
  const named = typeof sha256 === 'string' ? plainText(sha256, HASH_LENGTH) : ''
  return { sha256: (named || '(none)') as Hex, size: figure(size), ...proverWords(words) }
}

/**
 * Gives a prover's words as tables, readers and terminals take them. They decide nothing, so none of them may keep a
 * proof that verifies from being stored. A name is on one line and bounded. A figure that isn't from 0 to 2^53 - 1 is
 * 0.
 */
export function proverWords({
  prover,
  durationMs,
  peakMemoryBytes,
}: { [word in keyof ProverWords]?: unknown }): ProverWords {
  return { prover: proverName(prover), durationMs: figure(durationMs), peakMemoryBytes: figure(peakMemoryBytes) }
}

/** Gives what a prover calls itself, on one line and bounded. */
export const proverName = (said: unknown): string =>
  (typeof said === 'string' && plainText(said, NAME_LENGTH)) || '(unnamed)'

function figure(said: unknown): number {
  const rounded = typeof said === 'number' ? Math.round(said) : 0
  return Number.isSafeInteger(rounded) && rounded > 0 ? rounded : 0
}
