import { type Intent, isProof, isSameTransaction, type SequenceIntent } from './intent.ts'
import type { SenderView, UnfinalAttempt } from './view.ts'

type Live = Pick<SenderView, 'attempts' | 'nonceAtHead'>

/**
 * The nonce under which a transaction of the intent is out and not mined. What another transaction was signed in place
 * of doesn't count: it may yet land, but nobody sends it.
 */
export function nonceInFlight(intent: Intent, live: Live): number | undefined {
  return newestInFlight(live).find((one) => one.intent !== null && isSameTransaction(one.intent, intent))?.nonce
}

/** What is out at lower nonces than the intent's transaction, and so runs before it; nothing while that isn't out. */
export function inFlightBefore(intent: Intent, live: Live): Intent[] {
  const nonce = nonceInFlight(intent, live)
  return newestInFlight(live).flatMap((one) => (nonce !== undefined && one.nonce < nonce ? (one.intent ?? []) : []))
}

/**
 * The last batch that is verified when the proof's transaction runs: nonces run in order, so proofs of ours that are in
 * flight before it will have run.
 */
export function lastVerifiedBefore(proof: SequenceIntent, lastVerifiedBatch: number, live: Live): number {
  const before = inFlightBefore(proof, live).flatMap((intent) =>
    intent.step !== 'stake' && isProof(intent) && intent.rollup === proof.rollup ? [intent] : [],
  )
  return before
    .sort((a, b) => a.from - b.from)
    .reduce((last, { from, to }) => (from === last + 1 ? to : last), lastVerifiedBatch)
}

/** Of each unmined nonce the newest attempt that was sent: one that is only stored is nobody's business yet. */
function newestInFlight({ attempts, nonceAtHead }: Live): UnfinalAttempt[] {
  const sent = attempts.filter((one) => one.nonce >= nonceAtHead && one.sentAtBlock !== null)
  return sent.filter((one) => sent.every(({ nonce, attempt }) => nonce !== one.nonce || attempt <= one.attempt))
}
