import { describe, expect, test } from 'vitest'
import type { IntentFate } from '../../protocol/intent-fate.ts'
import { planSending } from '../../protocol/sender-plan.ts'
import type { Intent } from '../../protocol/sender-queue.ts'
import type { SenderAction } from '../../protocol/sender-view.ts'
import { intent, row, viewOf } from './sender-views.ts'

const proof = intent('prove', { lastBlock: 200 })
const late = intent('prove-late')
const commit = intent('commit', { from: 5, to: 6 })
const claim = intent('claim', { from: 7, to: 7 })

describe('sixteen hashes that no block takes, and a proof that has no nonce', () => {
  const hashes = Array.from({ length: 16 }, (_, i) => intent('commit', { from: 10 + i, to: 10 + i }))
  const attempts = hashes.map((hash, i) => row({ nonce: 3 + i, intent: hash, sentAtBlock: 99 }))
  const planned = (queue: Intent[], fates: [Intent, IntentFate][] = []) =>
    planSending(viewOf({ queue: [...hashes, ...queue], attempts }, fates)).actions

  test.each<{ why: string; queue: Intent[]; fates?: [Intent, IntentFate][]; kind: SenderAction['kind'] }>([
    { why: 'near the end of its window all of them hurry', queue: [{ ...proof, lastBlock: 104 }], kind: 'sign' },
    { why: 'before that they have time', queue: [{ ...proof, lastBlock: 105 }], kind: 'broadcast' },
    { why: 'a late proof without a deadline hurries nobody', queue: [late], kind: 'broadcast' },
    { why: 'nor does a claim', queue: [{ ...claim, lastBlock: 104 }], kind: 'broadcast' },
    {
      why: 'nor a proof that can not be sent now',
      queue: [{ ...proof, lastBlock: 104 }],
      fates: [[proof, { kind: 'held', why: 'batches 1 come first' }]],
      kind: 'broadcast',
    },
  ])('$why', ({ queue, fates, kind }) => {
    expect(planned(queue, fates).map((action) => [action.kind, 'nonce' in action && action.nonce])).toEqual(
      attempts.map(({ nonce }) => [kind, nonce]),
    )
  })

  test('a nonce behind the one that it gets does not hurry', () => {
    const urgent = { ...proof, lastBlock: 104 }
    const [first, second, third] = [
      row({ intent: claim, sentAtBlock: 99 }),
      row({ nonce: 4, intent: commit }),
      row({ nonce: 5, intent: hashes[0] ?? null, sentAtBlock: 99 }),
    ]
    const view = viewOf({ queue: [urgent], attempts: [first, second, third] }, [[commit, { kind: 'hopeless', why: 'over' }]])
    expect(planSending(view).actions).toMatchObject([
      { kind: 'sign', nonce: 3, intent: claim },
      { kind: 'sign', nonce: 4, intent: urgent },
      { kind: 'broadcast', nonce: 5 },
    ])
  })
})
