import { describe, expect, test } from 'vitest'
import { gatherClaims } from '../../../protocol/sender/gather-claims.ts'
import { planSending } from '../../../protocol/sender/plan.ts'
import type { SenderView } from '../../../protocol/sender/view.ts'
import { intent, row, viewOf } from './views.ts'

const claimOf = (batch: number, p: Parameters<typeof intent>[1] = {}) =>
  intent('claim', { from: batch, to: batch, ...p })
const [first, second, third] = [claimOf(1), claimOf(2), claimOf(3)]
const elsewhere = claimOf(9, { rollup: 'other', contract: `0x${'bb'.repeat(20)}` })
const signed = (view: SenderView) =>
  planSending(view).actions.flatMap((action) =>
    action.kind === 'sign' && action.intent?.step === 'claim'
      ? [[action.nonce, action.intent.to, action.intent.also]]
      : [],
  )

describe('claims', () => {
  test('that are wanted at once go as one, each contract for itself', () => {
    const view = viewOf({ queue: [third, elsewhere, second, first] })
    expect(signed(view)).toEqual([
      [3, 9, []],
      [4, 1, [2, 3]],
    ])
    const { lines } = planSending(view)
    expect(lines).toContain('claim pay 2: goes with the claim that is under way, or after it')
  })

  test('wait while one is under way, whether it carries them or not', () => {
    const view = viewOf({ queue: [first, second, elsewhere], attempts: [row({ intent: first })] })
    expect(signed(view)).toEqual([[4, 9, []]])
  })

  test('go on when the one that was under way is over', () => {
    const fates = { 'pay/1-1/claim': { kind: 'done', isFinal: false }, 'pay/2-2/claim': { kind: 'wanted' } } as const
    const mined = row({ intent: first, nonce: 2, receipt: { blockNumber: 100, status: 'success' } })
    expect(signed(viewOf({ queue: [first, second], attempts: [mined], fates }))).toEqual([[3, 2, []]])
  })

  test('wait for none that is held: it goes alone when it can', () => {
    const fates = { 'pay/1-1/claim': { kind: 'held', why: 'X' }, 'pay/2-2/claim': { kind: 'wanted' } } as const
    expect(signed(viewOf({ queue: [first, second], fates }))).toEqual([[3, 2, []]])
  })

  test('are no more than a transaction may have gas for', () => {
    const many = Array.from({ length: 40 }, (_, i) => claimOf(i + 1))
    const [one] = gatherClaims(many, [])
    expect(one?.step === 'claim' && one.also).toEqual(Array.from({ length: 7 }, (_, i) => i + 2))
  })

  test('keep hashes and proofs as they were', () => {
    const others = [intent('prove'), intent('commit', { from: 3, to: 4 })]
    expect(gatherClaims(others, [])).toEqual(others)
  })
})
