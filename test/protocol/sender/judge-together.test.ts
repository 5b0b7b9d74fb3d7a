import { describe, expect, test } from 'vitest'
import type { IntentFate } from '../../../protocol/sender/fates.ts'
import { intentId } from '../../../protocol/sender/intent.ts'
import { type IntentFacts, intentsToJudge, judgeIntents } from '../../../protocol/sender/judge.ts'
import type { UnfinalAttempt } from '../../../protocol/sender/view.ts'
import { predecessor } from '../sequence/views.ts'
import {
  account,
  claim,
  claimFacts,
  commit,
  funds,
  HEAD,
  hashFacts,
  heldBecause,
  judged,
  next,
  proof,
  proofFacts,
  stakeFacts,
  stored,
  wanted,
} from './facts.ts'
import { intent, row } from './views.ts'

describe('coins are given out once: of a balance for', () => {
  test.each<{ why: string; facts: IntentFacts[]; attempts?: UnfinalAttempt[]; kinds: IntentFate['kind'][] }>([
    { why: 'one hash, the first gets it', facts: [hashFacts(commit), hashFacts(next)], kinds: ['wanted', 'held'] },
    {
      why: 'two hashes, both are sent',
      facts: [hashFacts(commit, funds('18')), hashFacts(next, funds('18'))],
      kinds: ['wanted', 'wanted'],
    },
    {
      why: 'one hash, what is held takes nothing',
      facts: [hashFacts(commit, { isContractPaused: true }), hashFacts(next)],
      kinds: ['held', 'wanted'],
    },
    {
      why: 'one more hash, what is signed takes nothing: it is among the liabilities that were read',
      facts: [hashFacts(commit), hashFacts(next)],
      attempts: [stored(commit)],
      kinds: ['wanted', 'wanted'],
    },
    {
      why: 'a hash, nothing is left for a claim',
      facts: [hashFacts(commit), claimFacts({ balanceWei: '9' })],
      kinds: ['wanted', 'held'],
    },
    {
      why: 'a claim, nothing is left for a deposit of 2 and a hash of 6',
      facts: [claimFacts({ balanceWei: '12' }), stakeFacts({ balanceWei: '12' })],
      kinds: ['wanted', 'held'],
    },
    {
      why: 'a claim, a deposit of 2 and a hash of 6, both are sent',
      facts: [claimFacts({ balanceWei: '13' }), stakeFacts({ balanceWei: '13' })],
      kinds: ['wanted', 'wanted'],
    },
    {
      why: 'a deposit of 2 with its 1 for gas, a claim of 5 waits',
      facts: [stakeFacts({ balanceWei: '8' }), claimFacts({ balanceWei: '7' })],
      kinds: ['wanted', 'held'],
    },
    {
      why: 'a proof, which was set aside with its hash, a claim goes too',
      facts: [proofFacts(), claimFacts({ balanceWei: '5' })],
      kinds: ['wanted', 'wanted'],
    },
  ])('$why', ({ facts, attempts = [], kinds }) =>
    expect(judged(facts, { attempts }).map(({ kind }) => kind)).toEqual(kinds),
  )
})

describe('a hash in flight behind batches 1-3, which have no hash of ours,', () => {
  const before = intent('commit', { from: 1, to: 3 })
  const bare = { predecessors: [predecessor({ ownLiveRound: null })] }
  const both = [row({ nonce: 3, intent: before }), row({ nonce: 4, intent: commit })]
  const first = (facts: Partial<IntentFacts> = {}) => ({ ...hashFacts(before), ...facts }) as IntentFacts
  test.each<{
    why: string
    facts?: IntentFacts[]
    attempts?: UnfinalAttempt[]
    head?: number
    kind: IntentFate['kind']
  }>([
    { why: 'had better not land', kind: 'harmful' },
    { why: 'may land where theirs lands first', facts: [first()], attempts: both, kind: 'wanted' },
    {
      why: 'had better not where theirs runs after it',
      facts: [first()],
      attempts: both.toReversed().map((one, i) => ({ ...one, nonce: 3 + i })),
      kind: 'harmful',
    },
    {
      why: 'had better not where theirs is taken back',
      facts: [{ kind: 'unserved', intent: before }],
      attempts: both,
      kind: 'harmful',
    },
    {
      why: 'may land where theirs goes on unjudged',
      facts: [{ kind: 'unread', intent: before, why: 'no answer' }],
      attempts: both,
      kind: 'wanted',
    },
    { why: 'is left alone while what is known of it is older than the account', head: HEAD + 1, kind: 'wanted' },
  ])('$why', ({ facts = [], attempts = [row({ nonce: 4, intent: commit })], head = HEAD, kind }) => {
    const fates = judgeIntents([...facts, hashFacts(commit, bare)], account({ attempts, head }))
    expect(fates[intentId(commit)]?.kind).toBe(kind)
  })

  test('is judged by its gate while it is only stored', () =>
    expect(judged([hashFacts(commit, bare)], { attempts: [stored(commit)] })).toEqual([heldBecause('committed by us')]))
})

test('a hash in flight at a contract of 2023 may land behind the late proof that is owed, and not without it', () => {
  const late = intent('prove-late', { from: 1, to: 3 })
  const hash = hashFacts(commit, { hasClaims: false, owedLateProofs: [{ from: 1, to: 3 }] })
  const [ahead, own] = [row({ nonce: 3, intent: late }), row({ nonce: 4, intent: commit })]
  const goesOn: IntentFacts = { kind: 'unread', intent: late, why: 'no answer' }
  expect(judged([goesOn, hash], { attempts: [ahead, own] })[1]).toEqual(wanted)
  expect(judged([hash], { attempts: [own] })).toMatchObject([{ kind: 'harmful' }])
})

test('all that is queued or signed is judged, the queue’s word of the same, proofs before hashes before claims', () => {
  const newer = { ...proof, lastBlock: 120 }
  const attempts = [row({ intent: proof }), row({ nonce: 4, intent: null }), row({ nonce: 5, intent: claim })]
  expect(intentsToJudge([commit, newer], account({ attempts }))).toEqual([newer, commit, claim])
})
