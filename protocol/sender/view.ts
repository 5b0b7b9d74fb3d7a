import type { Hex } from '../base/ranges.ts'
import type { IntentFate } from './fates.ts'
import type { FeeMarket, Fees } from './fees.ts'
import type { Intent } from './intent.ts'
import type { NodesAnswer } from './nodes-answer.ts'

/** A signed transaction whose nonce isn't final yet. */
export interface UnfinalAttempt {
  nonce: number
  /** 0 is the nonce's first, replacements count up. */
  attempt: number
  /** What it is for. It is null for an empty self-transfer that only uses up its nonce. */
  intent: Intent | null
  fees: Fees
  txHash: Hex
  /** Head when it was first broadcast. It is null while it is only stored. */
  sentAtBlock: number | null
  /** What nodes said to it. It is left out while it isn't known. */
  answer?: NodesAnswer | null
  /** Where it was mined, at or below the head. */
  receipt: { blockNumber: number; status: 'success' | 'reverted' } | null
  /** Its nonce is used up at the head, and too few endpoints tell whether by this attempt. */
  isUntold?: boolean
}

/** All that a pass over an account decides on. Every chain field belongs to one pair of head and final block. */
export interface SenderView {
  head: number
  /** Next nonce after the head's and after the final block's transactions. */
  nonceAtHead: number
  nonceAtFinal: number
  attempts: readonly UnfinalAttempt[]
  queue: readonly Intent[]
  /** By `intentId`, of every intent in `queue` and in `attempts`. Where both have one, it is that of the queue. */
  fates: Readonly<Record<string, IntentFate>>
  market: FeeMarket
  limits: { maxFeePerGasWei: bigint; patienceBlocks: number }
  /** What reverted and is final, of the last blocks. It is left out when there is nothing. */
  finalReverts?: readonly { intent: Intent; blockNumber: number }[]
  /** Transactions that an admin wants raised however long they have waited. They are left out when there are none. */
  toBump?: readonly Hex[]
}

/**
 * What to do, in this order.
 * - `finish`: the nonce is final. Where `minedAttempt` is null, a transaction that isn't ours took it.
 * - `drop`: the intent leaves the queue.
 * - `broadcast`: the stored bytes are sent, for the first time or again.
 * - `sign`: a transaction is signed, stored, and then broadcast. Where `intent` is null, it is an empty self-transfer.
 */
export type SenderAction =
  | { kind: 'finish'; nonce: number; minedAttempt: number | null }
  | { kind: 'drop'; intent: Intent; why: string }
  | { kind: 'broadcast'; nonce: number; attempt: number; txHash: Hex }
  | { kind: 'sign'; nonce: number; attempt: number; intent: Intent | null; fees: Fees }

export interface SenderPlan {
  actions: SenderAction[]
  /** One line per nonce that isn't final, per intent that waits for one, and per drop. */
  lines: string[]
}

/** Lists the attempts under a nonce, oldest first. */
export const attemptsOf = ({ attempts }: Pick<SenderView, 'attempts'>, nonce: number): UnfinalAttempt[] =>
  attempts.filter((one) => one.nonce === nonce).sort((a, b) => a.attempt - b.attempt)

/** One pass of a sender over an account. */
export interface SenderPass {
  /** Intents that are still wanted. */
  queue: Intent[]
  /** Attempts whose nonce isn't final yet. */
  unfinalNonces: number
  /** One line per live nonce or waiting intent, and per intent that this pass dropped. */
  lines: string[]
  /** Time until the next look, ms. Where it is null, only a new intent can change anything. */
  waitMs: number | null
}
