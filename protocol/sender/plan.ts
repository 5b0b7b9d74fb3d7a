import { asGasPrice, type Fees, needsRaise } from './fees.ts'
import { gatherClaims, isCarried } from './gather-claims.ts'
import { unminedAt } from './in-flight.ts'
import { canLand, hasExpired, type Intent, inSendingOrder, intentId, isProof, isSameTransaction } from './intent.ts'
import { minedLines, nameOf, troubleOf, waitingLine } from './lines.ts'
import { isCuredAnew, mayBeTooLow, nodesRefusalText } from './nodes-answer.ts'
import { areUrgent, isPayable, offerFor, offerInstead, ownCap } from './offer.ts'
import { receiptsOf, retryBlock } from './retry.ts'
import { attemptsOf, type SenderAction, type SenderPlan, type SenderView, type UnfinalAttempt } from './view.ts'

/** Nodes keep this many transactions of one account for sure (geth's `--txpool.accountslots`). */
const MAX_LIVE_NONCES = 16

/**
 * Decides what the account's sender does next (docs/design.md#one-sender-per-account). No nonce is skipped; an intent
 * has attempts under one live nonce at most; a transaction that can't succeed any more hands its nonce to the next
 * intent or to an empty self-transfer.
 */
export function planSending(view: SenderView): SenderPlan {
  const drops = view.queue.flatMap((intent) => {
    const why = whyDrop(view, intent)
    return why === null ? [] : [{ kind: 'drop' as const, intent, why }]
  })
  const kept = view.queue.filter((intent) => !drops.some((drop) => drop.intent === intent))
  const { moves, waiting, carried } = assignNonces(view, kept)
  return {
    actions: [...finishedNonces(view), ...drops, ...moves.flatMap((move) => move.action ?? [])],
    lines: [
      ...minedLines(view),
      ...moves.map((move) => move.line),
      ...waiting.map((intent) => waitingLine(view, intent, carried.includes(intent))),
      ...drops.map(({ intent, why }) => `${nameOf(intent)}: dropped, ${why}`),
    ],
  }
}

/** What happens to one nonce that isn't mined. */
interface Move {
  action: SenderAction | null
  line: string
}

/** A nonce that isn't mined, with what its newest attempt is worth now. */
interface LiveNonce {
  nonce: number
  /** Undefined where rows are missing: the nonce was skipped and must be filled. */
  newest: UnfinalAttempt | undefined
  /** The newest attempt's intent, with the queue's window where the queue has a newer one. */
  intent: Intent | null
  /** `good` can land in the next block; `resting` may land later; `free` has nothing that must be sent. */
  worth: 'good' | 'resting' | 'free'
}

/** What a nonce may be in the way of. */
interface Others {
  live: readonly LiveNonce[]
  /**
   * Proofs that could land in the next block and have no nonce: all that may be in flight are taken, or it waits for
   * one of them.
   */
  waiting: readonly Intent[]
}

function finishedNonces({ attempts, nonceAtFinal }: SenderView): SenderAction[] {
  const isTold = (nonce: number) => {
    const ofNonce = attempts.filter((one) => one.nonce === nonce)
    return ofNonce.some((one) => one.receipt) || !ofNonce.some((one) => one.isUntold)
  }
  const nonces = [...new Set(attempts.map((one) => one.nonce))].filter((nonce) => nonce < nonceAtFinal && isTold(nonce))
  return nonces
    .sort((a, b) => a - b)
    .map((nonce) => ({
      kind: 'finish',
      nonce,
      minedAttempt: attempts.find((one) => one.nonce === nonce && one.receipt)?.attempt ?? null,
    }))
}

function whyDrop(view: SenderView, intent: Intent): string | null {
  const fate = view.fates[intentId(intent)]
  if (fate?.kind === 'done') return fate.isFinal ? 'its effect is final' : null
  if (fate?.kind === 'hopeless') return fate.why
  if (hasExpired(intent, view.head)) return `block ${intent.lastBlock} was its last`
  if (fate?.kind === 'unjudged') return null // its effect may stand
  // It was carried out and came to nothing since. Whether a proof is spent its fate tells, for all nonces and this
  // round alone.
  const ran = isProof(intent) ? [] : receiptsOf(view, intent)
  const isSpent = ran.some((receipt) => receipt.status === 'success' && receipt.blockNumber >= intent.firstBlock)
  return isSpent ? 'its transaction ran and its effect does not stand' : null
}

function liveNonces(view: SenderView, kept: readonly Intent[]): LiveNonce[] {
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

/** The sent intent as the queue has it now; null when the queue wants other calldata for the same. */
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
 * Goes through the unmined nonces upwards, then takes new ones; the most urgent intent gets the lowest nonce that is
 * free for it.
 */
function assignNonces(
  view: SenderView,
  kept: readonly Intent[],
): { moves: Move[]; waiting: Intent[]; carried: Intent[] } {
  const unmined = liveNonces(view, kept)
  const inOrder = inSendingOrder(
    kept.filter((intent) => isReady(view, intent)),
    view.head,
  )
  const ready = gatherClaims(inOrder, unmined)
  const live = yieldNonces(view, unmined, ready)
  const taken = new Set(live.flatMap(({ intent, worth }) => (intent && worth !== 'free' ? [intentId(intent)] : [])))
  const take = (nonce: number, fits: (intent: Intent) => boolean): Intent | null => {
    const next = ready.find((intent) => !taken.has(intentId(intent)) && isFreeFor(view, intent, nonce) && fits(intent))
    if (next) taken.add(intentId(next))
    return next ?? null
  }
  const others = (): Others => ({
    live,
    waiting: ready.filter((intent) => isProof(intent) && !taken.has(intentId(intent))),
  })
  const moves = live.map((one) =>
    one.worth === 'free' ? handOver(view, one, (fits) => take(one.nonce, fits), others()) : keepUp(view, one, others()),
  )
  for (let nonce = view.nonceAtHead + live.length; nonce < view.nonceAtHead + MAX_LIVE_NONCES; nonce++) {
    const proofs = proofsFrom(nonce, others())
    const intent = take(nonce, () => true)
    if (intent === null) break
    moves.push(
      sign(view, { nonce, attempt: 0, intent, fees: offerInstead(view, { intent, previous: undefined, proofs }) }),
    )
  }
  const left = kept.filter((intent) => !taken.has(intentId(intent)))
  const sent = kept.flatMap((intent) => (taken.has(intentId(intent)) ? [{ intent, worth: 'good' as const }] : []))
  return { moves, waiting: left, carried: left.filter((intent) => isCarried(intent, sent)) }
}

/**
 * What nobody sends again because it is held, and what no block takes because it has offered all that it may, gives up
 * its nonce when another transaction waits behind it, or needs one; and what can go later does so for a proof in its
 * last blocks.
 */
function yieldNonces(view: SenderView, live: readonly LiveNonce[], ready: readonly Intent[]): LiveNonce[] {
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
 * Behind what is in flight it might be too late for the proof, which takes a nonce that is free or that of what can go
 * later.
 */
function mayTakeOver(view: SenderView, proof: Intent, one: LiveNonce, live: readonly LiveNonce[]): boolean {
  if (!isProof(proof) || !areUrgent([proof], view.head) || !isFreeFor(view, proof, one.nonce)) return false
  const isOpen = one.worth === 'free' || one.intent === null || mayGoLater(view, one.intent, { one, live, proof })
  return isOpen && offerFor(view, { intent: proof, previous: one.newest?.fees, proofs: [proof] }) !== undefined
}

/** Those of its rollup that were sent after it in their order, hashes or proofs, would run before it. */
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

/** Its offer is below the base fee, and so is all that it may offer by itself. */
function isOutpriced(view: SenderView, { worth, newest, intent }: LiveNonce): boolean {
  if (worth !== 'good' || newest === undefined) return false
  return newest.fees.maxFeePerGas < view.market.baseFeePerGas && !isPayable(view, ownCap(view, intent))
}

/** A proof in its last blocks waits for it, and no block took it though it has offered all that it may. */
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

/** Whether a transaction of the intent, signed now, could land and do something in the next block. */
function isReady(view: SenderView, intent: Intent): boolean {
  return (
    view.fates[intentId(intent)]?.kind === 'wanted' &&
    canLand(intent, view.head) &&
    view.head >= retryBlock(view, intent) &&
    isPayable(view, ownCap(view, intent))
  )
}

/**
 * An intent that has an attempt under a live nonce, even a replaced one, may get no other: both could be mined. The
 * contract takes a deposit any number of times, so it gets the account's next nonce only: even with its row lost,
 * another one would need the same.
 */
function isFreeFor({ attempts, nonceAtHead }: SenderView, intent: Intent, nonce: number): boolean {
  if (intent.step === 'stake' && nonce !== nonceAtHead) return false
  const key = intentId(intent)
  return unminedAt(nonceAtHead, attempts).every(
    (one) => one.nonce === nonce || !one.intent || intentId(one.intent) !== key,
  )
}

/**
 * The nonce has nothing worth sending: the next intent that may offer as much as a replacement must gets it, or an
 * empty self-transfer, so that those above can be mined.
 */
function handOver(
  view: SenderView,
  one: LiveNonce,
  take: (fits: (intent: Intent) => boolean) => Intent | null,
  others: Others,
): Move {
  const { nonce, newest } = one
  if (!isPayable(view))
    return { action: null, line: `nonce ${nonce}: has nothing useful, and the base fee is above the cap` }
  const offer = { previous: newest?.fees, proofs: proofsFrom(nonce, others) }
  const intent = take((candidate) => offerFor(view, { intent: candidate, ...offer }) !== undefined)
  if (intent === null && newest?.intent === null) return keepUp(view, one, others)
  const attempt = newest === undefined ? 0 : newest.attempt + 1
  return sign(view, { nonce, attempt, intent, fees: offerInstead(view, { intent, ...offer }) })
}

/** The newest attempt is worth sending: raises its fees when it is time, else broadcasts it again. */
function keepUp(view: SenderView, { nonce, newest, intent, worth }: LiveNonce, others: Others): Move {
  if (newest === undefined) return { action: null, line: `nonce ${nonce}: skipped` }
  const { attempt, txHash, sentAtBlock, fees, answer } = newest
  const sent = sentAtBlock === null ? 'stored' : (nodesRefusalText(answer) ?? `sent at block ${sentAtBlock}`)
  const line = [`nonce ${nonce}: ${nameOf(intent)}, attempt ${attempt}, ${sent}`, ...troubleOf(view, intent)].join(', ')
  if (worth === 'resting') return { action: null, line: `${line}, can't land in the next block` }
  const broadcast = { kind: 'broadcast', nonce, attempt, txHash } as const
  if (sentAtBlock === null) return { action: broadcast, line }
  const isAsked = view.toBump?.includes(txHash) === true
  const previous = isCuredAnew(answer) ? feesInPools(view, nonce) : fees
  const raised = offerFor(view, { intent, previous, proofs: proofsFrom(nonce, others), isAsked })
  const isDue =
    isAsked ||
    isRefused(view, newest) ||
    needsRaise({
      head: view.head,
      sentAtBlock,
      lastBlock: mostUrgentFrom(nonce, others),
      // Behind an unmined nonce the wait isn't this one's fault.
      patienceBlocks: nonce === view.nonceAtHead ? view.limits.patienceBlocks : Number.POSITIVE_INFINITY,
      fees,
      market: view.market,
    })
  if (raised && isDue && isPayable(view))
    return sign(view, { nonce, attempt: attempt + 1, intent, fees: raised }, nodesRefusalText(answer))
  // Every time: a pool may have dropped it, a reorg may have thrown it out.
  return { action: broadcast, line: raised ? line : `${line}, offers all that it may now` }
}

/**
 * No pool has it, so that nothing is gained by waiting. Too low an offer waits for what may ask for another: a
 * suggestion, or a block. What is refused in words that nobody knows is one if nodes suggest more, or if a pool has
 * what it was to replace.
 */
function isRefused(view: SenderView, { nonce, answer, fees, sentAtBlock }: UnfinalAttempt): boolean {
  if (isCuredAnew(answer)) return true
  if (!mayBeTooLow(answer)) return false
  if (view.market.priorityFeePerGas > fees.maxPriorityFeePerGas) return true
  return sentAtBlock !== view.head && (answer === 'underpriced' || feesInPools(view, nonce) !== undefined)
}

/** What the newest attempt that pools may have offers: a replacement must offer more; undefined when they have none. */
const feesInPools = (view: SenderView, nonce: number): Fees | undefined =>
  attemptsOf(view, nonce).findLast(({ answer }) => nodesRefusalText(answer) === null)?.fees

/**
 * What can be mined only with a nonce or after it: its own intent, those behind it, and the proofs that will get one
 * behind them all.
 */
const waitingFrom = (nonce: number, { live, waiting }: Others): Intent[] => [
  ...live.flatMap((one) => (one.nonce >= nonce && one.worth === 'good' ? (one.intent ?? []) : [])),
  ...waiting,
]

const proofsFrom = (nonce: number, others: Others): Intent[] => waitingFrom(nonce, others).filter(isProof)

/** The first last block among them all. */
function mostUrgentFrom(nonce: number, others: Others): number | null {
  const blocks = waitingFrom(nonce, others).flatMap(({ lastBlock }) => lastBlock ?? [])
  return blocks.length === 0 ? null : Math.min(...blocks)
}

/** @param refusal of the attempt before it. */
function sign(
  view: SenderView,
  p: { nonce: number; attempt: number; intent: Intent | null; fees: Fees },
  refusal: string | null = null,
): Move {
  return {
    action: { kind: 'sign', ...p, fees: view.market.isLegacy ? asGasPrice(p.fees) : p.fees },
    line: `nonce ${p.nonce}: ${nameOf(p.intent)}, attempt ${p.attempt}, signed at block ${view.head}${refusal === null ? '' : `; the last one was ${refusal}`}`,
  }
}
