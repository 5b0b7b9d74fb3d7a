import type { Address, Hex } from '../../protocol/base/ranges.ts'
import type { Fees } from '../../protocol/sender/fees.ts'
import type { Intent, SequenceIntent } from '../../protocol/sender/intent.ts'
import type { NodesAnswer } from '../../protocol/sender/nodes-answer.ts'
import { lowerCase } from '../connection/row-values.ts'
import type { attempts } from '../schema/attempts.ts'

/** An account on a chain. */
export interface AccountKey {
  chainId: number
  account: Address
}

export interface NonceKey extends AccountKey {
  nonce: number
}

/** Key of an attempt: 0 is the nonce's first, replacements count up. */
export interface AttemptKey extends NonceKey {
  attempt: number
}

/** A signed transaction that is about to be stored and sent. */
export interface NewAttempt extends AttemptKey, Fees {
  txHash: Hex
  /** The signed bytes, as they are broadcast. */
  raw: Uint8Array
  /** What it is for; null for an empty self-transfer that only uses up its nonce. */
  purpose: Intent | null
}

/** Where and how an attempt was mined. */
export interface Inclusion {
  minedBlock: number
  blockHash: Hex
  /** Null where the nodes don't tell it. */
  gasUsed: bigint | null
  /** Wei per gas; null where the nodes don't tell it. */
  effectiveGasPrice: bigint | null
  status: 'success' | 'reverted'
}

/** An admin's wish to have a transaction mined soon. */
export interface BumpRequest {
  who: string
  reason: string
}

/** A stored attempt. */
export interface Attempt extends NewAttempt {
  /** ISO text. */
  storedAt: string
  /** The last broadcast, ISO text; null before the first. */
  broadcastAt: string | null
  /** Head at the first broadcast. */
  sentAtBlock: number | null
  /** What nodes said to the last broadcast that any of them answered; null before, and in rows of older versions. */
  answer: NodesAnswer | null
  /** Which admin asked for a replacement that offers more, and why; null: none. */
  bumpRequest: BumpRequest | null
  /** Null: not mined yet, or no longer after a reorg. */
  inclusion: Inclusion | null
  /** Its nonce is used up on a final block by another attempt. */
  isReplaced: boolean
  /** Nothing can change any more. */
  isFinal: boolean
}

type AttemptRow = typeof attempts.$inferSelect

/** Makes a row of a new attempt. */
export const toRow = ({ purpose, ...attempt }: NewAttempt): typeof attempts.$inferInsert => ({
  ...attempt,
  account: lowerCase(attempt.account),
  ...(purpose !== null && columnsOf(purpose)),
})

function columnsOf(purpose: Intent): Partial<typeof attempts.$inferInsert> {
  const { rollup, contract, step, firstBlock, lastBlock } = purpose
  const common = { rollup, contract, step, firstBlock, lastBlock }
  if (purpose.step === 'stake') return { ...common, stakeToWei: BigInt(purpose.toWei) }
  const { from: fromBatch, to: toBatch, accInputHash, finalProof } = purpose
  const proof = {
    finalProofSha256: finalProof?.sha256,
    finalProofSize: finalProof?.size,
    proofHash: finalProof?.proofHash,
  }
  return { ...common, fromBatch, toBatch, accInputHash, ...proof }
}

/** Makes an attempt of a row. */
export function fromRow(row: AttemptRow): Attempt {
  const { chainId, account, nonce, attempt, txHash, raw, maxFeePerGas, maxPriorityFeePerGas } = row
  const { storedAt, broadcastAt, sentAtBlock, answer, isFinal, bumpAskedBy, bumpAskedWhy } = row
  return {
    ...{ chainId, account, nonce, attempt, txHash, raw, maxFeePerGas, maxPriorityFeePerGas },
    ...{ storedAt, broadcastAt, sentAtBlock, answer, isFinal },
    purpose: purposeOf(row),
    bumpRequest: bumpAskedBy === null || bumpAskedWhy === null ? null : { who: bumpAskedBy, reason: bumpAskedWhy },
    inclusion: inclusionOf(row),
    isReplaced: row.outcome === 'replaced',
  }
}

function purposeOf(row: AttemptRow): Intent | null {
  const { rollup, contract, step, firstBlock, lastBlock, stakeToWei } = row
  if (rollup === null || contract === null || step === null || firstBlock === null) return null
  const common = { rollup, contract, firstBlock, lastBlock }
  if (step === 'stake') return { ...common, step, toWei: `${stakeToWei ?? 0n}` }
  const { fromBatch: from, toBatch: to, accInputHash } = row
  if (from === null || to === null || accInputHash === null) return null
  return { ...common, step, from, to, accInputHash, finalProof: finalProofOf(row) }
}

function finalProofOf({
  finalProofSha256: sha256,
  finalProofSize: size,
  proofHash,
}: AttemptRow): SequenceIntent['finalProof'] {
  return sha256 === null || size === null || proofHash === null ? null : { sha256, size, proofHash }
}

function inclusionOf({ minedBlock, blockHash, gasUsed, effectiveGasPrice, status }: AttemptRow): Inclusion | null {
  if (minedBlock === null || blockHash === null || status === null) return null
  return { minedBlock, blockHash, gasUsed, effectiveGasPrice, status }
}
