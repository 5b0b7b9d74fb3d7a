import { asGasPrice, type Fees, needsRaise } from './fees.ts'
import { gatherClaims, isCarried } from './gather-claims.ts'
import { canLand, hasExpired, type Intent, inSendingOrder, intentId, isProof } from './intent.ts'
import { minedLines, nameOf, troubleOf, waitingLine } from './lines.ts'
import { isCuredAnew, mayBeTooLow, nodesRefusalText } from './nodes-answer.ts'
import {
  isFreeFor,
  type LiveNonce,
  liveNonces,
  mostUrgentFrom,
  type Others,
  proofsFrom,
  yieldNonces,
} from './nonces.ts'
import { isPayable, offerFor, offerInstead, ownCap } from './offer.ts'
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

/** Tells whether a transaction of the intent, signed now, could land and do something in the next block. */
function isReady(view: SenderView, intent: Intent): boolean {
  return (
    view.fates[intentId(intent)]?.kind === 'wanted' &&
    canLand(intent, view.head) &&
    view.head >= retryBlock(view, intent) &&
    isPayable(view, ownCap(view, intent))
  )
}

/**
 * Hands over a nonce that has nothing worth sending: the next intent that may offer as much as a replacement must gets
 * it, or an empty self-transfer, so that those above can be mined.
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

/** Keeps up an attempt that is worth sending: raises its fees when it is time, else broadcasts it again. */
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
  // This comes every time: a pool may have dropped it, a reorg may have thrown it out.
  return { action: broadcast, line: raised ? line : `${line}, offers all that it may now` }
}

/**
 * Tells whether no pool has it, so that nothing is gained by waiting. Too low an offer waits for what may ask for
 * another: a suggestion, or a block. What is refused in words that nobody knows is one if nodes suggest more, or if a
 * pool has what it was to replace.
 */
function isRefused(view: SenderView, { nonce, answer, fees, sentAtBlock }: UnfinalAttempt): boolean {
  if (isCuredAnew(answer)) return true
  if (!mayBeTooLow(answer)) return false
  if (view.market.priorityFeePerGas > fees.maxPriorityFeePerGas) return true
  return sentAtBlock !== view.head && (answer === 'underpriced' || feesInPools(view, nonce) !== undefined)
}

/**
 * Gives what the newest attempt that pools may have offers: a replacement must offer more; undefined when they have
 * none.
 */
const feesInPools = (view: SenderView, nonce: number): Fees | undefined =>
  attemptsOf(view, nonce).findLast(({ answer }) => nodesRefusalText(answer) === null)?.fees

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
