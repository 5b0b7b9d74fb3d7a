import { describe, expect, test } from 'vitest'
import {
  inFlightBefore,
  isSigned,
  isUntold,
  lastVerifiedBefore,
  mayLand,
  newestByNonce,
  nonceInFlight,
  unminedAt,
  unminedByRows,
} from '../../../protocol/sender/in-flight.ts'
import type { UnfinalAttempt } from '../../../protocol/sender/view.ts'
import { finalProof, intent, row } from './views.ts'

const first = intent('prove', { from: 3, to: 4 })
const proof = intent('prove', { from: 5, to: 6 })

describe('the last batch that is verified when the proof of 5-6 runs, 2 being verified at the head', () => {
  test.each<{ why: string; attempts: UnfinalAttempt[]; last: number }>([
    { why: 'the proof before it is in flight at a lower nonce', attempts: [sent(3, first), sent(4, proof)], last: 4 },
    {
      why: 'so are two',
      attempts: [
        sent(3, intent('prove', { from: 4, to: 4 })),
        sent(4, intent('prove-late', { from: 3, to: 3 })),
        sent(5, proof),
      ],
      last: 4,
    },
    { why: 'the one before it is at a higher nonce', attempts: [sent(3, proof), sent(4, first)], last: 2 },
    {
      why: 'the one before it is only stored',
      attempts: [stored(3, first), sent(4, proof)],
      last: 2,
    },
    {
      why: 'a raise of the one before it is stored and not sent yet',
      attempts: [sent(3, first), row({ nonce: 3, attempt: 1, intent: first, sentAtBlock: null }), sent(4, proof)],
      last: 4,
    },
    { why: 'the one before it was replaced', attempts: [sent(3, first), sent(3, null, 1), sent(4, proof)], last: 2 },
    { why: 'it is mined: what it did is told by the contract', attempts: [sent(2, first), sent(3, proof)], last: 2 },
    { why: 'there is a gap', attempts: [sent(3, intent('prove', { from: 4, to: 4 })), sent(4, proof)], last: 2 },
    { why: "it is another rollup's", attempts: [sent(3, { ...first, rollup: 'other' }), sent(4, proof)], last: 2 },
    { why: 'only a hash is on its way', attempts: [sent(3, { ...first, step: 'commit' }), sent(4, proof)], last: 2 },
    { why: 'it is not in flight itself', attempts: [sent(3, first)], last: 2 },
  ])('$why: $last', ({ attempts, last }) =>
    expect(lastVerifiedBefore(proof, 2, { attempts, nonceAtHead: 3 })).toBe(last),
  )
})

describe('a proof, 3 being the next nonce after the head, of which', () => {
  const raised = { attempt: 1, txHash: '0x31' } as const
  test.each<{ what: string; attempts: UnfinalAttempt[]; isSigned: boolean; mayLand: boolean; nonce?: number }>([
    { what: 'nothing is signed', attempts: [], isSigned: false, mayLand: false },
    { what: 'a transaction is only stored', attempts: [stored(3, proof)], isSigned: true, mayLand: false },
    { what: 'a transaction is sent', attempts: [sent(3, proof)], isSigned: true, mayLand: true, nonce: 3 },
    {
      what: 'a raise is only stored, and what it raises is sent',
      attempts: [sent(3, proof), row({ nonce: 3, intent: proof, sentAtBlock: null, ...raised })],
      ...{ isSigned: true, mayLand: true, nonce: 3 },
    },
    {
      what: 'the transaction was replaced by another, which is sent',
      attempts: [sent(3, proof), sent(3, null, 1)],
      ...{ isSigned: true, mayLand: true },
    },
    {
      what: 'the transaction is to be replaced by one that is only stored',
      attempts: [sent(3, proof), row({ nonce: 3, intent: null, sentAtBlock: null, ...raised })],
      ...{ isSigned: true, mayLand: true, nonce: 3 },
    },
    { what: 'the nonce is used up', attempts: [sent(2, proof)], isSigned: false, mayLand: false },
    {
      what: 'other bytes are sent',
      attempts: [sent(3, { ...proof, finalProof: finalProof('02') })],
      ...{ isSigned: false, mayLand: false },
    },
    {
      what: 'the same bytes are sent, late meanwhile',
      attempts: [sent(3, { ...proof, step: 'prove-late' })],
      ...{ isSigned: true, mayLand: true, nonce: 3 },
    },
    { what: 'only an empty transaction is sent', attempts: [sent(3, null)], isSigned: false, mayLand: false },
  ])('$what', ({ attempts, nonce, ...is }) => {
    const live = { attempts, nonceAtHead: 3 }
    expect(isSigned(proof, live)).toBe(is.isSigned)
    expect(mayLand(proof, live)).toBe(is.mayLand)
    expect(nonceInFlight(proof, live)).toBe(nonce)
  })
})

test.each([
  { why: 'its receipt is', attempts: [row({ nonce: 2, intent: proof })], isUntold: false },
  { why: 'no receipt is', attempts: [row({ nonce: 2, intent: proof, isUntold: true })], isUntold: true },
  { why: 'that of another is not', attempts: [row({ nonce: 2, intent: first, isUntold: true })], isUntold: false },
])('what came of a proof is untold: $isUntold, $why told', ({ attempts, isUntold: is }) =>
  expect(isUntold(proof, { attempts })).toBe(is),
)

test('what runs before a transaction is in flight at lower nonces, and nothing is while it is not in flight itself', () => {
  const others = [sent(2, intent('commit')), sent(3, first), stored(4, intent('claim')), sent(6, intent('commit'))]
  expect(inFlightBefore(proof, { attempts: [...others, sent(5, proof)], nonceAtHead: 3 })).toEqual([first])
  expect(inFlightBefore(proof, { attempts: [...others, stored(5, proof)], nonceAtHead: 3 })).toEqual([])
})

describe('of attempts', () => {
  const attempts = [
    { nonce: 3, attempt: 0, isMined: false },
    { nonce: 3, attempt: 1, isMined: true },
    { nonce: 4, attempt: 1, isMined: false },
    { nonce: 4, attempt: 0, isMined: false },
  ]
  const [, mined, newest, older] = attempts

  test('those are unmined whose nonce is not used up', () => {
    expect(unminedAt(4, attempts)).toEqual([newest, older])
    expect(unminedAt(5, attempts)).toEqual([])
  })

  test('where only rows tell, one that is mined takes along the others of its nonce', () =>
    expect(unminedByRows(attempts, ({ isMined }) => isMined)).toEqual([newest, older]))

  test('the newest of each nonce is the last that was signed for it', () =>
    expect(newestByNonce(attempts)).toEqual([mined, newest]))
})

function sent(nonce: number, what: UnfinalAttempt['intent'], attempt = 0): UnfinalAttempt {
  return row({ nonce, attempt, intent: what })
}

function stored(nonce: number, what: UnfinalAttempt['intent']): UnfinalAttempt {
  return row({ nonce, intent: what, sentAtBlock: null })
}
