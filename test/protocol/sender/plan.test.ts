import { describe, expect, test } from 'vitest'
import { planSending } from '../../../protocol/sender/plan.ts'
import type { SenderAction, SenderView } from '../../../protocol/sender/view.ts'
import { expectPlan, type PlanCase } from './plans.ts'
import { CAP, fees, finalProof, intent, row, viewOf } from './views.ts'

/** A base fee below the cap and above what all but proofs may offer. */
const DEAR: SenderView['market'] = { baseFeePerGas: 950n, priorityFeePerGas: 1n }

describe('what becomes of one nonce', () => {
  const proof = intent('prove', { lastBlock: 200 })
  const commit = intent('commit', { from: 5, to: 6 })
  const claim = intent('claim', { from: 7, to: 7 })
  const late = intent('prove-late')

  test.each<PlanCase>([
    {
      why: 'a new intent gets the next nonce at twice the base fee',
      view: { queue: [commit] },
      actions: [{ kind: 'sign', nonce: 3, attempt: 0, intent: commit, fees: fees(201n, 1n) }],
    },
    {
      why: 'what was stored and perhaps never sent is sent, with the same bytes',
      view: { queue: [commit], attempts: [row({ intent: commit, sentAtBlock: null })] },
      actions: [{ kind: 'broadcast', nonce: 3, attempt: 0, txHash: '0x30' }],
    },
    {
      why: 'what a pool may have dropped is sent again',
      view: { queue: [commit], attempts: [row({ intent: commit, sentAtBlock: 99 })] },
      actions: [{ kind: 'broadcast', nonce: 3, attempt: 0, txHash: '0x30' }],
    },
    {
      why: 'after its patience an attempt is replaced at an eighth more, or at what the market asks for',
      view: { queue: [commit], attempts: [row({ intent: commit, sentAtBlock: 97, fees: fees(240n, 8n) })] },
      actions: [{ kind: 'sign', nonce: 3, attempt: 1, intent: commit, fees: fees(270n, 9n) }],
    },
    {
      why: 'what an admin bumps is replaced in the block of its broadcast',
      view: { queue: [commit], attempts: [row({ intent: commit, fees: fees(240n, 8n) })], toBump: ['0x30'] },
      actions: [{ kind: 'sign', nonce: 3, attempt: 1, intent: commit, fees: fees(270n, 9n) }],
    },
    {
      why: 'what an admin bumped is replaced once: the replacement has another hash',
      view: {
        queue: [commit],
        attempts: [row({ intent: commit }), row({ attempt: 1, intent: commit })],
        toBump: ['0x30'],
      },
      actions: [{ kind: 'broadcast', nonce: 3, attempt: 1 }],
    },
    {
      why: 'what an admin bumps behind an unmined nonce is replaced, that nonce is not',
      view: {
        queue: [commit, claim],
        attempts: [row({ intent: claim }), row({ nonce: 4, intent: commit })],
        toBump: ['0x40'],
      },
      actions: [
        { kind: 'broadcast', nonce: 3 },
        { kind: 'sign', nonce: 4, attempt: 1, intent: commit },
      ],
    },
    {
      why: 'what an admin bumps stays below the cap',
      view: { queue: [proof], attempts: [row({ intent: proof, fees: fees(CAP, 100n) })], toBump: ['0x30'] },
      actions: [{ kind: 'broadcast', nonce: 3, attempt: 0 }],
    },
    {
      why: 'behind an unmined nonce nothing is raised for its wait',
      view: {
        queue: [commit, claim],
        attempts: [row({ intent: claim, sentAtBlock: 99 }), row({ nonce: 4, intent: commit, sentAtBlock: 90 })],
      },
      actions: [
        { kind: 'broadcast', nonce: 3 },
        { kind: 'broadcast', nonce: 4 },
      ],
    },
    {
      why: 'a nonce is urgent for the proof that waits behind it',
      view: {
        queue: [{ ...proof, lastBlock: 103 }, claim],
        attempts: [
          row({ intent: claim, sentAtBlock: 99 }),
          row({ nonce: 4, intent: { ...proof, lastBlock: 103 }, sentAtBlock: 100 }),
        ],
      },
      actions: [
        { kind: 'sign', nonce: 3, attempt: 1, intent: claim },
        { kind: 'broadcast', nonce: 4 },
      ],
    },
    {
      why: 'a transaction that became useless hands its nonce to the next intent, raised',
      view: { queue: [commit, proof], attempts: [row({ intent: commit, fees: fees(240n, 8n) })] },
      fates: [[commit, { kind: 'hopeless', why: 'the round is over' }]],
      actions: [
        { kind: 'drop', intent: commit, why: 'the round is over' },
        { kind: 'sign', nonce: 3, attempt: 1, intent: proof, fees: fees(270n, 9n) },
      ],
    },
    {
      why: 'not to one that may not offer as much as a replacement must: that gets the next',
      view: { queue: [commit, claim], attempts: [row({ intent: commit, fees: fees(800n, 8n) })] },
      fates: [[commit, { kind: 'hopeless', why: 'the round is over' }]],
      actions: [
        { kind: 'drop', intent: commit },
        { kind: 'sign', nonce: 3, attempt: 1, intent: null },
        { kind: 'sign', nonce: 4, attempt: 0, intent: claim, fees: fees(201n, 1n) },
      ],
    },
    {
      why: 'a claim takes over what leaves a raise below its own cap',
      view: { queue: [commit, claim], attempts: [row({ intent: commit, fees: fees(789n, 8n) })] },
      fates: [[commit, { kind: 'hopeless', why: 'the round is over' }]],
      actions: [
        { kind: 'drop', intent: commit },
        { kind: 'sign', nonce: 3, attempt: 1, intent: claim, fees: fees(888n, 9n) },
      ],
    },
    {
      why: 'a proof passes others by that may not offer as much',
      view: { queue: [claim, late, commit], attempts: [row({ intent: commit, fees: fees(888n, 8n) })], market: DEAR },
      fates: [[commit, { kind: 'hopeless', why: 'the round is over' }]],
      actions: [
        { kind: 'drop', intent: commit },
        { kind: 'sign', nonce: 3, attempt: 1, intent: late },
      ],
    },
    {
      why: 'without a next intent it is replaced by an empty self-transfer',
      view: { attempts: [row({ intent: { ...proof, lastBlock: 100 } })] },
      actions: [{ kind: 'sign', nonce: 3, attempt: 1, intent: null }],
    },
    {
      why: 'an empty self-transfer that is out gives its nonce to a new intent',
      view: { queue: [proof], attempts: [row({ intent: null, attempt: 1 })] },
      actions: [{ kind: 'sign', nonce: 3, attempt: 2, intent: proof }],
    },
    {
      why: 'other calldata for the same step replaces the old under its own nonce, at once',
      view: {
        queue: [commit],
        attempts: [row({ intent: { ...commit, finalProof: finalProof('02') } }), row({ nonce: 4, intent: proof })],
      },
      actions: [
        { kind: 'sign', nonce: 3, attempt: 1, intent: commit },
        { kind: 'broadcast', nonce: 4 },
      ],
    },
    {
      why: 'a proof that became late stays the same transaction, with the new window',
      view: {
        queue: [{ ...proof, step: 'prove-late', lastBlock: null }],
        attempts: [row({ intent: { ...proof, lastBlock: 100 } })],
      },
      fates: [[{ ...proof, step: 'prove-late' }, { kind: 'wanted' }]],
      actions: [{ kind: 'broadcast', nonce: 3 }],
    },
    {
      why: 'an intent that lost its nonce to another attempt gets a new one',
      view: {
        nonceAtHead: 4,
        queue: [proof],
        attempts: [
          row({ intent: commit, receipt: { blockNumber: 100, status: 'success' } }),
          row({ attempt: 1, intent: proof }),
        ],
      },
      fates: [[commit, { kind: 'done', isFinal: false }]],
      actions: [{ kind: 'sign', nonce: 4, attempt: 0, intent: proof }],
    },
    {
      why: 'a replaced attempt that may yet be mined keeps its intent from a second nonce',
      view: { queue: [claim], attempts: [row({ intent: claim }), row({ attempt: 1, intent: proof })] },
      actions: [{ kind: 'broadcast', nonce: 3, attempt: 1 }],
    },
    {
      why: 'an intent that a reorg left under two nonces keeps the lower one',
      view: { queue: [proof], attempts: [row({ intent: proof }), row({ nonce: 4, intent: proof })] },
      actions: [
        { kind: 'broadcast', nonce: 3 },
        { kind: 'sign', nonce: 4, attempt: 1, intent: null },
      ],
    },
    {
      why: 'a foreign transaction took the nonce: ours is sent under a new one, and the rows end when it is final',
      view: {
        nonceAtHead: 5,
        nonceAtFinal: 4,
        queue: [commit, proof],
        attempts: [row({ intent: commit }), row({ nonce: 4, intent: proof })],
      },
      actions: [
        { kind: 'finish', nonce: 3, minedAttempt: null },
        { kind: 'sign', nonce: 5, intent: proof },
        { kind: 'sign', nonce: 6, intent: commit },
      ],
    },
    {
      why: 'a final nonce ends with the attempt that was mined',
      view: {
        nonceAtHead: 4,
        nonceAtFinal: 4,
        attempts: [
          row({ intent: commit }),
          row({ attempt: 1, intent: commit, receipt: { blockNumber: 90, status: 'success' } }),
        ],
      },
      fates: [[commit, { kind: 'done', isFinal: true }]],
      actions: [{ kind: 'finish', nonce: 3, minedAttempt: 1 }],
    },
    {
      why: 'at the cap a useless transaction is still given up, for pools that have dropped it',
      view: { attempts: [row({ intent: { ...proof, lastBlock: 100 }, fees: fees(CAP, 8n) })] },
      actions: [{ kind: 'sign', nonce: 3, attempt: 1, intent: null, fees: fees(CAP, CAP) }],
    },
    {
      why: 'a skipped nonce is filled first',
      view: { queue: [commit, proof], attempts: [row({ nonce: 4, intent: commit })] },
      actions: [
        { kind: 'sign', nonce: 3, attempt: 0, intent: proof },
        { kind: 'broadcast', nonce: 4 },
      ],
    },
    {
      why: 'a proof that ran for an older round, not yet final, goes again in the next: whether it is spent its fate tells',
      view: {
        nonceAtHead: 4,
        queue: [proof],
        attempts: [row({ intent: proof, receipt: { blockNumber: 100, status: 'success' } })],
      },
      actions: [{ kind: 'sign', nonce: 4, attempt: 0, intent: proof }],
    },
    {
      why: 'a claim that ran in vain is dropped',
      view: {
        nonceAtHead: 4,
        queue: [claim],
        attempts: [row({ intent: claim, receipt: { blockNumber: 100, status: 'success' } })],
      },
      actions: [{ kind: 'drop', intent: claim, why: 'its transaction ran and its effect does not stand' }],
    },
    {
      why: 'an intent whose block has not come is not signed',
      view: { queue: [{ ...proof, firstBlock: 102 }] },
      actions: [],
    },
    {
      why: 'an intent that is over is dropped',
      view: { queue: [{ ...proof, lastBlock: 100 }] },
      actions: [{ kind: 'drop', why: 'block 100 was its last' }],
    },
    {
      why: 'what stands, but not finally, is neither sent nor dropped',
      view: { queue: [commit] },
      fates: [[commit, { kind: 'done', isFinal: false }]],
      actions: [],
    },
    {
      why: 'nothing is signed while the base fee is above the cap',
      view: { queue: [proof], market: { baseFeePerGas: CAP + 1n, priorityFeePerGas: 1n } },
      actions: [],
    },
  ])('$why', expectPlan)

  test('each drop has a line with its reason', () => {
    const over = { ...proof, lastBlock: 100 }
    const view = viewOf({ queue: [over, commit, claim] }, [[commit, { kind: 'hopeless', why: 'the round is over' }]])
    expect(planSending(view).lines).toEqual([
      'nonce 3: claim pay 7, attempt 0, signed at block 100',
      'prove pay 1-2: dropped, block 100 was its last',
      'commit pay 5-6: dropped, the round is over',
    ])
  })

  test('late proofs, proofs, hashes and claims get nonces in this order, the lower batch first', () => {
    const late = intent('prove-late', { from: 9, to: 9 })
    const early = intent('prove', { from: 3, to: 4, lastBlock: 200 })
    const { actions } = planSending(
      viewOf({ queue: [claim, commit, intent('prove', { from: 5, to: 6, lastBlock: 200 }), early, late] }),
    )
    expect(actions.map((action) => 'intent' in action && nameOf(action))).toEqual([
      'prove-late 9',
      'prove 3',
      'prove 5',
      'commit 5',
      'claim 7',
    ])
  })
})

const nameOf = (action: SenderAction): string =>
  'intent' in action && action.intent !== null && action.intent.step !== 'stake'
    ? `${action.intent.step} ${action.intent.from}`
    : action.kind
