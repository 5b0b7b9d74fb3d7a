import { describe, expect, test } from 'vitest'
import type { Intent, SequenceIntent } from '../../../protocol/sender/intent.ts'
import { type GateFacts, gateOf, whyProofWaits } from '../../../protocol/sender/judge.ts'
import type { UnfinalAttempt } from '../../../protocol/sender/view.ts'
import type { OwnCommitment } from '../../../protocol/sequence/view.ts'
import {
  account,
  claim,
  claimFacts,
  commit,
  HEAD,
  hashFacts,
  heldBecause,
  judged,
  look,
  OWN,
  proof,
  proofFacts,
  stake,
  stakeFacts,
  stored,
  wanted,
} from './facts.ts'
import { row } from './views.ts'

describe('what the configuration gives to another account', () => {
  const left = expect.objectContaining({ kind: 'hopeless' })
  test.each<{ why: string; of: Intent; attempts: UnfinalAttempt[]; fate: unknown }>([
    { why: 'is not begun', of: proof, attempts: [], fate: left },
    { why: 'is not sent where it is only stored', of: proof, attempts: [stored(proof)], fate: left },
    { why: 'is seen through once it is out', of: proof, attempts: [row({ intent: proof })], fate: wanted },
    {
      why: 'is taken back where it is a hash: nobody would prove it',
      of: commit,
      attempts: [row({ intent: commit })],
      fate: left,
    },
  ])('$why', ({ of, attempts, fate }) =>
    expect(judged([{ kind: 'unserved', intent: of }], { attempts })).toEqual([fate]),
  )
})

test('what could not be read is not judged, and says why', () =>
  expect(judged([{ kind: 'unread', intent: proof, why: 'no answer' }])).toEqual([
    { kind: 'unjudged', why: 'no answer' },
  ]))

test('what the contract does not want needs no gate', () => {
  const facts = { ...proofFacts(), look: look({ own: null }) }
  expect(judged([{ ...facts, gate: null }])).toMatchObject([{ kind: 'hopeless' }])
})

describe('the gate of what the contract', () => {
  test.each<{
    why: string
    of: SequenceIntent
    own?: OwnCommitment | null
    attempts?: UnfinalAttempt[]
    gate: GateFacts['step'] | null
  }>([
    { why: 'wants: a hash', of: commit, own: null, gate: 'commit' },
    {
      why: 'wants: a hash that is out may have to be taken back',
      of: commit,
      own: null,
      attempts: [row({ intent: commit })],
      gate: 'commit',
    },
    { why: 'has: a hash', of: commit, gate: null },
    { why: 'wants: a proof', of: proof, gate: 'prove' },
    { why: 'wants: a late proof', of: { ...proof, step: 'prove-late' }, gate: 'prove' },
    { why: 'wants: a proof that is only stored', of: proof, attempts: [stored(proof)], gate: 'prove' },
    { why: 'wants: a proof that is out', of: proof, attempts: [row({ intent: proof })], gate: null },
    { why: 'wants: a claim', of: claim, gate: 'claim' },
    { why: 'wants: a claim that is out', of: claim, attempts: [row({ intent: claim })], gate: null },
    { why: 'refuses: a proof without a hash', of: proof, own: null, gate: null },
  ])('$why', ({ of, own = OWN, attempts = [], gate }) => {
    const head = of.step === 'commit' ? HEAD : 115
    expect(gateOf(of, { ...look({ own }), head }, account({ attempts, head }))).toBe(gate)
  })
})

describe('a proof', () => {
  const refused = { isAcceptedByContract: false, refusal: { kind: 'verifier' } } as const
  const unasked = { verdict: null }
  test.each<{ why: string; gate?: Partial<GateFacts & { step: 'prove' }>; says: string | null; isAsked: boolean }>([
    { why: 'that nothing is known against goes', says: null, isAsked: true },
    { why: 'of which the verifier can not be asked goes', gate: unasked, says: null, isAsked: true },
    { why: 'that the verifier refuses waits', gate: { verdict: refused }, says: 'verifier', isAsked: true },
    {
      why: 'without its statement waits, and no verifier is asked',
      gate: { ...unasked, hasStatement: false },
      ...{ says: 'inputs have to be prepared', isAsked: false },
    },
    {
      why: 'that a contract of 2023 may have fined waits, and no verifier is asked',
      gate: { ...unasked, mayBeSpent: true },
      ...{ says: 'fines the same proof', isAsked: false },
    },
  ])('$why', ({ gate, says, isAsked }) => {
    const facts = proofFacts(gate)
    expect(judged([facts], { head: 115 })).toEqual([says === null ? wanted : heldBecause(says)])
    expect(whyProofWaits(facts.gate) === null).toBe(isAsked)
  })
})

describe('a claim', () => {
  const owed = [{ what: 'the proof of batches 1-3 of pay', wei: '50' }]
  test.each<{ why: string; gate: Partial<GateFacts & { step: 'claim' }>; says: string | null }>([
    { why: 'takes the last coins where nothing is owed', gate: { balanceWei: '0' }, says: null },
    {
      why: 'leaves what an owed proof takes',
      gate: { balanceWei: '54', liabilities: owed },
      says: 'the proof of batches 1-3',
    },
    { why: 'goes where both can be paid', gate: { balanceWei: '55', liabilities: owed }, says: null },
    { why: 'goes where no balance is told', gate: { balanceWei: null, liabilities: owed }, says: null },
  ])('$why', ({ gate, says }) =>
    expect(judged([claimFacts(gate)])).toEqual([says === null ? wanted : heldBecause(says)]),
  )
})

describe('stake', () => {
  test.each<{ why: string; change?: object; attempts?: UnfinalAttempt[]; fate: unknown }>([
    { why: 'is sent where it can be paid', fate: wanted },
    { why: 'waits for coins', change: { balanceWei: '1' }, fate: heldBecause('a deposit of') },
    {
      why: 'is seen through once it is out',
      change: { balanceWei: '1' },
      attempts: [row({ intent: stake })],
      fate: wanted,
    },
    {
      why: 'waits where it is only stored',
      change: { balanceWei: '1' },
      attempts: [stored(stake)],
      fate: heldBecause('a deposit of'),
    },
    {
      why: 'that is there is not sent',
      change: { stakeWei: '5' },
      attempts: [row({ intent: stake })],
      fate: { kind: 'done', isFinal: false },
    },
  ])('$why', ({ change, attempts = [], fate }) => expect(judged([stakeFacts(change)], { attempts })).toEqual([fate]))

  test('is hopeless where the contract keeps it by other rules', () =>
    expect(judged([{ kind: 'stake', intent: stake, stake: null }])).toMatchObject([{ kind: 'hopeless' }]))
})

describe('a hash that nobody sent', () => {
  test('waits for what forbids it', () =>
    expect(judged([hashFacts(commit, { isContractPaused: true })])).toEqual([heldBecause('emergency pause')]))

  test('is given up where an operator holds the sequence', () =>
    expect(judged([hashFacts(commit, { holds: { paused: 'costs' } })])).toEqual([
      { kind: 'hopeless', why: 'paused: costs' },
    ]))
})
