import { describe, expect } from 'vitest'
import { checkSteps } from './steps.ts'
import { committed, LOOSE, late, OWN, ROUND, VERIFIED_ROUND, view } from './views.ts'

describe('the end', () => {
  const proved = { ...OWN, isProved: true }
  const settled = { ...proved, isSettled: true }
  const atHead = { isVerified: true, round: VERIFIED_ROUND, own: proved }
  checkSteps([
    {
      at: view({ head: 115, finalBlock: 105, atHead }),
      step: { kind: 'wait', code: 'finality', untilBlock: 125 },
      why: 'proved, not final',
    },
    {
      at: view({ head: 115, atHead, atFinal: { isVerified: true, own: OWN } }),
      step: { kind: 'wait', code: 'finality' },
      why: 'verified by a rival on a final block, but our own proof is not final',
    },
    {
      at: view({ head: 139, atHead, atFinal: atHead }),
      step: { kind: 'wait', code: 'late-deadline', untilBlock: 140 },
      why: 'shares are known when late proofs end; at block 140 one may still come',
    },
    { at: view({ head: 140, atHead, atFinal: atHead }), step: { kind: 'claim' }, why: 'block 141 can settle' },
    {
      at: view({ head: 150, atHead: { ...atHead, own: settled }, atFinal: atHead }),
      step: { kind: 'wait', code: 'finality' },
      why: 'a claim is done when it is final',
    },
    { at: view({ head: 150, atHead, atFinal: atHead }), step: { kind: 'claim' }, why: 'a reorg took the claim: again' },
    {
      at: view({ head: 150, atHead: { ...atHead, own: settled }, atFinal: { ...atHead, own: settled } }),
      step: { kind: 'done', outcome: 'proved' },
      why: 'proved and settled on a final block',
    },
    {
      at: view({
        head: 150,
        atHead: { ...atHead, own: settled },
        atFinal: { ...atHead, own: settled },
        funds: { claimableWei: '7' },
      }),
      step: { kind: 'claim' },
      why: 'somebody else settled for us, and nobody has paid us',
    },
    {
      at: view({ ...LOOSE, head: 115, atHead, atFinal: atHead }),
      step: { kind: 'done', outcome: 'proved' },
      why: '2023 pays with the proof: nothing to claim',
    },
    {
      at: view({ atHead: { isVerified: true } }),
      step: { kind: 'wait', code: 'finality' },
      why: 'a rival verified, not final yet',
    },
    {
      at: view({ atHead: { isVerified: true }, atFinal: { isVerified: true } }),
      step: { kind: 'done', outcome: 'proved-by-others' },
      why: 'a rival verified for good and no hash of ours is there',
    },
    {
      at: view({
        atHead: { isVerified: true, round: VERIFIED_ROUND, own: { ...OWN, roundStartBlock: 60, isSettled: true } },
        atFinal: { isVerified: true },
      }),
      step: { kind: 'done', outcome: 'proved-by-others' },
      why: 'our hash is of an older round than the one that verified: it can never be proved',
    },
    {
      at: view({ atHead: { isVerified: true, accInputHash: '0xdb' }, atFinal: { isVerified: true } }),
      step: { kind: 'done', outcome: 'proved-by-others' },
      why: 'what others verified need not be proved again, whatever data we worked on',
    },
  ])
})

describe('a claim for nothing is not sent', () => {
  const proved = { ...OWN, isProved: true, lockedWei: '0', rewardWei: '0' }
  const settled = { ...proved, isSettled: true }
  const verified = { isVerified: true, round: VERIFIED_ROUND }
  const at = { atFinal: { ...verified, own: proved } }
  const none = { ...OWN, lockedWei: '0', rewardWei: '0' }
  const worth = (rewardWei: string) => ({ ...proved, rewardWei })
  const least = (leastRewardWei: string) => ({ limits: { leastRewardWei } })
  checkSteps([
    {
      at: view({ head: 115, ...at, atHead: { ...verified, own: proved } }),
      step: { kind: 'done', outcome: 'proved' },
      why: 'the reward is 0: nobody waits for the end of late proofs either',
    },
    {
      at: view({ head: 150, ...at, atHead: { ...verified, own: { ...proved, rewardWei: '1' } } }),
      step: { kind: 'claim' },
      why: 'a wei is to be had',
    },
    {
      at: view({
        head: 150,
        atHead: { ...verified, own: proved },
        atFinal: { ...verified, own: { ...proved, rewardWei: '1' } },
      }),
      step: { kind: 'wait', code: 'finality' },
      why: 'at the final block there is a reward that a reorg may bring back',
    },
    {
      at: view({ head: 150, ...at, atHead: { ...verified, own: proved }, funds: { claimableWei: '7' } }),
      step: { kind: 'done', outcome: 'proved' },
      why: 'what is credited is of another sequence, whose own claim asks for it',
    },
    {
      at: view({ head: 150, ...at, atHead: { ...verified, own: settled }, funds: { claimableWei: '7' } }),
      step: { kind: 'claim' },
      why: 'somebody else settled for us and the credit is to be paid',
    },
    {
      at: view({ head: 150, atHead: { ...verified, own: { ...OWN, rewardWei: '0' } }, atFinal: { isVerified: true } }),
      step: { kind: 'claim' },
      why: 'too late for our proof: the stake that our hash locks is freed',
    },
    {
      at: view({ head: 150, atHead: { ...verified, own: none }, atFinal: { ...verified, own: none } }),
      step: { kind: 'done', outcome: 'late-deadline-missed' },
      why: 'too late for our proof, and no stake was ever locked',
    },
    {
      at: view({ head: 120, atHead: { ...verified, own: none } }),
      step: { kind: 'prove', isLate: true },
      why: 'what our hash owes is proved, whatever it brings',
    },
    {
      at: view({
        head: 150,
        ...least('10'),
        atHead: { ...verified, own: worth('9') },
        atFinal: { ...verified, own: worth('9') },
      }),
      step: { kind: 'done', outcome: 'proved' },
      why: 'nine wei are less than a claim must bring',
    },
    {
      at: view({ head: 150, ...least('10'), atHead: { ...verified, own: worth('9') }, atFinal: { isVerified: true } }),
      step: { kind: 'wait', code: 'finality' },
      why: 'that is not final yet',
    },
    {
      at: view({
        head: 150,
        ...least('10'),
        funds: { claimableWei: '1' },
        atHead: { ...verified, own: worth('9') },
        ...at,
      }),
      step: { kind: 'claim' },
      why: 'with what is credited already it brings ten',
    },
    {
      at: view({
        head: 150,
        ...least('10'),
        funds: { claimableWei: '9' },
        atHead: { ...verified, own: settled },
        ...at,
      }),
      step: { kind: 'done', outcome: 'proved' },
      why: 'settled by a stranger, and nine wei are left in the contract',
    },
    {
      at: view({ head: 150, ...least('10'), atHead: { ...verified, own: { ...worth('9'), lockedWei: '1' } }, ...at }),
      step: { kind: 'claim' },
      why: 'it frees stake',
    },
    {
      at: committed({ head: 115, ...least('10'), rewardWei: '9' }),
      step: { kind: 'prove', isLate: false },
      why: 'what our hash owes is proved, whatever it brings',
    },
    {
      at: view({ holds: { paused: 'by ann' }, atHead: { own: none } }),
      step: { kind: 'wait', code: 'held-by-operator' },
      why: 'a void round that locks nothing',
    },
    {
      at: view({ holds: { paused: 'by ann' }, atHead: { own: { ...OWN, rewardWei: '0' } } }),
      step: { kind: 'claim' },
      why: 'a void round that locks stake',
    },
  ])
})

describe('nothing is taken for final while the endpoints do not tell what stands on the final block', () => {
  const own = { ...OWN, isProved: true }
  const verified = { isVerified: true, round: VERIFIED_ROUND }
  const unknown = {
    kind: 'wait',
    code: 'finality',
    why: expect.stringContaining('after final block 105, 45 below the head'),
  } as const
  const at = { head: 150, finalBlock: 105, atFinal: null }
  checkSteps([
    { at: view({ ...at, atHead: { isVerified: true } }), step: unknown, why: 'a rival verified' },
    { at: view({ ...at, atHead: { ...verified, own } }), step: unknown, why: 'proved: shares wait' },
    { at: view({ ...at, atHead: { ...verified, own: OWN } }), step: unknown, why: 'too late for our proof' },
    { at: view({ ...at, ...LOOSE, atHead: { ...verified, own } }), step: unknown, why: '2023: proved' },
    {
      at: view({ ...at, holds: { cancelled: 'by ann' } }),
      step: unknown,
      why: 'cancelled: our hash may stand there in a round whose end is not final',
    },
    {
      at: view({ ...at, atHead: { accInputHash: null } }),
      step: { kind: 'wait', code: 'sequence-missing' },
      why: 'gone at the head: it may stand there',
    },
    {
      at: late({ head: 115, finalBlock: 105, atFinal: null }),
      step: { kind: 'prove', isLate: true },
      why: 'what is owed is sent all the same',
    },
    {
      at: committed({ head: 111, finalBlock: 105, atFinal: null }),
      step: { kind: 'prove', isLate: false },
      why: 'in time, too',
    },
    { at: view({ finalBlock: 3, atFinal: null }), step: { kind: 'commit' }, why: 'and a new hash' },
  ])
})

describe('stake that a void round locked', () => {
  const own = { ...OWN, roundStartBlock: 20 }
  const round = { ...VERIFIED_ROUND }
  checkSteps([
    {
      at: view({ atHead: { isVerified: true, round, own }, atFinal: { isVerified: true } }),
      step: { kind: 'claim' },
      why: 'a rival verified a later round: nobody else frees it',
    },
    {
      at: view({ atHead: { isVerified: true, round, own } }),
      step: { kind: 'wait', code: 'finality' },
      why: 'a reorg may bring the sequence back to us',
    },
    {
      at: view({
        atHead: { isVerified: true, round, own: { ...own, isSettled: true, lockedWei: '0' } },
        atFinal: { isVerified: true },
      }),
      step: { kind: 'done', outcome: 'proved-by-others' },
      why: 'it is free',
    },
    {
      at: view({ ...LOOSE, atHead: { isVerified: true, round, own }, atFinal: { isVerified: true } }),
      step: { kind: 'done', outcome: 'proved-by-others' },
      why: '2023: nothing is locked',
    },
  ])
})

describe('reorgs', () => {
  checkSteps([
    {
      at: view({ atHead: { accInputHash: null } }),
      step: { kind: 'wait', code: 'sequence-missing' },
      why: 'the sequence is gone at the head and not at the final block',
    },
    {
      at: view({ atHead: { accInputHash: null }, atFinal: { accInputHash: null } }),
      step: { kind: 'done', outcome: 'replaced' },
      why: 'never was final: the rollup starts it again if it comes back',
    },
    {
      at: view({ atHead: { accInputHash: null }, atFinal: { accInputHash: null }, unfinalCommit: true }),
      step: { kind: 'wait', code: 'sequence-missing', untilBlock: 100 },
      why: 'it may come back together with our hash, so somebody must watch',
    },
    {
      at: view({ atHead: { accInputHash: '0xdb' } }),
      step: { kind: 'reprove' },
      why: 'the data changed: prove the new data',
    },
    {
      at: view({ atHead: { accInputHash: '0xdb' }, sequencedAtBlock: 98 }),
      step: { kind: 'wait', code: 'sequencing-not-deep', untilBlock: 100 },
      why: 'new data is proved when it is deep enough',
    },
    {
      at: view({ finalProof: null, sequencedAtBlock: 99 }),
      step: { kind: 'wait', code: 'sequencing-not-deep', untilBlock: 101 },
      why: 'nor is anything else proved before',
    },
    {
      at: committed({ head: 103, atHead: { accInputHash: '0xdb' }, sequencedAtBlock: 103 }),
      step: { kind: 'reprove' },
      why: 'data changed back under a hash that is out: its proof may be stored, and the window runs',
    },
    {
      at: committed({ head: 103, atHead: { own: null } }),
      step: { kind: 'commit', lastBlock: 110 },
      why: 'our hash vanished and the round is still open for it',
    },
    {
      at: committed({
        head: 108,
        atHead: { own: { ...OWN, roundStartBlock: 107 }, round: { ...ROUND, startBlock: 107 } },
      }),
      step: { kind: 'wait', code: 'proof-window-opens', untilBlock: 117 },
      why: 'R moved and our hash with it',
    },
  ])
})
