import { randomBytes } from 'node:crypto'
import { concatHex, hexToBytes, numberToBytes, sha256, stringToHex } from 'viem/utils'
import type { Hex } from '../../protocol/base/ranges.ts'
import { word } from '../../protocol/proof/public-input.ts'
import type { SrsIdentity } from '../../protocol/proof/srs.ts'
import type { Statement } from '../../protocol/proof/statement.ts'
import type { Stage } from '../../protocol/proof/task.ts'

/** Proofs that anybody can make are refused wherever a reference string with a known secret is. */
export const SIMULATED_SRS: SrsIdentity = { srsName: 'simulated', isDevelopment: true }

const keyHash = (stage: Stage): Hex => sha256(stringToHex(`zkpow simulated ${stage}`))

export const SIMULATED_KEY_HASHES: Record<Stage, Hex> = {
  batch: keyHash('batch'),
  aggregate: keyHash('aggregate'),
  final: keyHash('final'),
}

/** Random bytes at the end of every proof: some proof systems never make the same proof twice. */
const SALT_BYTES = 1024

const WORD_BYTES = 32

/**
 * Makes what binds a batch or aggregated proof to its statement; the statement itself follows, so that the next stage
 * can read it.
 */
export function recursiveProof(stage: 'batch' | 'aggregate', statement: Statement): Uint8Array {
  const text = new TextEncoder().encode(canonicalStatement(statement))
  return Buffer.concat([
    recursiveTag(stage, statement),
    numberToBytes(text.length, { size: WORD_BYTES }),
    text,
    randomBytes(SALT_BYTES),
  ])
}

/** Makes `abi.encode(input) ‖ salt`, the form that contracts/simulated/SimulatedVerifier.sol accepts. */
export const finalProof = (publicInput: bigint): Uint8Array =>
  Buffer.concat([finalTag(publicInput), randomBytes(SALT_BYTES)])

/** Reads the statement that a batch or aggregated proof carries; undefined for anything else. */
export function statementOf(proof: Uint8Array): Statement | undefined {
  const length = Number(Buffer.from(proof.subarray(WORD_BYTES, 2 * WORD_BYTES)).readUIntBE(WORD_BYTES - 4, 4))
  try {
    return JSON.parse(new TextDecoder().decode(proof.subarray(2 * WORD_BYTES, 2 * WORD_BYTES + length)))
  } catch {
    return undefined
  }
}

export const startsWith = (proof: Uint8Array, tag: Uint8Array): boolean =>
  Buffer.from(proof.subarray(0, tag.length)).equals(tag)

export const recursiveTag = (stage: 'batch' | 'aggregate', statement: Statement): Uint8Array =>
  hexToBytes(sha256(concatHex([SIMULATED_KEY_HASHES[stage], stringToHex(canonicalStatement(statement))])))

export const finalTag = (publicInput: bigint): Uint8Array => hexToBytes(word(publicInput))

/** Gives one text per statement, whatever order its keys were set in. */
const canonicalStatement = (s: Statement): string => JSON.stringify(s, Object.keys(s).sort())
