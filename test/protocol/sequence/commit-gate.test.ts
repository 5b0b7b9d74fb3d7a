import { describe, expect, test } from 'vitest'
import { blockedCommit } from '../../../protocol/sequence/commit-gate.ts'
import { behind, checkGate, WIDE } from './gate-cases.ts'
import { LOOSE, OWN, predecessor, ROUND, view } from './views.ts'

const proof = view().finalProof

const COIN = 10n ** 18n

const rewarded = (rewardWei: string) => view({ rewardWei, limits: { leastRewardWei: '10' } })

const OWED = [
  { what: 'the proof of batches 1-3 of pay', wei: '4' },
  { what: 'the proof of batch 9 of other', wei: '2' },
]

describe('stake that is short', () => {
  test.each([
    { at: view({ funds: { stakeWei: '49' } }), says: 'asks for 0.00000000000000005 (`zkpow stake` raises it)' },
    { at: view({ funds: { lockedWei: '91' } }), says: 'a commit locks 0.00000000000000001 (`zkpow stake` raises it)' },
    {
      at: view({ ...LOOSE, funds: { stakeWei: '49' } }),
      says: '(deposit from the account itself, with the aggregator stopped: ',
    },
  ])('$says', ({ at, says }) => expect(blockedCommit(at, 100)?.why).toContain(says))
})

test('a shortage of coins says what is needed, and for what', () => {
  const short = view({ funds: { balanceWei: '14', liabilities: OWED } })
  expect(blockedCommit(short, 100)?.why).toBe(
    'balance is 0.000000000000000014, at the fee cap 0.000000000000000015 are needed: 0.000000000000000009 for a commit and its proof, 0.000000000000000004 for the proof of batches 1-3 of pay, 0.000000000000000002 for the proof of batch 9 of other',
  )
})

describe('what holds a new hash back', () => {
  checkGate([
    { at: view(), condition: null, why: 'nothing' },
    { at: view({ holds: { paused: 'x' } }), condition: 'held-by-operator', why: 'an operator paused' },
    { at: view({ isContractPaused: true }), condition: 'contract-paused', why: 'the contract would revert' },
    {
      at: view({ sequencedAtBlock: null }),
      condition: 'sequencing-not-deep',
      untilBlock: null,
      why: 'depth unknown is not deep',
    },
    {
      at: view({ sequencedAtBlock: 98 }),
      condition: 'sequencing-not-deep',
      untilBlock: 100,
      why: 'one of two confirmations',
    },
    { at: view({ sequencedAtBlock: 97 }), condition: null, why: 'two of two confirmations' },
    { at: rewarded('9'), condition: 'reward-too-small', why: 'nine wei, ten are asked for' },
    { at: rewarded('10'), condition: null, why: 'ten of ten' },
    { at: view({ rewardWei: '0' }), condition: null, why: 'nobody asks for a reward' },
    { at: view({ limits: { leastRewardWei: '10' } }), condition: null, why: 'its contract tells no reward (2023)' },
    { at: view({ finalProof: null }), condition: 'proof-not-stored', why: 'no proof' },
    {
      at: view({ finalProof: proof && { ...proof, isInBothStores: false } }),
      condition: 'proof-not-stored',
      why: 'one store is not enough',
    },
    {
      at: view({ finalProof: proof && { ...proof, isAcceptedByContract: false } }),
      condition: 'proof-not-accepted',
      why: 'it would revert',
    },
    {
      at: view({
        finalProof: proof && {
          ...{ ...proof, isAcceptedByContract: false },
          refusal: { kind: 'other-root', batch: 3, ours: '0x01', contracts: '0x02' },
        },
      }),
      condition: 'proof-not-accepted',
      why: 'the contract has another root before the sequence',
    },
    {
      at: view({ finalProof: proof && { ...proof, isAcceptedByContract: null } }),
      condition: null,
      why: 'asking would publish the proof',
    },
    { at: view({ funds: { stakeWei: '49' } }), condition: 'stake-short', why: 'below the minimum' },
    { at: view({ funds: { stakeWei: '50' } }), condition: null, why: 'exactly the minimum' },
    {
      at: view({ ...LOOSE, funds: { stakeWei: `${COIN - 1n}` } }),
      condition: 'stake-short',
      why: '2023: below one coin',
    },
    { at: view({ ...LOOSE, funds: { stakeWei: `${COIN}` } }), condition: null, why: '2023: one coin' },
    {
      at: view({ ...LOOSE, nextRound: WIDE }),
      condition: 'windows-overflow',
      why: '2023: T1+T2 is 256, proofs would panic',
    },
    { at: view({ ...LOOSE, nextRound: { ...WIDE, proveBlocks: 55 } }), condition: null, why: '2023: T1+T2 is 255' },
    { at: view({ nextRound: WIDE }), condition: null, why: 'ours adds them whole' },
    { at: view({ funds: { lockedWei: '91' } }), condition: 'stake-short', why: 'the penalty could not be locked' },
    { at: view({ funds: { lockedWei: '90' } }), condition: null, why: 'exactly the penalty is unlocked' },
    {
      at: view({ head: 130, atHead: { round: ROUND, own: OWN }, funds: { stakeWei: '59', lockedWei: '10' } }),
      condition: 'stake-short',
      why: 'the commit settles our expired hash first, which leaves less than the minimum',
    },
    {
      at: view({ head: 130, atHead: { round: ROUND, own: OWN }, funds: { stakeWei: '60', lockedWei: '10' } }),
      condition: null,
      why: 'and here exactly the minimum',
    },
    {
      at: view({ funds: { balanceWei: '8' } }),
      condition: 'balance-short',
      why: 'commit and proof could not both be paid',
    },
    {
      at: view({ funds: { balanceWei: '14', liabilities: OWED } }),
      condition: 'balance-short',
      why: 'nor the proofs that are owed already',
    },
    { at: view({ funds: { balanceWei: '15', liabilities: OWED } }), condition: null, why: 'exactly all of them' },
    {
      at: view({ owedLateProofs: [{ from: 1, to: 3 }] }),
      condition: 'late-proof-owed',
      untilBlock: 100,
      why: '2023 fines any call before a late proof',
    },
    { at: view({ owedLateProofs: [] }), condition: null, why: 'no late proof is owed' },
    {
      at: view({ head: 107, atHead: { round: ROUND } }),
      condition: 'commit-window-closing',
      untilBlock: 130,
      why: 'three blocks left, four asked for',
    },
    {
      at: view({ predecessors: [predecessor({ ownLiveRound: null })] }),
      condition: 'predecessor-uncommitted',
      why: "a rival's hash does not count",
    },
    {
      at: view({ predecessors: [predecessor({ isOwnProofStored: false })] }),
      condition: 'predecessor-uncommitted',
      why: 'our hash without its proof does not count',
    },
    {
      at: view({ predecessors: [predecessor(), predecessor(), predecessor(), predecessor()] }),
      condition: 'too-far-ahead',
      why: 'four ahead, three allowed',
    },
  ])
})

describe('predecessors and windows: k = 3, margin = 4', () => {
  checkGate([
    {
      at: view({ nextRound: { commitBlocks: 2, proveBlocks: 7 } }),
      condition: null,
      why: 'own window: 7 blocks for proofs, 1×3+4 needed',
    },
    {
      at: view({ nextRound: { commitBlocks: 20, proveBlocks: 6 } }),
      condition: 'predecessor-windows-tight',
      untilBlock: null,
      why: 'own window: 6 of 7, no block makes it wider, and T1 takes no proofs',
    },
    {
      at: view({ head: 104, atHead: { round: { ...ROUND, proveBlocks: 6 } } }),
      condition: 'predecessor-windows-tight',
      untilBlock: 116,
      why: 'nor does a round that others opened, before it is over',
    },
    {
      at: view({ head: 120, predecessors: [behind(100)] }),
      condition: null,
      why: 'predecessor: 10 blocks left, 2×3+4 needed',
    },
    {
      at: view({ head: 121, predecessors: [behind(100)] }),
      condition: 'predecessor-windows-tight',
      untilBlock: 130,
      why: 'predecessor: 9 of 10; when its round is over everything is different',
    },
    {
      at: view({ head: 131, predecessors: [behind(100)] }),
      condition: 'predecessor-windows-tight',
      why: 'its round expired in the meantime',
    },
    {
      at: view({
        head: 104,
        atHead: { round: { ...ROUND, proveBlocks: 15 } },
        predecessors: [behind(102), behind(103)],
      }),
      condition: null,
      why: 'the two before us can be proved from 113 and 114 on: 6 blocks later 7 are left to 125',
    },
    {
      at: view({
        head: 104,
        atHead: { round: { ...ROUND, proveBlocks: 14 } },
        predecessors: [behind(102), behind(103)],
      }),
      condition: 'predecessor-windows-tight',
      untilBlock: 124,
      why: 'plenty of blocks from now on, but not after their windows open',
    },
    {
      at: view({ head: 103, nextRound: { commitBlocks: 5, proveBlocks: 8 }, predecessors: [behind(100)] }),
      condition: 'predecessor-windows-tight',
      untilBlock: 106,
      why: 'a new round of ours is too short today: 4 blocks of 7, three blocks later it fits',
    },
    {
      at: view({ head: 106, nextRound: { commitBlocks: 5, proveBlocks: 8 }, predecessors: [behind(100)] }),
      condition: null,
      why: 'three blocks later',
    },
  ])
})
