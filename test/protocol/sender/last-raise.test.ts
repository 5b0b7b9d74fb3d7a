import { describe, expect, test } from 'vitest'
import { planSending } from '../../../protocol/sender/plan.ts'
import { expectPlan, type PlanCase } from './plans.ts'
import { CAP, fees, intent, row, viewOf } from './views.ts'

/** What leaves room for one replacement below the cap. */
const ROOM = 888n

/**
 * Nothing more fits into the room: twice the base fee is above the cap, and rivals offer a little more than the base
 * fee.
 */
const market = { baseFeePerGas: 460n, priorityFeePerGas: 1n }
const full = fees(ROOM, 1n)

const ending = intent('prove', { lastBlock: 104 })
const calm = intent('prove', { lastBlock: 105 })
const late = intent('prove-late')
const commit = intent('commit', { from: 5, to: 6 })
const hash = { ...commit, lastBlock: 104 }
const another = intent('commit', { from: 8, to: 8 })
const claim = intent('claim', { from: 7, to: 7 })

const expectInMarket = ({ view, actions }: PlanCase) => expectPlan({ view: { market, ...view }, actions })

describe('the last raise below the cap', () => {
  test.each<PlanCase>([
    {
      why: 'is left to a proof by its first offer',
      view: { queue: [calm] },
      actions: [{ kind: 'sign', nonce: 3, attempt: 0, intent: calm, fees: full }],
    },
    {
      why: 'is not made before the last blocks, however long no block came for it',
      view: { queue: [calm], attempts: [row({ intent: calm, fees: full, sentAtBlock: 90 })] },
      actions: [{ kind: 'broadcast', nonce: 3 }],
    },
    {
      why: 'is made for an admin who asks for it',
      view: { queue: [calm], attempts: [row({ intent: calm, fees: full })], toBump: ['0x30'] },
      actions: [{ kind: 'sign', nonce: 3, attempt: 1, intent: calm, fees: fees(CAP, CAP) }],
    },
    {
      why: 'offers all of the cap as tip in the last blocks',
      view: { queue: [ending], attempts: [row({ intent: ending, fees: full, sentAtBlock: 99 })] },
      actions: [{ kind: 'sign', nonce: 3, attempt: 1, intent: ending, fees: fees(CAP, CAP) }],
    },
    {
      why: 'is made for the last of them where there was room before, too',
      view: {
        head: 103,
        queue: [ending],
        attempts: [row({ intent: ending, fees: fees(300n, 100n), sentAtBlock: 102 })],
      },
      actions: [{ kind: 'sign', nonce: 3, attempt: 1, intent: ending, fees: fees(CAP, CAP) }],
    },
    {
      why: 'is left to a late proof that would have to make it in place of another: an empty self-transfer makes it, which costs less',
      view: { queue: [late], attempts: [row({ intent: { ...commit, lastBlock: 100 }, fees: full, sentAtBlock: 99 })] },
      actions: [
        { kind: 'sign', nonce: 3, attempt: 1, intent: null, fees: fees(CAP, CAP) },
        { kind: 'sign', nonce: 4, attempt: 0, intent: late, fees: full },
      ],
    },
    {
      why: 'is not for hashes',
      view: { queue: [hash], attempts: [row({ intent: hash, fees: full, sentAtBlock: 99 })], toBump: ['0x30'] },
      actions: [{ kind: 'broadcast', nonce: 3 }],
    },
  ])('$why', expectInMarket)

  test.each<PlanCase>([
    {
      why: 'a hash that has offered all that it may hands its nonce to a proof that has none',
      view: { queue: [commit, ending], attempts: [row({ intent: commit, fees: full, sentAtBlock: 99 })] },
      actions: [{ kind: 'sign', nonce: 3, attempt: 1, intent: ending, fees: fees(CAP, CAP) }],
    },
    {
      why: 'of several only the lowest does',
      view: {
        queue: [another, claim, commit, ending],
        attempts: [
          row({ intent: commit, fees: full, sentAtBlock: 99 }),
          row({ nonce: 4, intent: claim, fees: full, sentAtBlock: 99 }),
        ],
      },
      actions: [
        { kind: 'sign', nonce: 3, attempt: 1, intent: ending },
        { kind: 'broadcast', nonce: 4 },
        { kind: 'sign', nonce: 5, attempt: 0, intent: another },
      ],
    },
    {
      why: 'it makes way for a proof behind it',
      view: {
        queue: [commit, ending],
        attempts: [
          row({ intent: commit, fees: full, sentAtBlock: 99 }),
          row({ nonce: 4, intent: ending, fees: full, sentAtBlock: 99 }),
        ],
      },
      actions: [
        { kind: 'sign', nonce: 3, attempt: 1, intent: null, fees: fees(CAP, CAP) },
        { kind: 'sign', nonce: 4, attempt: 1, intent: ending, fees: fees(CAP, CAP) },
      ],
    },
    {
      why: 'before the last blocks it need not',
      view: {
        queue: [commit, calm],
        attempts: [
          row({ intent: commit, fees: full, sentAtBlock: 99 }),
          row({ nonce: 4, intent: calm, fees: full, sentAtBlock: 99 }),
        ],
      },
      actions: [
        { kind: 'broadcast', nonce: 3 },
        { kind: 'broadcast', nonce: 4 },
      ],
    },
    {
      why: 'nor in the block of its broadcast',
      view: {
        queue: [commit, ending],
        attempts: [row({ intent: commit, fees: full }), row({ nonce: 4, intent: ending, fees: fees(CAP, CAP) })],
      },
      actions: [
        { kind: 'broadcast', nonce: 3 },
        { kind: 'broadcast', nonce: 4 },
      ],
    },
    {
      why: 'with room left it is raised, as far as a hash may go, like the proof that waits for it',
      view: {
        head: 103,
        queue: [commit, ending],
        attempts: [row({ intent: commit, sentAtBlock: 102 }), row({ nonce: 4, intent: ending, sentAtBlock: 102 })],
      },
      actions: [
        { kind: 'sign', nonce: 3, attempt: 1, intent: commit, fees: fees(ROOM, ROOM) },
        { kind: 'sign', nonce: 4, attempt: 1, intent: ending, fees: fees(CAP, CAP) },
      ],
    },
    {
      why: 'an empty self-transfer in the way of a proof offers all of the cap itself',
      view: {
        queue: [ending],
        attempts: [
          row({ fees: full, sentAtBlock: 99 }),
          row({ nonce: 4, intent: ending, fees: fees(CAP, CAP), sentAtBlock: 99 }),
        ],
      },
      actions: [
        { kind: 'sign', nonce: 3, attempt: 1, intent: null, fees: fees(CAP, CAP) },
        { kind: 'broadcast', nonce: 4 },
      ],
    },
  ])('$why', expectInMarket)

  test('its lack is told', () => {
    const attempts = [row({ intent: calm, fees: full, sentAtBlock: 90 })]
    expect(planSending(viewOf({ market, queue: [calm], attempts })).lines).toEqual([
      'nonce 3: prove pay 1-2, attempt 0, sent at block 90, offers all that it may now',
    ])
  })
})
