import { describe } from 'vitest'
import { checkSteps } from './steps.ts'
import { committed, LOOSE, OWN, VERIFIED_ROUND, view } from './views.ts'

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
