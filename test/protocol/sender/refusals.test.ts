import { describe, expect, test } from 'vitest'
import type { Refusal } from '../../../protocol/sender/nodes-answer.ts'
import { planSending } from '../../../protocol/sender/plan.ts'
import type { SenderView } from '../../../protocol/sender/view.ts'
import { expectPlan, type PlanCase } from './plans.ts'
import { fees, intent, row, viewOf } from './views.ts'

const proof = intent('prove', { lastBlock: 200 })
const refused = (answer: Refusal, p: Parameters<typeof row>[0] = {}) => row({ intent: proof, answer, ...p })

describe('what nodes refused', () => {
  test.each<[Refusal, string]>([
    [
      'fee-cap',
      "attempt 1, signed at block 100; the last one was refused by the endpoints: gas limit × fee cap is above the endpoints' cap",
    ],
    ['too-large', 'attempt 0, refused by the endpoints: it has more bytes than they take'],
    ['insufficient-funds', 'attempt 0, refused by the endpoints: the balance is below gas limit × fee cap'],
    ['refused', 'attempt 0, refused by the endpoints: for a reason that they alone know'],
  ])('for %s is told as refused, not as sent', (answer, line) => {
    const { lines } = planSending(viewOf({ queue: [proof], attempts: [refused(answer)] }))
    expect(lines).toEqual([`nonce 3: prove pay 1-2, ${line}`])
  })

  test.each<PlanCase>([
    {
      why: 'above their fee cap is signed anew at once, and may offer less: no pool has it',
      view: { queue: [proof], attempts: [refused('fee-cap', { fees: fees(900n, 900n) })] },
      actions: [{ kind: 'sign', nonce: 3, attempt: 1, intent: proof, fees: fees(201n, 1n) }],
    },
    {
      why: 'for its type is signed anew at once, as a transaction of type 0, which offers one price',
      view: {
        queue: [proof],
        attempts: [refused('type-unsupported')],
        market: { baseFeePerGas: 100n, priorityFeePerGas: 1n, isLegacy: true },
      },
      actions: [{ kind: 'sign', nonce: 3, attempt: 1, intent: proof, fees: fees(201n, 201n) }],
    },
    {
      why: 'below the floor of their pool offers at once what they suggest',
      view: {
        queue: [proof],
        attempts: [refused('underpriced')],
        market: { baseFeePerGas: 100n, priorityFeePerGas: 25n },
      },
      actions: [{ kind: 'sign', nonce: 3, attempt: 1, intent: proof, fees: fees(227n, 25n) }],
    },
    {
      why: 'though it offers that waits for the next block',
      view: {
        queue: [proof],
        attempts: [refused('underpriced', { fees: fees(300n, 25n) })],
        market: { baseFeePerGas: 100n, priorityFeePerGas: 25n },
      },
      actions: [{ kind: 'broadcast', nonce: 3 }],
    },
    {
      why: 'as too low offers more in each block, whatever the patience is',
      view: { queue: [proof], attempts: [refused('underpriced', { sentAtBlock: 99 })] },
      actions: [{ kind: 'sign', nonce: 3, attempt: 1, intent: proof }],
    },
    {
      why: 'in words that nobody knows offers at once what they suggest',
      view: { queue: [proof], attempts: [refused('refused')], market: { baseFeePerGas: 100n, priorityFeePerGas: 25n } },
      actions: [{ kind: 'sign', nonce: 3, attempt: 1, intent: proof, fees: fees(227n, 25n) }],
    },
    ...(['underpriced', 'refused'] as const).map((answer) => ({
      why: `as a replacement (${answer}) offers more in the next block, whatever the patience is`,
      view: {
        queue: [proof],
        attempts: [
          row({ intent: proof, fees: fees(400n, 8n), answer: 'accepted', sentAtBlock: 96 }),
          refused(answer, { attempt: 1, fees: fees(450n, 9n), sentAtBlock: 99 }),
        ],
      },
      actions: [{ kind: 'sign' as const, nonce: 3, attempt: 2, intent: proof, fees: fees(507n, 11n) }],
    })),
    {
      why: 'as a replacement waits for that block',
      view: {
        queue: [proof],
        attempts: [
          row({ intent: proof, fees: fees(400n, 8n), answer: 'accepted', sentAtBlock: 96 }),
          refused('refused', { attempt: 1, fees: fees(450n, 9n) }),
        ],
      },
      actions: [{ kind: 'broadcast', nonce: 3 }],
    },
    {
      why: 'anew offers more than what a pool has under the nonce',
      view: {
        queue: [proof],
        attempts: [
          row({ intent: proof, fees: fees(400n, 8n), answer: 'accepted' }),
          refused('fee-cap', { attempt: 1, fees: fees(900n, 900n) }),
        ],
      },
      actions: [{ kind: 'sign', nonce: 3, attempt: 2, intent: proof, fees: fees(450n, 9n) }],
    },
  ])('$why', expectPlan)

  test('and nothing cures is broadcast again, and raised when its patience is over', () => {
    const plan = (sentAtBlock: number) =>
      planSending(viewOf({ queue: [proof], attempts: [refused('refused', { sentAtBlock })] }))
    expect(plan(100).actions).toMatchObject([{ kind: 'broadcast' }])
    expect(plan(97).actions).toMatchObject([{ kind: 'sign', attempt: 1 }])
  })
})

test('what reverted long ago and is final is tried as rarely as if it weren’t', () => {
  const claim = intent('claim')
  const at = (head: number): SenderView =>
    viewOf({
      head,
      queue: [claim],
      finalReverts: [90, 91, 93, 97, 105].map((blockNumber) => ({ intent: claim, blockNumber })),
    })
  expect(planSending(at(119)).actions).toEqual([])
  expect(planSending(at(119)).lines).toEqual(['claim pay 1-2: reverted, is tried again from block 120 on'])
  expect(planSending(at(120)).actions).toMatchObject([{ kind: 'sign', intent: claim }])
})
