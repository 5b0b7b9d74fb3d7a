import { isSameAddress } from '../base/ranges.ts'
import { type Intent, intentId, type SequenceIntent } from './intent.ts'

/**
 * Sequences that a claim carries beside its own. It takes two million gas with them at what the newest fork charges for
 * state, which is below any limit.
 */
const MOST_ALSO = 7

/** A nonce that isn't mined, as far as it matters here. */
interface Live {
  intent: Intent | null
  worth: 'good' | 'resting' | 'free'
}

/** Tells whether another claim on the same contract is under way. It carries this one, or goes before it. */
export const isCarried = (intent: Intent, live: readonly Live[]): boolean =>
  isClaim(intent) && live.some((one) => one.worth !== 'free' && one.intent !== null && isOtherClaim(one.intent, intent))

/**
 * Gathers the claims on one contract. One goes at a time, and names the sequences of all that are wanted with it. The
 * contract takes a list and skips what is settled. A claim of its own would cost each of them another 21,000 gas and a
 * nonce.
 * @param ready in sending order.
 */
export function gatherClaims(ready: readonly Intent[], live: readonly Live[]): Intent[] {
  const waiting = ready.filter((intent) => !isCarried(intent, live))
  return waiting.flatMap((intent, i): Intent[] => {
    if (!isClaim(intent)) return [intent]
    const others = waiting.filter((other): other is SequenceIntent => isClaim(other) && isOtherClaim(other, intent))
    const isFirst = !waiting.slice(0, i).some((other) => isOtherClaim(other, intent))
    const also = others.slice(0, MOST_ALSO).map(({ to }) => to)
    return isFirst ? [{ ...intent, also }] : []
  })
}

const isClaim = (intent: Intent): intent is SequenceIntent => intent.step === 'claim'

const isOtherClaim = (a: Intent, b: Intent): boolean =>
  isClaim(a) && isSameAddress(a.contract, b.contract) && intentId(a) !== intentId(b)
