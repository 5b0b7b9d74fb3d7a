import { test } from 'vitest'
import type { IntentFate } from '../../../protocol/sender/fates.ts'
import type { SenderView } from '../../../protocol/sender/view.ts'
import { expectPlan, type PlanCase } from './plans.ts'
import { CAP, fees, intent, row } from './views.ts'

/** A base fee below the cap and above what all but proofs may offer. */
const DEAR: SenderView['market'] = { baseFeePerGas: 950n, priorityFeePerGas: 1n }

const proof = intent('prove', { lastBlock: 200 })
const commit = intent('commit', { from: 5, to: 6 })
const claim = intent('claim', { from: 7, to: 7 })
const late = intent('prove-late')
const harmful: IntentFate = { kind: 'harmful', why: 'the late proof is sent first' }
const unjudged: IntentFate = { kind: 'unjudged', why: 'no answer' }

test.each<PlanCase>([
  {
    why: 'in a paused contract nothing is sent',
    view: { queue: [commit], attempts: [row({ intent: proof })] },
    fates: [
      [commit, { kind: 'held', why: 'paused' }],
      [proof, { kind: 'held', why: 'paused' }],
    ],
    actions: [],
  },
  {
    why: 'what is held gives its nonce to what is wanted',
    view: { queue: [claim], attempts: [row({ intent: proof })] },
    fates: [[proof, { kind: 'held', why: 'paused' }]],
    actions: [{ kind: 'sign', nonce: 3, attempt: 1, intent: claim }],
  },
  {
    why: 'what is held gives no more nonces than are wanted, the lowest first',
    view: { queue: [claim], attempts: [row({ intent: proof }), row({ nonce: 4, intent: commit })] },
    fates: [
      [proof, { kind: 'held', why: 'paused' }],
      [commit, { kind: 'held', why: 'paused' }],
    ],
    actions: [{ kind: 'sign', nonce: 3, attempt: 1, intent: claim }],
  },
  {
    why: 'what is held lets pass what waits behind it',
    view: { queue: [claim], attempts: [row({ intent: proof }), row({ nonce: 4, intent: claim })] },
    fates: [[proof, { kind: 'held', why: 'paused' }]],
    actions: [
      { kind: 'sign', nonce: 3, attempt: 1, intent: null },
      { kind: 'broadcast', nonce: 4 },
    ],
  },
  {
    why: 'what would do harm gives its nonce to what is wanted',
    view: { queue: [commit, late], attempts: [row({ intent: commit, fees: fees(240n, 8n) })] },
    fates: [[commit, harmful]],
    actions: [{ kind: 'sign', nonce: 3, attempt: 1, intent: late, fees: fees(270n, 9n) }],
  },
  {
    why: 'when nothing is, to an empty self-transfer, though nothing waits behind it',
    view: { queue: [commit], attempts: [row({ intent: commit })] },
    fates: [[commit, harmful]],
    actions: [{ kind: 'sign', nonce: 3, attempt: 1, intent: null }],
  },
  {
    why: 'a hash that has offered all that it may lets pass the proof behind it',
    view: {
      ...{ queue: [commit, proof], market: DEAR },
      attempts: [row({ intent: commit, fees: fees(888n, 8n) }), row({ nonce: 4, intent: proof, fees: fees(CAP, 8n) })],
    },
    actions: [
      { kind: 'sign', nonce: 3, attempt: 1, intent: null, fees: fees(CAP, CAP) },
      { kind: 'broadcast', nonce: 4 },
    ],
  },
  {
    why: 'and gives its nonce to a proof that has none',
    view: { queue: [commit, proof], market: DEAR, attempts: [row({ intent: commit, fees: fees(888n, 8n) })] },
    actions: [{ kind: 'sign', nonce: 3, attempt: 1, intent: proof, fees: fees(CAP, CAP) }],
  },
  {
    why: 'for another hash that is priced out as well it gives up nothing',
    view: {
      ...{ queue: [commit, claim], market: DEAR },
      attempts: [row({ intent: commit, fees: fees(888n, 8n) }), row({ nonce: 4, intent: claim, fees: fees(888n, 8n) })],
    },
    actions: [
      { kind: 'broadcast', nonce: 3 },
      { kind: 'broadcast', nonce: 4 },
    ],
  },
  {
    why: 'what a failure keeps from being judged is not begun, and the others are',
    view: { queue: [commit, proof] },
    fates: [[proof, unjudged]],
    actions: [{ kind: 'sign', nonce: 3, attempt: 0, intent: commit }],
  },
  {
    why: 'nor is it sent when it is only stored: its nonce goes to the next intent',
    view: { queue: [commit, proof], attempts: [row({ intent: proof, sentAtBlock: null })] },
    fates: [[proof, unjudged]],
    actions: [{ kind: 'sign', nonce: 3, attempt: 1, intent: commit }],
  },
  {
    why: 'when it is out it is sent again and raised, because others wait behind its nonce',
    view: {
      queue: [commit, proof],
      attempts: [row({ intent: proof, sentAtBlock: 97 }), row({ nonce: 4, intent: commit })],
    },
    fates: [[proof, unjudged]],
    actions: [
      { kind: 'sign', nonce: 3, attempt: 1, intent: proof },
      { kind: 'broadcast', nonce: 4 },
    ],
  },
  {
    why: 'when its last block is over it gives its nonce up all the same',
    view: { attempts: [row({ intent: { ...proof, lastBlock: 100 } })] },
    fates: [[proof, unjudged]],
    actions: [{ kind: 'sign', nonce: 3, attempt: 1, intent: null }],
  },
  {
    why: 'when it was mined it is not dropped: its effect may stand',
    view: {
      nonceAtHead: 4,
      queue: [proof],
      attempts: [row({ intent: proof, receipt: { blockNumber: 100, status: 'success' } })],
    },
    fates: [[proof, unjudged]],
    actions: [],
  },
])('$why', expectPlan)
