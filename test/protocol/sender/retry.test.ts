import { test } from 'vitest'
import type { Intent } from '../../../protocol/sender/intent.ts'
import { expectPlan, type PlanCase } from './plans.ts'
import { intent, row } from './views.ts'

const proof = intent('prove', { lastBlock: 200 })
const claim = intent('claim', { from: 7, to: 7 })
const late = intent('prove-late')

const reverted = (intent: Intent, ...blocks: number[]) =>
  blocks.map((blockNumber, i) => row({ nonce: 3 + i, intent, receipt: { blockNumber, status: 'reverted' } }))

test.each<PlanCase>([
  {
    why: 'what reverted once is tried again in the next block',
    view: {
      nonceAtHead: 4,
      queue: [proof],
      attempts: [row({ intent: proof, receipt: { blockNumber: 100, status: 'reverted' } })],
    },
    actions: [{ kind: 'sign', nonce: 4, intent: proof }],
  },
  {
    why: 'what reverted twice waits',
    view: {
      nonceAtHead: 5,
      queue: [proof],
      attempts: [
        row({ intent: proof, receipt: { blockNumber: 99, status: 'reverted' } }),
        row({ nonce: 4, intent: proof, receipt: { blockNumber: 100, status: 'reverted' } }),
      ],
    },
    actions: [],
  },
  {
    why: 'what reverts again and again is tried in each of the last blocks of its window',
    view: { nonceAtHead: 8, queue: [{ ...proof, lastBlock: 104 }], attempts: reverted(proof, 95, 96, 97, 98, 99) },
    actions: [{ kind: 'sign', nonce: 8, intent: { ...proof, lastBlock: 104 } }],
  },
  {
    why: 'and not before them',
    view: { nonceAtHead: 8, queue: [{ ...proof, lastBlock: 105 }], attempts: reverted(proof, 95, 96, 97, 98, 99) },
    actions: [],
  },
  {
    why: 'a proof waits four blocks at most, though it has reverted many times: those behind it need theirs',
    view: { nonceAtHead: 8, queue: [proof], attempts: reverted(proof, 93, 94, 95, 96, 97) },
    actions: [{ kind: 'sign', nonce: 8, intent: proof }],
  },
  {
    why: 'it does wait them',
    view: { nonceAtHead: 8, queue: [proof], attempts: reverted(proof, 94, 95, 96, 97, 98) },
    actions: [],
  },
  {
    why: 'a late proof, which may have no last block, waits no longer',
    view: { nonceAtHead: 8, queue: [late], attempts: reverted(late, 93, 94, 95, 96, 97) },
    actions: [{ kind: 'sign', nonce: 8, intent: late }],
  },
  {
    why: 'a claim, which can wait, is tried ever more rarely',
    view: { nonceAtHead: 8, queue: [claim], attempts: reverted(claim, 82, 83, 84, 85, 86) },
    actions: [],
  },
])('$why', expectPlan)
