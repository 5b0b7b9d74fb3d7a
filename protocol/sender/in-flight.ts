import { type Intent, isProof, isSameTransaction, type SequenceIntent } from './intent.ts'
import type { SenderView, UnfinalAttempt } from './view.ts'

/**
 * Where a signed transaction is. It is signed from its row on, in flight from its first broadcast on, and neither any
 * more once a block has used up its nonce.
 */
type Live = Pick<SenderView, 'attempts' | 'nonceAtHead'>

/** Picks those attempts whose nonce no block has used up, as the account's next nonce after the head tells. */
export const unminedAt = <One extends { nonce: number }>(nonceAtHead: number, attempts: readonly One[]): One[] =>
  attempts.filter((one) => one.nonce >= nonceAtHead)

/** Does the same where only the rows tell: with one attempt of a nonce mined, none of its others will be. */
export const unminedByRows = <One extends { nonce: number }>(
  attempts: readonly One[],
  isMined: (one: One) => boolean,
): One[] => {
  const used = new Set(attempts.filter(isMined).map(({ nonce }) => nonce))
  return attempts.filter(({ nonce }) => !used.has(nonce))
}

/** Picks the newest attempt of each nonce. */
export const newestByNonce = <One extends { nonce: number; attempt: number }>(attempts: readonly One[]): One[] =>
  attempts.filter((one) => attempts.every(({ nonce, attempt }) => nonce !== one.nonce || attempt <= one.attempt))

/** Tells whether some attempt of it is stored and isn't mined, and so is among the account's liabilities. */
export const isSigned = (intent: Intent, live: Live): boolean => unminedOf(intent, live).length > 0

/**
 * Tells whether some attempt that would carry it out is in flight, one too that another was signed in place of. One
 * that is only stored is nobody's business yet.
 */
export const mayLand = (intent: Intent, live: Live): boolean => unminedOf(intent, live).some(isSent)

/** Tells whether a nonce of it is used up at the head, and no node tells yet by which attempt, and what came of it. */
export const isUntold = (intent: Intent, { attempts }: Pick<Live, 'attempts'>): boolean =>
  attempts.some((one) => one.isUntold === true && isAttemptOf(intent, one))

/**
 * Gives the nonce under which a transaction of the intent is in flight. What another transaction was signed in place of
 * doesn't count: it may yet land, but nobody sends it.
 */
export function nonceInFlight(intent: Intent, live: Live): number | undefined {
  return newestInFlight(live).find((one) => isAttemptOf(intent, one))?.nonce
}

/**
 * Lists what is in flight at lower nonces than the intent's transaction, and so runs before it; nothing while that
 * isn't.
 */
export function inFlightBefore(intent: Intent, live: Live): Intent[] {
  const nonce = nonceInFlight(intent, live)
  return newestInFlight(live).flatMap((one) => (nonce !== undefined && one.nonce < nonce ? (one.intent ?? []) : []))
}

/**
 * Gives the last batch that is verified when the proof's transaction runs: nonces run in order, so proofs of ours that
 * are in flight before it will have run.
 */
export function lastVerifiedBefore(proof: SequenceIntent, lastVerifiedBatch: number, live: Live): number {
  const before = inFlightBefore(proof, live).flatMap((intent) =>
    intent.step !== 'stake' && isProof(intent) && intent.rollup === proof.rollup ? [intent] : [],
  )
  return before
    .sort((a, b) => a.from - b.from)
    .reduce((last, { from, to }) => (from === last + 1 ? to : last), lastVerifiedBatch)
}

const newestInFlight = ({ attempts, nonceAtHead }: Live): UnfinalAttempt[] =>
  newestByNonce(unminedAt(nonceAtHead, attempts).filter(isSent))

const unminedOf = (intent: Intent, { attempts, nonceAtHead }: Live): UnfinalAttempt[] =>
  unminedAt(nonceAtHead, attempts).filter((one) => isAttemptOf(intent, one))

const isSent = ({ sentAtBlock }: UnfinalAttempt): boolean => sentAtBlock !== null

/** Tells whether an attempt would carry out the intent. */
const isAttemptOf = (intent: Intent, { intent: other }: Pick<UnfinalAttempt, 'intent'>): boolean =>
  other !== null && isSameTransaction(other, intent)
