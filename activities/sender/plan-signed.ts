import { bytesToHex } from 'viem/utils'
import type { BlockRef } from '../../chain/endpoints/endpoints.ts'
import { FeeCapTooLowError } from '../../chain/errors.ts'
import { type Call, callOf, type SignedTransaction } from '../../chain/transactions/account.ts'
import type { Attempt } from '../../db/attempts/attempt-rows.ts'
import type { IntentFate } from '../../protocol/sender/fates.ts'
import { boundedFees, type Fees } from '../../protocol/sender/fees.ts'
import { unminedAt } from '../../protocol/sender/in-flight.ts'
import { intentId } from '../../protocol/sender/intent.ts'
import { planSending } from '../../protocol/sender/plan.ts'
import type { SenderAction, SenderPlan, SenderView } from '../../protocol/sender/view.ts'
import { failureText } from '../errors.ts'
import { callForIntent } from './intent-call.ts'
import type { SenderAccount, SenderDeps } from './sender-account.ts'

export type SignAction = SenderAction & { kind: 'sign' }

interface Planning {
  view: SenderView
  /** The view's head. */
  head: BlockRef
  /** The rows of the view's attempts. */
  stored: readonly Attempt[]
}

/** What was signed for an action: the fees may be lower than planned, where endpoints take no more. */
export interface Signed extends SignedTransaction {
  fees: Fees
  call: Call
}

/**
 * Plans a pass, tries and signs all that it is to send, before anything of it is stored. An intent that can't be signed
 * now, or would revert, is held, and the nonces are given out anew without it: it leaves no gap, and the account's
 * others go on.
 * @throws what keeps even an empty self-transfer from being signed.
 */
export async function planSigned(
  deps: SenderDeps,
  sender: SenderAccount,
  planning: Planning,
): Promise<{ plan: SenderPlan; signed: ReadonlyMap<SignAction, Signed> }> {
  const { view } = planning
  const plan = planSending(view)
  const signed = new Map<SignAction, Signed>()
  const failed: Record<string, IntentFate> = {}
  for (const action of plan.actions) {
    if (action.kind !== 'sign') continue
    try {
      signed.set(action, await signAction(deps, sender, { ...planning, signed }, action))
    } catch (error) {
      if (action.intent === null) throw error
      failed[intentId(action.intent)] = { kind: 'held', why: failureText(error) }
    }
  }
  if (Object.keys(failed).length === 0) return { plan, signed }
  // This ends, because what is held is signed no more.
  return planSigned(deps, sender, { ...planning, view: { ...view, fates: { ...view.fates, ...failed } } })
}

interface Signing extends Planning {
  signed: ReadonlyMap<SignAction, Signed>
}

async function signAction(
  deps: SenderDeps,
  sender: SenderAccount,
  signing: Signing,
  action: SignAction,
): Promise<Signed> {
  const { intent, nonce } = action
  const { stored, head, view } = signing
  const call = await callForIntent(deps, sender, {
    intent,
    nonce,
    stored,
    before: callsBefore(signing, nonce),
    at: head,
  })
  const fees = feesWithin(sender, view, call, action.fees)
  const transaction = { ...call, chainId: sender.chainId, nonce, fees, isLegacy: view.market.isLegacy === true }
  return { ...(await sender.account.sign(transaction)), fees, call }
}

/**
 * Lists what runs before a nonce: of each lower one that isn't mined, what is signed for it now, else what was last.
 */
function callsBefore({ view, stored, signed }: Signing, nonce: number): Call[] {
  const calls = new Map<number, Call>()
  for (const one of unminedAt(view.nonceAtHead, stored))
    if (one.nonce < nonce) calls.set(one.nonce, callOf(bytesToHex(one.raw)))
  for (const [action, { call }] of signed) if (action.nonce < nonce) calls.set(action.nonce, call)
  return [...calls].sort(([a], [b]) => a - b).flatMap(([, call]) => (call.data === '0x' ? [] : [call]))
}

/** @throws FeeCapTooLowError where endpoints take no transaction that offers the base fee. */
function feesWithin({ chain }: SenderAccount, { market }: SenderView, { gas }: Call, fees: Fees): Fees {
  const feeCapWei = chain.feeCapWei(gas * market.baseFeePerGas)
  const bounded = boundedFees(fees, gas, feeCapWei)
  if (feeCapWei !== undefined && bounded.maxFeePerGas < market.baseFeePerGas)
    throw new FeeCapTooLowError({ gas, baseFeePerGas: market.baseFeePerGas, feeCapWei })
  return bounded
}
