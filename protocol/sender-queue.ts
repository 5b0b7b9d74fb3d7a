import type { BlobRef } from './proof-task.ts'
import type { Address, Hex, SequenceKey } from './sequence.ts'
import { blocksLeft } from './windows.ts'

/** What a transaction of the miner's account is for, most urgent first (design §3, Sending: Order). */
export const INTENT_STEPS = ['prove-late', 'prove', 'commit', 'claim'] as const
export type IntentStep = (typeof INTENT_STEPS)[number]

/** A transaction that a sequence wants. References only; the sender builds the calldata when it signs. */
export interface Intent extends SequenceKey {
  /** Which step of the sequence it carries out. One live intent per (rollup, sequence, step). */
  step: IntentStep
  contract: Address
  /** The final proof that is committed to or sent; null for a claim. */
  finalProof: (BlobRef & { proofHash: Hex }) | null
  /** First block that accepts it. */
  firstBlock: number
  /** Last block that accepts it; null means without limit. */
  lastBlock: number | null
}

/**
 * De-duplication key of an intent. A proof that became late while it was under way is still the same transaction: with an
 * id of its own it would be sent twice.
 */
export const intentId = ({ rollup, from, to, step }: Pick<Intent, 'rollup' | 'from' | 'to' | 'step'>): string =>
  `${rollup}/${from}-${to}/${step === 'prove-late' ? 'prove' : step}`

/** Whether it sends a proof, late or not. */
export const isProof = (intent: Pick<Intent, 'step'>): boolean => intent.step === 'prove' || intent.step === 'prove-late'

/** Whether both stand for the same calldata; their windows may differ. */
export const isSameTransaction = (a: Intent, b: Intent): boolean =>
  intentId(a) === intentId(b) && a.contract === b.contract && a.finalProof?.sha256 === b.finalProof?.sha256

/** Puts an intent into the queue; a newer one of the same id takes the place of the older. */
export const enqueue = (queue: readonly Intent[], intent: Intent): Intent[] => [
  ...queue.filter((other) => intentId(other) !== intentId(intent)),
  intent,
]

/**
 * The queue in sending order for inclusion after `head`: by kind of step, then fewest blocks left, and within a rollup
 * the lower starting batch first, which therefore inherits the urgency of those that wait behind it. An expired intent
 * hurries nobody.
 */
export function inSendingOrder(queue: readonly Intent[], head: number): Intent[] {
  const left = (intent: Intent) =>
    intent.lastBlock === null || hasExpired(intent, head) ? Number.MAX_SAFE_INTEGER : blocksLeft(head, intent.lastBlock)
  const rank = (intent: Intent) => INTENT_STEPS.indexOf(intent.step)
  const urgency = (intent: Intent) =>
    Math.min(
      ...queue.filter((other) => other.rollup === intent.rollup && other.step === intent.step && other.from >= intent.from).map(left),
    )
  return [...queue].sort(
    (a, b) => rank(a) - rank(b) || urgency(a) - urgency(b) || compareText(a.rollup, b.rollup) || a.from - b.from || a.to - b.to,
  )
}

/** Whether a transaction of the intent can still be accepted in the block after `head`. */
export const canLand = (intent: Pick<Intent, 'firstBlock' | 'lastBlock'>, head: number): boolean =>
  head + 1 >= intent.firstBlock && !hasExpired(intent, head)

/** Whether the intent's last block has gone by. */
export const hasExpired = (intent: Pick<Intent, 'lastBlock'>, head: number): boolean =>
  intent.lastBlock !== null && head + 1 > intent.lastBlock

/** By code units: the same order on every machine, whatever its language. */
const compareText = (a: string, b: string): number => Number(a > b) - Number(a < b)
