import { describe, expect, test } from 'vitest'
import { lastVerifiedBefore, nonceInFlight } from '../../../protocol/sender/in-flight.ts'
import type { UnfinalAttempt } from '../../../protocol/sender/view.ts'
import { intent, row } from './views.ts'

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
      attempts: [row({ nonce: 3, intent: first, sentAtBlock: null }), sent(4, proof)],
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

test('what another transaction was signed in place of is not in flight', () => {
  expect(nonceInFlight(proof, { attempts: [sent(3, proof)], nonceAtHead: 3 })).toBe(3)
  expect(nonceInFlight(proof, { attempts: [sent(3, proof), sent(3, null, 1)], nonceAtHead: 3 })).toBeUndefined()
  expect(nonceInFlight(proof, { attempts: [sent(3, proof)], nonceAtHead: 4 })).toBeUndefined()
})

// Helpers

function sent(nonce: number, what: UnfinalAttempt['intent'], attempt = 0): UnfinalAttempt {
  return row({ nonce, attempt, intent: what })
}
