import { unminedAt } from './in-flight.ts'
import { canLand, hasExpired, type Intent, inSendingOrder, intentId, isProof, isSameTransaction } from './intent.ts'
import { areUrgent, isPayable, offerFor, ownCap } from './offer.ts'
import { attemptsOf, type SenderView, type UnfinalAttempt } from './view.ts'

/** A nonce that isn't mined, with what its newest attempt is worth now. */
export interface LiveNonce {
  nonce: number
  /** Undefined where rows are missing: the nonce was skipped and must be filled. */
  newest: UnfinalAttempt | undefined
  /** The newest attempt's intent, with the queue's window where the queue has a newer one. */
  intent: Intent | null
  /** `good` can land in the next block; `resting` may land later; `free` has nothing that must be sent. */
  worth: 'good' | 'resting' | 'free'
}

/** What a nonce may be in the way of. */
export interface Others {
  live: readonly LiveNonce[]
  /**
   * Proofs that could land in the next block and have no nonce: all that may be in flight are taken, or it waits for
   * one of them.
   */
  waiting: readonly Intent[]
}

/** Lists all nonces that aren't mined, upwards, each with what its newest attempt carries and is worth. */
export function liveNonces(view: SenderView, kept: readonly Intent[]): LiveNonce[] {
  const top = Math.max(view.nonceAtHead - 1, ...view.attempts.map((one) => one.nonce))
  const claimed = new Set<string>()
  return Array.from({ length: top + 1 - view.nonceAtHead }, (_, i) => {
    const nonce = view.nonceAtHead + i
    const newest = attemptsOf(view, nonce).at(-1)
    const intent = newest?.intent ? currentVersion(newest.intent, kept) : null
    const worth =
      intent && !claimed.has(intentId(intent)) ? worthOf(view, intent, newest?.sentAtBlock === null) : 'free'
    if (intent && worth !== 'free') claimed.add(intentId(intent))
    return { nonce, newest, intent, worth }
  })
}

/** Gives the sent intent as the queue has it now; null when the queue wants other calldata for the same. */
function currentVersion(sent: Intent, kept: readonly Intent[]): Intent | null {
  const wanted = kept.find((intent) => intentId(intent) === intentId(sent)) ?? sent
  return isSameTransaction(wanted, sent) ? wanted : null
}

function worthOf(view: SenderView, intent: Intent, isOnlyStored: boolean): LiveNonce['worth'] {
  const fate = view.fates[intentId(intent)]
  // What may not be sent now is left alone; what nobody has seen of it keeps no nonce from others.
  if (fate === undefined || fate.kind === 'held') return isOnlyStored ? 'free' : 'resting'
  // What is out was decided about when it was sent, and the nonces behind it, perhaps other rollups' proofs, wait for
  // it.
  const isSeenThrough = fate.kind === 'unjudged' && !isOnlyStored
  if ((fate.kind !== 'wanted' && !isSeenThrough) || hasExpired(intent, view.head)) return 'free'
  return canLand(intent, view.head) ? 'good' : 'resting'
}

/**
 * Frees nonces for others. What nobody sends again because it is held, and what no block takes because it has offered
 * all that it may, gives up its nonce when another transaction waits behind it, or needs one; and what can go later
 * does so for a proof in its last blocks.
 */
export function yieldNonces(view: SenderView, live: readonly LiveNonce[], ready: readonly Intent[]): LiveNonce[] {
  const numbered = new Set(live.flatMap(({ intent }) => (intent ? [intentId(intent)] : [])))
  let wanted = ready.filter((intent) => !numbered.has(intentId(intent)))
  return live.map((one) => {
    const proof = wanted.find((intent) => mayTakeOver(view, intent, one, live))
    if (proof !== undefined) {
      wanted = wanted.filter((intent) => intent !== proof)
      return { ...one, worth: 'free' }
    }
    const isInTheWay = live.some(
      (other) => other.nonce > one.nonce && other.worth === 'good' && !isOutpriced(view, other),
    )
    const others = { live, waiting: wanted.filter(isProof) }
    const mayYield = isHeld(view, one) || isOutpriced(view, one) || isInUrgentProofsWay(view, one, others)
    const taker = mayYield ? wanted.find((intent) => isFreeFor(view, intent, one.nonce)) : undefined
    if (!mayYield || (!isInTheWay && taker === undefined)) return one
    wanted = wanted.filter((intent) => intent !== taker)
    return { ...one, worth: 'free' }
  })
}

/**
 * Tells whether a proof may take over a nonce. Behind what is in flight it might be too late for it, so it takes a
 * nonce that is free or that of what can go later.
 */
function mayTakeOver(view: SenderView, proof: Intent, one: LiveNonce, live: readonly LiveNonce[]): boolean {
  if (!isProof(proof) || !areUrgent([proof], view.head) || !isFreeFor(view, proof, one.nonce)) return false
  const isOpen = one.worth === 'free' || one.intent === null || mayGoLater(view, one.intent, { one, live, proof })
  return isOpen && offerFor(view, { intent: proof, previous: one.newest?.fees, proofs: [proof] }) !== undefined
}

/**
 * Tells whether an intent may go later. Those of its rollup that were sent after it in their order, hashes or proofs,
 * would run before it.
 */
function mayGoLater(
  view: SenderView,
  intent: Intent,
  p: { one: LiveNonce; live: readonly LiveNonce[]; proof: Intent },
): boolean {
  if (inSendingOrder([p.proof, intent], view.head)[0] !== p.proof) return false
  if (intent.step !== 'commit' && intent.step !== 'prove') return true
  const isNext = (other: Intent | null) => other?.rollup === intent.rollup && other.step === intent.step
  return !p.live.some((other) => other.nonce > p.one.nonce && other.worth !== 'free' && isNext(other.intent))
}

const isHeld = ({ fates }: SenderView, { worth, intent }: LiveNonce): boolean =>
  worth === 'resting' && intent !== null && fates[intentId(intent)]?.kind === 'held'

/** Tells whether its offer is below the base fee, and all that it may offer by itself, too. */
function isOutpriced(view: SenderView, { worth, newest, intent }: LiveNonce): boolean {
  if (worth !== 'good' || newest === undefined) return false
  return newest.fees.maxFeePerGas < view.market.baseFeePerGas && !isPayable(view, ownCap(view, intent))
}

/**
 * Tells whether a proof in its last blocks waits for it, and no block took it though it has offered all that it may.
 */
function isInUrgentProofsWay(view: SenderView, { nonce, worth, newest, intent }: LiveNonce, others: Others): boolean {
  if (worth !== 'good' || intent === null || isProof(intent) || newest === undefined) return false
  const proofs = proofsFrom(nonce, others)
  const wasPassedOver = newest.sentAtBlock !== null && newest.sentAtBlock !== view.head
  return (
    wasPassedOver &&
    areUrgent(proofs, view.head) &&
    offerFor(view, { intent, previous: newest.fees, proofs }) === undefined
  )
}

/**
 * Tells whether an intent may get a nonce. One that has an attempt under a live nonce, even a replaced one, may get no
 * other: both could be mined. The contract takes a deposit any number of times, so it gets the account's next nonce
 * only: even with its row lost, another one would need the same.
 */
export function isFreeFor({ attempts, nonceAtHead }: SenderView, intent: Intent, nonce: number): boolean {
  if (intent.step === 'stake' && nonce !== nonceAtHead) return false
  const key = intentId(intent)
  return unminedAt(nonceAtHead, attempts).every(
    (one) => one.nonce === nonce || !one.intent || intentId(one.intent) !== key,
  )
}

/**
 * Lists what can be mined only with a nonce or after it: its own intent, those behind it, and the proofs that will get
 * one behind them all.
 */
const waitingFrom = (nonce: number, { live, waiting }: Others): Intent[] => [
  ...live.flatMap((one) => (one.nonce >= nonce && one.worth === 'good' ? (one.intent ?? []) : [])),
  ...waiting,
]

/** Lists the proofs among what can be mined only with a nonce or after it. */
export const proofsFrom = (nonce: number, others: Others): Intent[] => waitingFrom(nonce, others).filter(isProof)

/** Gives the first last block of all that can be mined only with a nonce or after it; null where none has one. */
export function mostUrgentFrom(nonce: number, others: Others): number | null {
  const blocks = waitingFrom(nonce, others).flatMap(({ lastBlock }) => lastBlock ?? [])
  return blocks.length === 0 ? null : Math.min(...blocks)
}
