import type { IntentFate } from '../../../protocol/sender/fates.ts'
import type { Fees } from '../../../protocol/sender/fees.ts'
import { type Intent, intentId, type SequenceIntent } from '../../../protocol/sender/intent.ts'
import type { SenderView, UnfinalAttempt } from '../../../protocol/sender/view.ts'

/** Fee cap of the views below, wei. */
export const CAP = 1_000n

export function viewOf(view: Partial<SenderView>, given: readonly [Intent, IntentFate][] = []): SenderView {
  const all = [...(view.queue ?? []), ...(view.attempts ?? []).flatMap((one) => one.intent ?? [])]
  const wanted = all.map((one): [string, IntentFate] => [intentId(one), { kind: 'wanted' }])
  return {
    head: 100,
    nonceAtHead: 3,
    nonceAtFinal: 3,
    attempts: [],
    queue: [],
    fates: Object.fromEntries([...wanted, ...given.map(([one, fate]) => [intentId(one), fate])]),
    market: { baseFeePerGas: 100n, priorityFeePerGas: 1n },
    limits: { maxFeePerGasWei: CAP, patienceBlocks: 3 },
    ...view,
  }
}

export function row(p: Partial<UnfinalAttempt>): UnfinalAttempt {
  const { nonce = 3, attempt = 0 } = p
  return {
    nonce,
    attempt,
    intent: null,
    fees: fees(201n, 1n),
    txHash: `0x${nonce}${attempt}`,
    sentAtBlock: 100,
    receipt: null,
    ...p,
  }
}

export function intent(step: SequenceIntent['step'], p: Partial<SequenceIntent> = {}): SequenceIntent {
  const base = {
    rollup: 'pay',
    from: 1,
    to: 2,
    accInputHash: `0x${'dd'.repeat(32)}` as const,
    contract: `0x${'aa'.repeat(20)}` as const,
    firstBlock: 50,
    lastBlock: null,
  }
  return { ...base, step, finalProof: step === 'claim' ? null : finalProof('01'), ...p }
}

export function finalProof(byte: string): SequenceIntent['finalProof'] {
  return { sha256: `0x${byte.repeat(32)}`, size: 1_000, proofHash: `0x${byte.repeat(32)}` }
}

export function fees(maxFeePerGas: bigint, maxPriorityFeePerGas: bigint): Fees {
  return { maxFeePerGas, maxPriorityFeePerGas }
}
