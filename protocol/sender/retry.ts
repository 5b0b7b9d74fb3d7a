import { URGENT_BLOCKS } from './fees.ts'
import { type Intent, isProof, isSameTransaction } from './intent.ts'
import type { SenderView, UnfinalAttempt } from './view.ts'

/** Blocks between tries of a transaction that reverts double up to 2^6. */
const MAX_BACKOFF_EXPONENT = 6

/** Those of a proof double up to 2^2. A try costs gas alone, and the windows of the proofs behind it run on. */
const MAX_PROOF_BACKOFF_EXPONENT = 2

type Receipt = NonNullable<UnfinalAttempt['receipt']>

/** Gives the receipts of transactions with the intent's calldata that stand at the head. */
export function receiptsOf({ attempts, nonceAtHead }: SenderView, intent: Intent): Receipt[] {
  const same = attempts.filter((one) => one.nonce < nonceAtHead && one.intent && isSameTransaction(one.intent, intent))
  return same.flatMap((one) => one.receipt ?? [])
}

/** How long finality takes has nothing to do with how often a transaction is tried. */
const FORGOTTEN_BLOCKS = 2 ** (MAX_BACKOFF_EXPONENT + 4)

/** Says from which block on final reverts are of interest. */
export const revertsSince = (head: number): number => Math.max(0, head - FORGOTTEN_BLOCKS)

/** Lists the blocks in which transactions of the intent reverted. */
function revertsOf(view: SenderView, intent: Intent): number[] {
  const unfinal = receiptsOf(view, intent).flatMap((receipt) =>
    receipt.status === 'reverted' ? [receipt.blockNumber] : [],
  )
  const final = (view.finalReverts ?? []).filter((one) => isSameTransaction(one.intent, intent))
  return [...final.map(({ blockNumber }) => blockNumber), ...unfinal]
}

/**
 * Gives the head from which a transaction that reverted n times is tried again. That is 2^(n-1) - 1 blocks after the
 * last time, and in each of the last blocks that accept it.
 */
export function retryBlock(view: SenderView, intent: Intent): number {
  const blocks = revertsOf(view, intent)
  if (blocks.length === 0) return 0
  const maxExponent = isProof(intent) ? MAX_PROOF_BACKOFF_EXPONENT : MAX_BACKOFF_EXPONENT
  const rested = Math.max(...blocks) + 2 ** Math.min(blocks.length - 1, maxExponent) - 1
  return intent.lastBlock === null ? rested : Math.min(rested, intent.lastBlock - URGENT_BLOCKS)
}
