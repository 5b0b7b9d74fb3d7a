import { blocksLeft } from '../base/windows.ts'

/** Fees of an EIP-1559 transaction, wei per gas. */
export interface Fees {
  maxFeePerGas: bigint
  maxPriorityFeePerGas: bigint
}

/** What the fee market asks for at the head, wei per gas. */
export interface FeeMarket {
  baseFeePerGas: bigint
  priorityFeePerGas: bigint
  /** Only transactions of type 0 are taken. They offer one gas price, so all of the fee cap is paid. */
  isLegacy?: boolean
}

/**
 * Nodes replace a transaction only if both fees rise by a tenth; an eighth is safe everywhere (docs/design.md#fees).
 */
const MIN_RAISE = { numerator: 9n, denominator: 8n }

const NO_FEES: Fees = { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n }

/** The last blocks of a window, in each of which fees are raised and what reverted is tried again. */
export const URGENT_BLOCKS = 4

/** Tells whether what has to be mined up to `lastBlock`, null for no limit, is in its last blocks. */
export const isUrgent = (lastBlock: number | null, head: number): boolean =>
  lastBlock !== null && blocksLeft(head, lastBlock) <= URGENT_BLOCKS

/**
 * Makes a first offer. Twice the base fee outlives six full blocks. It is never above the cap. It is the cap itself
 * where no later raise would fit below it.
 */
export function firstFees(market: FeeMarket, capWei: bigint): Fees {
  const maxPriorityFeePerGas = min(market.priorityFeePerGas, capWei)
  return { maxFeePerGas: upToCap(market.baseFeePerGas * 2n + maxPriorityFeePerGas, capWei), maxPriorityFeePerGas }
}

/**
 * Gives the fees of a replacement. Both are raised by an eighth at least, and are at least what the market asks for
 * now.
 * @returns undefined when the cap leaves no room for a valid replacement.
 */
export function raisedFees(previous: Fees, market: FeeMarket, capWei: bigint): Fees | undefined {
  const wanted = firstFees(market, capWei)
  const raised = raise(previous.maxFeePerGas)
  if (raised > capWei) return undefined
  return {
    maxFeePerGas: upToCap(max(raised, wanted.maxFeePerGas), capWei),
    maxPriorityFeePerGas: max(raise(previous.maxPriorityFeePerGas), wanted.maxPriorityFeePerGas),
  }
}

/**
 * Makes the next offer: a first one, or a raise where there is one to replace. @returns undefined when no raise fits
 * below the cap.
 */
export const nextFees = (previous: Fees | undefined, market: FeeMarket, capWei: bigint): Fees | undefined =>
  previous === undefined ? firstFees(market, capWei) : raisedFees(previous, market, capWei)

/** Gives all of the cap but the room for one replacement, which is the last raise. */
export const keepingRoom = (capWei: bigint): bigint => (capWei * MIN_RAISE.denominator) / MIN_RAISE.numerator

/**
 * Gives the fees of a proof, or of what one waits for. As long as there is time, and the base fee allows it, they leave
 * room for one replacement. That one then offers all of the cap.
 * @param left blocks up to the last one of the proof's window.
 * @param isAsked an admin wants a raise, be it the last.
 * @returns undefined when no valid replacement fits below the cap, or the last one is kept for later.
 */
export function urgentFees(
  previous: Fees | undefined,
  market: FeeMarket,
  { capWei, left, isAsked = false }: { capWei: bigint; left: number; isAsked?: boolean },
): Fees | undefined {
  const roomy = keepingRoom(capWei)
  const asked = urgentMarket(market, capWei, left)
  const calm = nextFees(previous, asked, roomy)
  const isTooLow = (calm ?? previous ?? NO_FEES).maxFeePerGas < market.baseFeePerGas
  const isLast = left <= 1 || (calm === undefined && (isAsked || left <= URGENT_BLOCKS))
  if (!isTooLow && !isLast) return calm
  return previous !== undefined && raise(previous.maxFeePerGas) > capWei ? undefined : lastFees(capWei, previous)
}

/**
 * Doubles the tip to offer block by block in the last blocks of a proof's window, up to the cap. Rivals may stuff
 * blocks.
 */
export function urgentMarket(market: FeeMarket, capWei: bigint, left: number): FeeMarket {
  if (left > URGENT_BLOCKS) return market
  return { ...market, priorityFeePerGas: max(market.priorityFeePerGas, capWei / 2n ** BigInt(Math.max(0, left - 1))) }
}

/**
 * Makes a last offer. It is all of the cap, as tip too, because nothing can be raised after it. Where it is no valid
 * raise, a pool that still has the other transaction refuses it. A pool that has dropped that one takes it.
 */
export const lastFees = (capWei: bigint, { maxFeePerGas, maxPriorityFeePerGas } = NO_FEES): Fees => ({
  maxFeePerGas: max(maxFeePerGas, capWei),
  maxPriorityFeePerGas: max(maxPriorityFeePerGas, capWei),
})

/**
 * Tells whether an attempt that was broadcast at `sentAtBlock` deserves a replacement at `head`.
 * @param patienceBlocks blocks to wait at normal pace; near the window's end every block counts.
 */
export function needsRaise(p: {
  head: number
  sentAtBlock: number
  lastBlock: number | null
  patienceBlocks: number
  fees: Fees
  market: FeeMarket
}): boolean {
  const waited = p.head - p.sentAtBlock
  // It is below 0 after a reorg: blocks have come then, too.
  if (waited === 0) return false
  const isPricedOut = p.fees.maxFeePerGas < p.market.baseFeePerGas
  return isUrgent(p.lastBlock, p.head) || isPricedOut || waited >= p.patienceBlocks
}

/**
 * Raises a fee, rounded up, and up from zero too: nodes refuse a replacement whose tip isn't higher, even when both are
 * zero.
 */
const raise = (fee: bigint): bigint =>
  max(fee + 1n, (fee * MIN_RAISE.numerator + MIN_RAISE.denominator - 1n) / MIN_RAISE.denominator)

/**
 * Gives the cap where a fee is below it by less than a raise: stopping short of it would leave the rest of it out of
 * reach for good.
 */
const upToCap = (fee: bigint, capWei: bigint): bigint => (raise(fee) > capWei ? capWei : fee)

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b)
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b)

/** Makes what a transaction of type 0 offers: its gas price is cap and tip in one. */
export const asGasPrice = ({ maxFeePerGas }: Fees): Fees => ({ maxFeePerGas, maxPriorityFeePerGas: maxFeePerGas })

/** Bounds the fees that a transaction may offer where endpoints take no more than `feeCapWei` for it. */
export function boundedFees(
  { maxFeePerGas, maxPriorityFeePerGas }: Fees,
  gas: bigint,
  feeCapWei: bigint | undefined,
): Fees {
  if (feeCapWei === undefined) return { maxFeePerGas, maxPriorityFeePerGas }
  const bounded = min(maxFeePerGas, feeCapWei / gas)
  return { maxFeePerGas: bounded, maxPriorityFeePerGas: min(maxPriorityFeePerGas, bounded) }
}
