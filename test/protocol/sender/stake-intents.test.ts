import { describe, expect, test } from 'vitest'
import type { IntentFate } from '../../../protocol/sender/fates.ts'
import type { Intent, StakeIntent } from '../../../protocol/sender/intent.ts'
import { planSending } from '../../../protocol/sender/plan.ts'
import type { SenderView } from '../../../protocol/sender/view.ts'
import { intent, row, viewOf } from './views.ts'

describe('a deposit, which a contract takes as often as it comes', () => {
  const stake: StakeIntent = {
    step: 'stake',
    rollup: 'pay',
    contract: '0x',
    toWei: '5',
    firstBlock: 0,
    lastBlock: null,
  }
  const proof = intent('prove', { lastBlock: 200 })
  const held: IntentFate = { kind: 'held', why: 'paused' }

  test.each<{
    why: string
    view: Partial<SenderView>
    fates?: [Intent, IntentFate][]
    actions: object[]
    line?: string
  }>([
    { why: 'gets the next nonce', view: { queue: [stake] }, actions: [{ kind: 'sign', nonce: 3, intent: stake }] },
    {
      why: 'waits while another transaction is begun: one with its row lost could be behind that',
      view: { queue: [stake, proof] },
      actions: [{ kind: 'sign', nonce: 3, intent: proof }],
      line: 'stake pay: waits until nothing else is under way',
    },
    {
      why: 'waits while another transaction is under way',
      view: { queue: [stake, proof], attempts: [row({ intent: proof })] },
      actions: [{ kind: 'broadcast', nonce: 3 }],
      line: 'stake pay: waits until nothing else is under way',
    },
    {
      why: 'under way lets others go behind it',
      view: { queue: [stake, proof], attempts: [row({ intent: stake })] },
      actions: [
        { kind: 'broadcast', nonce: 3 },
        { kind: 'sign', nonce: 4, intent: proof },
      ],
    },
    {
      why: 'takes the next nonce from what is held',
      view: { queue: [stake, proof], attempts: [row({ intent: proof })] },
      fates: [[proof, held]],
      actions: [{ kind: 'sign', nonce: 3, attempt: 1, intent: stake }],
    },
    {
      why: 'takes no later one from what is held',
      view: {
        queue: [stake, proof, intent('claim')],
        attempts: [row({ intent: intent('claim') }), row({ nonce: 4, intent: proof })],
      },
      fates: [[proof, held]],
      actions: [{ kind: 'broadcast', nonce: 3 }],
      line: 'stake pay: waits until nothing else is under way',
    },
  ])('$why', ({ view, fates = [], actions, line }) => {
    const plan = planSending(viewOf(view, fates))
    expect(plan.actions).toMatchObject(actions)
    expect(plan.actions).toHaveLength(actions.length)
    if (line !== undefined) expect(plan.lines).toContain(line)
  })
})
