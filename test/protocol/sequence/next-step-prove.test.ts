import { describe, expect, test } from 'vitest'
import { owesProof } from '../../../protocol/sequence/next-step.ts'
import { checkSteps } from './steps.ts'
import { committed, LOOSE, late, OWN, predecessor, ROUND, VERIFIED_ROUND, view } from './views.ts'

const proof = view().finalProof

describe('a late proof of another sequence is owed (a contract of 2023 fines whatever is called before it)', () => {
  const owedLateProofs = [{ from: 1, to: 3 }]
  checkSteps([
    {
      at: committed({ ...LOOSE, head: 115, owedLateProofs }),
      step: { kind: 'wait', code: 'late-proof-owed', untilBlock: 116 },
      why: 'there is time: it goes first',
    },
    {
      at: committed({ ...LOOSE, head: 123, owedLateProofs }),
      step: { kind: 'prove' },
      why: 'with 7 blocks left our own window goes first',
    },
    { at: committed({ head: 115, owedLateProofs }), step: { kind: 'prove' }, why: 'ours fines nobody for being late' },
    {
      at: late({ ...LOOSE, head: 115, owedLateProofs }),
      step: { kind: 'prove', isLate: true },
      why: 'this one is late itself',
    },
  ])
})

describe('proving', () => {
  checkSteps([
    {
      at: committed({ head: 105 }),
      step: {
        kind: 'wait',
        code: 'proof-window-opens',
        untilBlock: 110,
        why: 'T1: proofs open at block 111, 6 blocks',
      },
      why: 'in the commit window the proof waits',
    },
    {
      at: committed({ head: 109 }),
      step: { kind: 'wait', code: 'proof-window-opens', untilBlock: 110 },
      why: 'block R+T1 is left alone, also where the contracts of 2023 would take it',
    },
    {
      at: committed({ head: 110 }),
      step: { kind: 'prove', firstBlock: 111, lastBlock: 130, isLate: false },
      why: 'R+T1+1 is the first',
    },
    {
      at: committed({ head: 129 }),
      step: { kind: 'prove', firstBlock: 111, lastBlock: 130, isLate: false },
      why: 'R+T1+T2 is the last',
    },
    {
      at: committed({ head: 115, predecessors: [predecessor()] }),
      step: { kind: 'wait', code: 'predecessor-unverified', untilBlock: 130 },
      why: 'sequences verify in order; the window end is named, so that a lost signal costs nothing',
    },
    {
      at: committed({ head: 115, finalProof: null }),
      step: { kind: 'reprove' },
      why: 'hash out, proof lost from both stores: a deterministic prover saves it',
    },
    {
      at: committed({ head: 103, finalProof: proof && { ...proof, proofHash: '0xbb' } }),
      step: { kind: 'wait', code: 'commitment-unmatched', untilBlock: 130 },
      why: 'the proof was made anew with other bytes: proving again would go on for ever, the next round helps',
    },
    {
      at: committed({ head: 115, finalProof: proof && { ...proof, isAcceptedByContract: false } }),
      step: { kind: 'wait', code: 'proof-not-accepted', untilBlock: 130 },
      why: 'a refused proof is never sent: 2023 fines it ten times as much as a missing one',
    },
    {
      at: committed({ ...LOOSE, head: 115, spentProofBlock: 113 }),
      step: { kind: 'wait', code: 'proof-not-accepted', untilBlock: 130 },
      why: '2023: taken once, fined and not accepted, it would be fined again',
    },
    {
      at: late({
        ...LOOSE,
        head: 150,
        spentProofBlock: 113,
        atHead: { round: { ...VERIFIED_ROUND, lateProofDeadlineBlock: null } },
      }),
      step: { kind: 'wait', code: 'proof-not-accepted', untilBlock: null },
      why: '2023: a late one alike',
    },
    {
      at: late({
        ...{ ...LOOSE, head: 150, spentProofBlock: 113, holds: { cancelled: 'an operator' } },
        atHead: { round: { ...VERIFIED_ROUND, lateProofDeadlineBlock: null } },
      }),
      step: { kind: 'done', outcome: 'cancelled' },
      why: '2023: without a deadline nothing but a cancel ends that',
    },
    {
      at: committed({
        head: 115,
        finalProof: proof && { ...proof, isAcceptedByContract: null, isInBothStores: false },
      }),
      step: { kind: 'prove' },
      why: 'a proof that is owed needs neither the second store nor an answer that cannot be had',
    },
    {
      at: committed({ head: 115, funds: { stakeWei: '0', balanceWei: '0' }, sequencedAtBlock: null }),
      step: { kind: 'prove' },
      why: 'the gate is for new commits only',
    },
    ...(['paused', 'cancelled', 'quarantined'] as const).map((hold) => ({
      at: committed({ head: 115, holds: { [hold]: 'an operator' } }),
      step: { kind: 'prove' } as const,
      why: `${hold} with the hash out: the proof is still owed`,
    })),
    {
      at: committed({ head: 103, holds: { cancelled: 'an operator' } }),
      step: { kind: 'wait', code: 'proof-window-opens' },
      why: 'cancelled with the hash out waits for its window',
    },
    {
      at: committed({ ...LOOSE, head: 115, isContractPaused: true }),
      step: { kind: 'wait', code: 'contract-paused', untilBlock: 130 },
      why: '2023: a pause stops proofs and the round goes on',
    },
    {
      at: committed({
        ...LOOSE,
        head: 118,
        nextRound: { commitBlocks: 10, proveBlocks: 8 },
        atHead: { round: { ...ROUND, proveBlocks: 8 } },
      }),
      step: { kind: 'commit' },
      why: '2023: the admin shortened T2 in mid-round, it is over',
    },
    {
      at: committed({ ...LOOSE, head: 115, atHead: { round: { ...ROUND, commitBlocks: 16 } } }),
      step: { kind: 'wait', code: 'proof-window-opens', untilBlock: 116 },
      why: '2023: the admin lengthened T1 in mid-round, proofs are early again',
    },
  ])
})

describe('late proofs', () => {
  checkSteps([
    {
      at: late({ head: 112 }),
      step: { kind: 'prove', lastBlock: 140, isLate: true },
      why: 'a rival proved in the round of our hash',
    },
    {
      at: late({ head: 139 }),
      step: { kind: 'prove', lastBlock: 140, isLate: true },
      why: 'the deadline block still pays',
    },
    {
      at: late({ head: 140, atFinal: { isVerified: true } }),
      step: { kind: 'claim' },
      why: 'the deadline is over: the stake that our hash locked is freed',
    },
    {
      at: late({ head: 140 }),
      step: { kind: 'wait', code: 'finality' },
      why: 'a missed deadline ends nothing before the verification is final',
    },
    {
      at: late({
        head: 160,
        atHead: { own: { ...OWN, isSettled: true } },
        atFinal: { isVerified: true, own: { ...OWN, isSettled: true } },
      }),
      step: { kind: 'done', outcome: 'late-deadline-missed' },
      why: 'missed, settled and final',
    },
    {
      at: late({
        ...LOOSE,
        head: 9000,
        atHead: { round: { ...VERIFIED_ROUND, lateProofDeadlineBlock: null } },
        atFinal: { isVerified: true },
      }),
      step: { kind: 'prove', lastBlock: null, isLate: true },
      why: '2023: late proofs are paid for ever, also when everything of ours was down until the end was final',
    },
    {
      at: late({
        ...LOOSE,
        head: 115,
        atHead: { round: { ...VERIFIED_ROUND, commitBlocks: 16, lateProofDeadlineBlock: null } },
      }),
      step: { kind: 'wait', code: 'proof-window-opens', untilBlock: 116 },
      why: '2023: a raised T1 makes even a late proof early',
    },
    {
      at: late({ head: 112, isContractPaused: true }),
      step: { kind: 'wait', code: 'contract-paused', untilBlock: 140 },
      why: 'a pause stops late proofs too',
    },
    {
      at: late({ head: 112, holds: { cancelled: 'an operator' } }),
      step: { kind: 'prove', isLate: true },
      why: 'cancelled: still owed, still paid',
    },
    { at: late({ head: 112, finalProof: null }), step: { kind: 'reprove' }, why: 'the late proof was lost' },
    {
      at: late({ head: 112, finalProof: proof && { ...proof, proofHash: '0xbb' } }),
      step: { kind: 'wait', code: 'commitment-unmatched', untilBlock: 140 },
      why: 'other bytes than committed: nothing to send until the deadline',
    },
    {
      at: late({
        ...LOOSE,
        head: 112,
        atHead: { round: { ...VERIFIED_ROUND, lateProofDeadlineBlock: null } },
        finalProof: proof && { ...proof, proofHash: '0xbb' },
        holds: { cancelled: 'an operator' },
      }),
      step: { kind: 'done', outcome: 'cancelled' },
      why: 'other bytes and no deadline: only an operator can end it',
    },
    {
      at: late({ head: 112, predecessors: [predecessor()] }),
      step: { kind: 'prove' },
      why: 'a verified sequence has no unverified predecessors that matter',
    },
  ])
})

test.each([
  { at: view(), owes: false, why: 'no hash' },
  { at: committed({ head: 103 }), owes: true, why: 'hash out, window not open' },
  { at: committed({ head: 129 }), owes: true, why: 'the last block for it' },
  { at: committed({ head: 130 }), owes: false, why: 'the round expired: too late to owe' },
  { at: committed({ atHead: { own: { ...OWN, roundStartBlock: 60 } } }), owes: false, why: 'an older round' },
  { at: committed({ atHead: { own: { ...OWN, isProved: true } } }), owes: false, why: 'proved' },
  { at: late({ head: 139 }), owes: true, why: 'late, still paid' },
  { at: late({ head: 140 }), owes: false, why: 'late deadline over' },
  { at: view({ unfinalCommit: true }), owes: true, why: 'the hash may yet land' },
  {
    at: view({ unfinalCommit: true, atHead: { isVerified: true } }),
    owes: false,
    why: 'the contract takes no hash of a verified sequence',
  },
])('owesProof is $owes: $why', ({ at, owes }) => expect(owesProof(at)).toBe(owes))
