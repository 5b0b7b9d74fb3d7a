import { formatRange } from '../base/ranges.ts'
import { canLand, type Intent, intentId } from './intent.ts'
import { isPayable, ownCap } from './offer.ts'
import { retryBlock } from './retry.ts'
import { attemptsOf, type SenderView } from './view.ts'

/** Writes a line for each nonce that is mined and not final, or of which it isn't told yet. */
export function minedLines(view: SenderView): string[] {
  const nonces = [...new Set(view.attempts.map((one) => one.nonce))].filter(
    (nonce) =>
      nonce < view.nonceAtHead && (nonce >= view.nonceAtFinal || attemptsOf(view, nonce).some((one) => one.isUntold)),
  )
  return nonces
    .sort((a, b) => a - b)
    .map((nonce) => {
      const mined = attemptsOf(view, nonce).find((one) => one.receipt)
      if (!mined?.receipt && attemptsOf(view, nonce).some((one) => one.isUntold))
        return `nonce ${nonce}: used up, no receipt is told yet`
      if (!mined?.receipt) return `nonce ${nonce}: taken by a transaction that isn't ours`
      return `nonce ${nonce}: ${nameOf(mined.intent)}, ${mined.receipt.status} in block ${mined.receipt.blockNumber}, not final yet`
    })
}

/**
 * Says what an intent without a nonce waits for.
 * @param isWithAnother it is a claim that another one carries.
 */
export function waitingLine(view: SenderView, intent: Intent, isWithAnother: boolean): string {
  const fate = view.fates[intentId(intent)]
  const name = nameOf(intent)
  if (fate?.kind === 'done') return `${name}: stands, not final yet`
  const [trouble] = troubleOf(view, intent)
  if (trouble !== undefined) return `${name}: ${trouble}`
  if (!canLand(intent, view.head)) return `${name}: waits for block ${intent.firstBlock}`
  if (!isPayable(view)) return `${name}: waits, the base fee is above the cap`
  if (!isPayable(view, ownCap(view, intent)))
    return `${name}: waits, the base fee is above the 8/9 of the cap that all but proofs may offer`
  if (view.head < retryBlock(view, intent))
    return `${name}: reverted, is tried again from block ${retryBlock(view, intent)} on`
  if (isWithAnother) return `${name}: goes with the claim that is under way, or after it`
  return `${name}: ${intent.step === 'stake' ? 'waits until nothing else is under way' : 'waits for a nonce'}`
}

/** Says why nothing of an intent is begun now, though it may be later. */
export function troubleOf({ fates }: SenderView, intent: Intent | null): string[] {
  const fate = intent === null ? undefined : fates[intentId(intent)]
  if (fate?.kind === 'held') return [`held, ${fate.why}`]
  if (fate?.kind === 'harmful') return [`had better not land now, ${fate.why}`]
  return fate?.kind === 'unjudged' ? [`can't be judged now, ${fate.why}`] : []
}

/** Names a transaction as operators read of it. */
export function nameOf(intent: Intent | null): string {
  if (intent === null) return 'empty self-transfer'
  return intent.step === 'stake' ? `stake ${intent.rollup}` : `${intent.step} ${intent.rollup} ${formatRange(intent)}`
}
