import type { SignedTransaction } from '../chain/account.ts'
import type { Attempt } from '../db/attempt-rows.ts'
import type { IntentFate } from '../protocol/intent-fate.ts'
import { planSending } from '../protocol/sender-plan.ts'
import { intentId } from '../protocol/sender-queue.ts'
import type { SenderAction, SenderPlan, SenderView } from '../protocol/sender-view.ts'
import { failureText } from './failure-text.ts'
import { callForIntent } from './intent-call.ts'
import type { SenderAccount, SenderDeps } from './sender-account.ts'

export type SignAction = SenderAction & { kind: 'sign' }

interface Planning {
  view: SenderView
  /** The rows of the view's attempts. */
  stored: readonly Attempt[]
}

/**
 * Plans a pass and signs all that it is to send, before anything of it is stored. An intent that can't be signed now is held, and the
 * nonces are given out anew without it: it leaves no gap, and the account's others go on.
 * @throws what keeps even an empty self-transfer from being signed.
 */
export async function planSigned(
  deps: SenderDeps,
  sender: SenderAccount,
  { view, stored }: Planning,
): Promise<{ plan: SenderPlan; signed: ReadonlyMap<SignAction, SignedTransaction> }> {
  const plan = planSending(view)
  const signed = new Map<SignAction, SignedTransaction>()
  const failed: Record<string, IntentFate> = {}
  for (const action of plan.actions) {
    if (action.kind !== 'sign') continue
    try {
      signed.set(action, await signAction(deps, sender, stored, action))
    } catch (error) {
      if (action.intent === null) throw error
      failed[intentId(action.intent)] = { kind: 'held', why: failureText(error) }
    }
  }
  if (Object.keys(failed).length === 0) return { plan, signed }
  // Ends, because what is held is signed no more.
  return planSigned(deps, sender, { stored, view: { ...view, fates: { ...view.fates, ...failed } } })
}

async function signAction(deps: SenderDeps, sender: SenderAccount, stored: readonly Attempt[], action: SignAction) {
  const { intent, nonce, fees } = action
  const call = await callForIntent(deps, sender, { intent, rivals: stored.filter((one) => one.nonce === nonce) })
  return sender.account.sign({ ...call, chainId: sender.chainId, nonce, fees })
}
