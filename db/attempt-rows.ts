import type { Fees } from '../protocol/fees.ts'
import type { IntentStep } from '../protocol/sender-queue.ts'
import type { Address, Hex, SequenceKey } from '../protocol/sequence.ts'
import { lowerCase } from './rows.ts'
import type { attempts } from './schema/attempts.ts'

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

/** What an attempt is for. */
interface AttemptPurpose extends SequenceKey {
  step: IntentStep
  firstBlock: number
  /** Null: no limit. */
  lastBlock: number | null
  /** Null for a claim. */
  finalProofSha256: Hex | null
}

/** A signed transaction that is about to be stored and sent. */
export interface NewAttempt extends AttemptKey, Fees {
  txHash: Hex
  /** The signed bytes, as they are broadcast. */
  raw: Uint8Array
  /** Null for an empty self-transfer that only uses up its nonce. */
  purpose: AttemptPurpose | null
}

/** Where and how an attempt was mined. */
export interface Inclusion {
  minedBlock: number
  blockHash: Hex
  gasUsed: bigint
  /** Wei per gas. */
  effectiveGasPrice: bigint
  status: 'success' | 'reverted'
}

/** A stored attempt. */
export interface Attempt extends NewAttempt {
  /** ISO text. */
  storedAt: string
  /** The last broadcast, ISO text; null before the first. */
  broadcastAt: string | null
  /** Head at the first broadcast. */
  sentAtBlock: number | null
  /** Null: not mined yet, or no longer after a reorg. */
  inclusion: Inclusion | null
  /** Its nonce is used up on a final block by another attempt. */
  isReplaced: boolean
  /** Nothing can change any more. */
  isFinal: boolean
}

type AttemptRow = typeof attempts.$inferSelect

/** A new attempt as a row. */
export function toRow({ purpose, ...attempt }: NewAttempt): typeof attempts.$inferInsert {
  const { from: fromBatch, to: toBatch, ...rest } = purpose ?? {}
  return { ...attempt, account: lowerCase(attempt.account), fromBatch, toBatch, ...rest }
}

/** A row as an attempt. */
export function fromRow(row: AttemptRow): Attempt {
  const { chainId, account, nonce, attempt, txHash, raw, maxFeePerGas, maxPriorityFeePerGas } = row
  const { storedAt, broadcastAt, sentAtBlock, isFinal } = row
  return {
    ...{ chainId, account, nonce, attempt, txHash, raw, maxFeePerGas, maxPriorityFeePerGas },
    ...{ storedAt, broadcastAt, sentAtBlock, isFinal },
    purpose: purposeOf(row),
    inclusion: inclusionOf(row),
    isReplaced: row.outcome === 'replaced',
  }
}

function purposeOf({ rollup, fromBatch, toBatch, step, firstBlock, lastBlock, finalProofSha256 }: AttemptRow): AttemptPurpose | null {
  if (rollup === null || fromBatch === null || toBatch === null || step === null || firstBlock === null) return null
  return { rollup, from: fromBatch, to: toBatch, step, firstBlock, lastBlock, finalProofSha256 }
}

function inclusionOf({ minedBlock, blockHash, gasUsed, effectiveGasPrice, status }: AttemptRow): Inclusion | null {
  if (minedBlock === null || blockHash === null || gasUsed === null || effectiveGasPrice === null || status === null) return null
  return { minedBlock, blockHash, gasUsed, effectiveGasPrice, status }
}
