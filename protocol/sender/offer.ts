import { blocksLeft } from '../base/windows.ts'
import { type Fees, isUrgent, keepingRoom, lastFees, nextFees, urgentFees, urgentMarket } from './fees.ts'
import { type Intent, isProof } from './intent.ts'
import type { SenderView } from './view.ts'

/** Tells whether any block takes a transaction: none does with the base fee above its cap. */
export const isPayable = ({ market, limits }: SenderView, capWei = limits.maxFeePerGasWei): boolean =>
  market.baseFeePerGas <= capWei

/**
 * Gives what a transaction may offer by itself. All but proofs leave room for one replacement, in case they become
 * useless or harmful.
 */
export const ownCap = ({ limits }: SenderView, intent: Intent | null): bigint =>
  intent !== null && isProof(intent) ? limits.maxFeePerGasWei : keepingRoom(limits.maxFeePerGasWei)

/** A transaction that is to be signed for a nonce. */
export interface Offer {
  /** Null for an empty self-transfer. */
  intent: Intent | null
  /** What the nonce's newest attempt offers. It is undefined when there is none. */
  previous: Fees | undefined
  /** Proofs that can be mined only with it or after it. */
  proofs: readonly Intent[]
  /** An admin wants it raised. */
  isAsked?: boolean
}

/**
 * Gives what the transaction offers. Besides proofs, a self-transfer that one waits for may use up the cap, because
 * nothing ever has to replace it.
 * @returns undefined when no raise fits below what it may offer now.
 */
export function offerFor(view: SenderView, { intent, previous, proofs, isAsked = false }: Offer): Fees | undefined {
  const { market, limits } = view
  const capWei = limits.maxFeePerGasWei
  const left = blocksLeftFor(proofs, view.head)
  const mayOfferAll = intent === null ? proofs.length > 0 : isProof(intent)
  if (mayOfferAll) return urgentFees(previous, market, { capWei, left, isAsked })
  return nextFees(previous, urgentMarket(market, capWei, left), ownCap(view, intent))
}

/**
 * Gives the same, and all of the cap where that is undefined. This is for what takes the place of a transaction that
 * must not stay, whether or not the cap leaves room for a raise.
 */
export const offerInstead = (view: SenderView, offer: Offer): Fees =>
  offerFor(view, offer) ?? lastFees(view.limits.maxFeePerGasWei, offer.previous)

/** Tells whether the window of one of the proofs is about to end. */
export const areUrgent = (proofs: readonly Intent[], head: number): boolean =>
  proofs.some(({ lastBlock }) => isUrgent(lastBlock, head))

const blocksLeftFor = (proofs: readonly Intent[], head: number): number =>
  Math.min(
    ...proofs.map(({ lastBlock }) => (lastBlock === null ? Number.POSITIVE_INFINITY : blocksLeft(head, lastBlock))),
  )
