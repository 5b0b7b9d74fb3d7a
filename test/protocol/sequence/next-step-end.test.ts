import { describe, expect } from 'vitest'
import { checkSteps } from './steps.ts'
import { committed, LOOSE, late, OWN, VERIFIED_ROUND, view } from './views.ts'

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
