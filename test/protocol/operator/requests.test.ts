import { describe, expect, test } from 'vitest'
import {
  answerBump,
  answerHold,
  checkAdminRequest,
  refuseCancel,
  refuseUnknown,
} from '../../../protocol/operator/requests.ts'
import { nextStep, outlivesHolds } from '../../../protocol/sequence/next-step.ts'
import { holdText } from '../../../protocol/sequence/view.ts'
import { committed, LOOSE, late, OWN, ROUND, VERIFIED_ROUND, view } from '../sequence/views.ts'

describe('cancelling', () => {
  test.each([
    { why: 'nothing is out', seen: view(), refusal: null },
    { why: 'our hash is out', seen: committed(), refusal: null },
    { why: 'it is paused', seen: view({ holds: { paused: 'costs' } }), refusal: null },
    { why: 'a rival has verified it', seen: view({ atHead: { isVerified: true } }), refusal: 'is verified on chain' },
    { why: 'our late proof is owed', seen: late({ head: 111 }), refusal: 'the late proof to be mined' },
    {
      why: 'it is settled',
      seen: view({ atHead: { isVerified: true }, atFinal: { isVerified: true } }),
      refusal: 'ended as proved-by-others',
    },
    { why: 'it is cancelled already', seen: view({ holds: { cancelled: 'costs' } }), refusal: 'ended as cancelled' },
    {
      why: 'no proof fits our hash, and no deadline ends that',
      seen: late({
        ...LOOSE,
        atHead: { round: { ...VERIFIED_ROUND, lateProofDeadlineBlock: null }, own: { ...OWN, proofHash: '0xbb' } },
      }),
      refusal: null,
    },
  ])('while $why: refused: $refusal', ({ seen, refusal }) => {
    const answer = refuseCancel({ view: seen, step: nextStep(seen) })
    if (refusal === null) expect(answer).toBeNull()
    else expect(answer).toContain(refusal)
  })
})

test.each([
  { why: 'nothing of ours is out', seen: view(), outlives: false },
  { why: 'a rival has opened a round', seen: view({ atHead: { round: ROUND } }), outlives: false },
  { why: 'our hash is out', seen: committed(), outlives: true },
  { why: 'our hash may yet land', seen: view({ unfinalCommit: true }), outlives: true },
  { why: 'our round has expired', seen: committed({ head: 130 }), outlives: false },
  { why: 'a void round keeps our stake locked', seen: view({ atHead: { own: OWN } }), outlives: true },
  { why: 'a void round is settled', seen: view({ atHead: { own: { ...OWN, isSettled: true } } }), outlives: false },
])('a hold leaves something to do when $why: $outlives', ({ seen, outlives }) => {
  expect(outlivesHolds(seen)).toBe(outlives)
})

test.each([
  { decision: 'pause', isChanged: true, heldStill: 'paused: x', isDone: true, says: /^Paused: .* still proved\.$/ },
  {
    decision: 'pause',
    isChanged: false,
    heldStill: 'paused: x',
    isDone: true,
    says: /so already; the reason is this one now\.$/,
  },
  {
    decision: 'cancel',
    isChanged: true,
    heldStill: 'cancelled: x',
    isDone: true,
    says: /provers are stopped\. .* still proved\.$/,
  },
  { decision: 'resume', isChanged: true, heldStill: null, isDone: true, says: /^Resumed/ },
  {
    decision: 'resume',
    isChanged: true,
    heldStill: 'paused: all of it',
    isDone: true,
    says: /still held, paused: all of it\.$/,
  },
  {
    decision: 'resume',
    isChanged: false,
    heldStill: null,
    isDone: false,
    says: /^Nothing to resume: it is neither paused nor/,
  },
  {
    decision: 'resume',
    isChanged: false,
    heldStill: 'paused: all of it',
    isDone: false,
    says: /^Nothing.* held, paused: all of it\.$/,
  },
] as const)(
  '$decision, changed: $isChanged, then held: $heldStill',
  ({ decision, isChanged, heldStill, isDone, says }) => {
    expect(answerHold(decision, { isChanged, heldStill })).toEqual({ isDone, answer: expect.stringMatching(says) })
  },
)

test('raising fees names what is raised, or that nothing is in flight', () => {
  const found = [{ step: 'commit' as const, range: { from: 4, to: 6 }, nonce: 7 }]
  expect(answerBump(found)).toEqual({
    isDone: true,
    answer: expect.stringContaining('commit of batches 4-6 (nonce 7)'),
  })
  expect(answerBump([])).toEqual({ isDone: false, answer: expect.stringContaining('no transaction') })
})

test.each([
  { range: { from: 4, to: 6 }, why: 'it is open', refusal: null },
  { range: { from: 9, to: 9 }, why: 'it may be one that waits for its turn', refusal: null },
  { range: { from: 1, to: 3 }, why: 'it is verified', refusal: 'batches 1-3 are verified' },
  { range: { from: 10, to: 10 }, why: 'it is not posted', refusal: 'No sequence of batches 10 is posted' },
  { range: { from: 4, to: 5 }, why: 'another one has these batches', refusal: 'there is one of batches 4-6' },
])('a rollup answers for batches $range.from-$range.to: $why', ({ range, refusal }) => {
  const open = [{ rollup: 'pay', from: 4, to: 6, accInputHash: '0xda' as const, isDeep: true, isProved: false }]
  const answer = refuseUnknown({ open, lastVerifiedBatch: 3, lastBatchSequenced: 9 }, range)
  if (refusal === null) expect(answer).toBeNull()
  else expect(answer).toContain(refusal)
})

test('of several holds the first is told', () => {
  expect(holdText({ paused: null, cancelled: null, quarantined: null })).toBeNull()
  expect(holdText({ paused: 'a', cancelled: 'b', quarantined: null })).toBe('paused: a')
})

test.each([
  { who: '', reason: 'r', says: /`who`/ },
  { who: 'ann', reason: ' ', says: /`reason`/ },
  { who: 'ann', reason: 'x'.repeat(501), says: /501 characters, 500/ },
  { who: 'x'.repeat(201), reason: 'costs', says: /201 characters, 200/ },
])('a request without sense is refused: $says', ({ says, ...request }) => {
  expect(() => checkAdminRequest(request)).toThrow(says)
})
