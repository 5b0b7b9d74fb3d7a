import type { Address, SequenceKey, SequenceRef } from '../base/ranges.ts'
import { isSameAddress } from '../base/ranges.ts'
import { blocksLeft } from '../base/windows.ts'
import type { Step } from '../sequence/next-step.ts'
import { type ProofReference, proofReference } from '../sequence/view.ts'
import { URGENT_BLOCKS } from './fees.ts'

/** What a transaction for a sequence is for, most urgent first (docs/design.md#order-of-sending). */
const SEQUENCE_STEPS = ['prove-late', 'prove', 'commit', 'claim'] as const

/** What a transaction of the miner's account is for, most urgent first. */
export const INTENT_STEPS = [...SEQUENCE_STEPS, 'stake'] as const
export type IntentStep = (typeof INTENT_STEPS)[number]

interface IntentBase {
  /** Name of the rollup in the configuration. */
  rollup: string
  /** Who is called. */
  contract: Address
  /** First block that accepts it. */
  firstBlock: number
  /** Last block that accepts it. It is null where there is no limit. */
  lastBlock: number | null
}

/** A transaction that a sequence wants. It has references only; the sender builds the calldata when it signs. */
export interface SequenceIntent extends IntentBase, SequenceRef {
  /** Which step of the sequence it carries out. There is one live intent per (rollup, sequence, step). */
  step: (typeof SEQUENCE_STEPS)[number]
  /** The final proof that is committed to or sent. It is null for a claim. */
  finalProof: ProofReference | null
  /** Last batches of other sequences that a claim names, too. Of a claim that is signed its bytes tell them. */
  also?: readonly number[]
}

/**
 * Makes the intent that a step asks for. It is null for a step that asks for no transaction.
 * @param kept the final proof that the step is about.
 */
export function intentOf(
  step: Step,
  { sequence, contract, kept }: { sequence: SequenceRef; contract: Address; kept: ProofReference | null },
): SequenceIntent | null {
  const { rollup, from, to, accInputHash } = sequence
  const base = { rollup, from, to, accInputHash, contract }
  if (step.kind === 'claim') return { ...base, step: 'claim', finalProof: null, firstBlock: 0, lastBlock: null }
  if ((step.kind !== 'commit' && step.kind !== 'prove') || kept === null) return null
  return {
    ...base,
    step: step.kind === 'commit' ? 'commit' : step.isLate ? 'prove-late' : 'prove',
    finalProof: proofReference(kept),
    firstBlock: step.firstBlock,
    lastBlock: step.lastBlock,
  }
}

/** The miner's stake is to be this much. There is one live intent per rollup. */
export interface StakeIntent extends IntentBase {
  step: 'stake'
  /** Stake that is wanted, locked part included, wei as a decimal string. */
  toWei: string
}

export type Intent = SequenceIntent | StakeIntent

/**
 * Gives the de-duplication key of an intent. A proof that became late while it was under way is still the same
 * transaction: with an id of its own it would be sent twice.
 */
export const intentId = (intent: Intent): string =>
  intent.step === 'stake' ? stakeId(intent.rollup) : stepId(intent, intent.step)

/** Gives the id of a rollup's intent about stake. */
export const stakeId = (rollup: string): string => `${rollup}/stake`

/** Gives the id of a sequence's intent. */
export const stepId = ({ rollup, from, to }: SequenceKey, step: SequenceIntent['step']): string =>
  `${rollup}/${from}-${to}/${step === 'prove-late' ? 'prove' : step}`

/** Tells whether it sends a proof, late or not. */
export const isProof = (intent: Pick<Intent, 'step'>): boolean =>
  intent.step === 'prove' || intent.step === 'prove-late'

/** Tells whether the intent is one of this sequence's. */
export const isOfSequence = (intent: Intent | null, key: SequenceKey): intent is SequenceIntent =>
  intent !== null &&
  intent.step !== 'stake' &&
  intent.rollup === key.rollup &&
  intent.from === key.from &&
  intent.to === key.to

/** Tells whether both stand for the same call; their windows may differ. */
export const isSameTransaction = (a: Intent, b: Intent): boolean =>
  intentId(a) === intentId(b) && isSameAddress(a.contract, b.contract) && argumentOf(a) === argumentOf(b)

const argumentOf = (intent: Intent): string | undefined =>
  intent.step === 'stake' ? intent.toWei : intent.finalProof?.sha256

/** Puts an intent into the queue. A newer one of the same id takes the place of the older. */
export const enqueue = (queue: readonly Intent[], intent: Intent): Intent[] => [
  ...queue.filter((other) => intentId(other) !== intentId(intent)),
  intent,
]

/**
 * The kinds in the order in which they go, however they are for time. A late proof stands among the others by its own
 * last block.
 */
const RANK: Record<IntentStep, number> = { 'prove-late': 0, prove: 0, commit: 1, claim: 2, stake: 3 }

/**
 * A late proof without a deadline goes before its rollup's other proofs only while they have more blocks left than
 * these.
 */
const NEAR_END_BLOCKS = 2 * URGENT_BLOCKS

/**
 * Puts the queue into sending order for inclusion after `head`: proofs, hashes, claims, stake. Among these the fewest
 * blocks left go first. Within a rollup proofs and hashes go by their starting batch, so the lower one inherits the
 * urgency of those that wait behind it. Late proofs wait for nobody. An expired intent makes nobody urgent.
 */
export function inSendingOrder(queue: readonly Intent[], head: number): Intent[] {
  const left = (intent: Intent) =>
    intent.lastBlock === null || hasExpired(intent, head) ? Number.MAX_SAFE_INTEGER : blocksLeft(head, intent.lastBlock)
  const behind = (intent: Intent) =>
    queue.filter(
      (other) => other.rollup === intent.rollup && other.step === intent.step && startOf(other) >= startOf(intent),
    )
  const urgency = (intent: Intent) => {
    if (intent.step !== 'prove-late') return Math.min(...behind(intent).map(left))
    return intent.lastBlock === null ? endlessUrgency(queue, intent, left) : left(intent)
  }
  const keyed = queue.map((intent) => ({ intent, urgency: urgency(intent) }))
  return keyed
    .sort(
      ({ intent: a, urgency: ofA }, { intent: b, urgency: ofB }) =>
        RANK[a.step] - RANK[b.step] ||
        ofA - ofB ||
        Number(b.step === 'prove-late') - Number(a.step === 'prove-late') ||
        compareText(a.rollup, b.rollup) ||
        startOf(a) - startOf(b) ||
        endOf(a) - endOf(b),
    )
    .map(({ intent }) => intent)
}

/**
 * Says how urgent an endless late proof is. The contracts of 2023 fine a late miner for any other call, but that is
 * less than what a proof that is missed costs.
 */
function endlessUrgency(queue: readonly Intent[], late: Intent, left: (intent: Intent) => number): number {
  const proofs = queue.filter(({ rollup, step }) => rollup === late.rollup && step === 'prove')
  const first = Math.min(...proofs.map(left))
  return first > NEAR_END_BLOCKS ? Math.min(first, Number.MAX_SAFE_INTEGER) : Number.MAX_SAFE_INTEGER
}

const startOf = (intent: Intent): number => (intent.step === 'stake' ? 0 : intent.from)
const endOf = (intent: Intent): number => (intent.step === 'stake' ? 0 : intent.to)

/** Tells whether a transaction of the intent can still be accepted in the block after `head`. */
export const canLand = (intent: Pick<Intent, 'firstBlock' | 'lastBlock'>, head: number): boolean =>
  head + 1 >= intent.firstBlock && !hasExpired(intent, head)

/** Tells whether the intent's last block has gone by. */
export const hasExpired = (intent: Pick<Intent, 'lastBlock'>, head: number): boolean =>
  intent.lastBlock !== null && head + 1 > intent.lastBlock

/** Compares by code units, so that the order is the same on every machine, whatever its language. */
const compareText = (a: string, b: string): number => Number(a > b) - Number(a < b)

/** Longest text of a signal that is read. Names, hashes and amounts are shorter. */
const MAX_TEXT = 1_000

/**
 * Tells whether something that came by a signal has the form of an intent. Nothing of what it says is believed
 * (`activities/sender/restate-queue.ts`).
 */
export function isIntent(value: unknown): value is Intent {
  if (!isRecord(value) || !isText(value.rollup) || !isText(value.contract)) return false
  if (!INTENT_STEPS.some((step) => step === value.step)) return false
  if (!isCount(value.firstBlock) || !(value.lastBlock === null || isCount(value.lastBlock))) return false
  if (value.step === 'stake') return typeof value.toWei === 'string' && /^\d{1,30}$/.test(value.toWei)
  if (!isCount(value.from) || !isCount(value.to) || !isText(value.accInputHash)) return false
  return value.step === 'claim' || isProofRef(value.finalProof)
}

const isProofRef = (value: unknown): boolean =>
  isRecord(value) && isText(value.sha256) && isText(value.proofHash) && isCount(value.size)

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= MAX_TEXT

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0
