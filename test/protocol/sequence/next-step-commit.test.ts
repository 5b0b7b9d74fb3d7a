import { describe } from 'vitest'
import { checkSteps } from './steps.ts'
import { committed, LOOSE, OWN, ROUND, view } from './views.ts'

const proof = view().finalProof

describe('committing', () => {
  checkSteps([
    {
      at: view(),
      step: { kind: 'commit', firstBlock: 100, lastBlock: null },
      why: 'nobody has a round open: ours begins',
    },
    {
      at: view({ head: 103, atHead: { round: ROUND } }),
      step: { kind: 'commit', firstBlock: 104, lastBlock: 110 },
      why: 'a rival opened a round: join it up to R+T1',
    },
    {
      at: view({ head: 106, atHead: { round: ROUND } }),
      step: { kind: 'commit', lastBlock: 110 },
      why: 'exactly the margin is left in the commit window',
    },
    {
      at: view({ head: 107, atHead: { round: ROUND } }),
      step: { kind: 'wait', code: 'commit-window-closing', untilBlock: 130 },
      why: 'less than the margin is left; the next round helps, and no event tells when that may open',
    },
    {
      at: view({ head: 109, atHead: { round: ROUND } }),
      step: { kind: 'wait', code: 'commit-window-closing', untilBlock: 130 },
      why: 'block R+T1 would still accept it, but the margin forbids it',
    },
    {
      at: view({ head: 109, atHead: { round: ROUND }, limits: { marginBlocks: 1 } }),
      step: { kind: 'commit', firstBlock: 110, lastBlock: 110 },
      why: 'R+T1 accepts a hash',
    },
    {
      at: view({ head: 110, atHead: { round: ROUND }, limits: { marginBlocks: 0 } }),
      step: { kind: 'wait', code: 'commit-window-missed', untilBlock: 130 },
      why: 'R+T1+1 is too late for this round, whatever the margin',
    },
    {
      at: view({ head: 129, atHead: { round: ROUND } }),
      step: { kind: 'wait', code: 'commit-window-missed', untilBlock: 130 },
      why: 'R+T1+T2 still belongs to the round',
    },
    {
      at: view({ head: 130, atHead: { round: ROUND } }),
      step: { kind: 'commit', firstBlock: 131, lastBlock: null },
      why: 'R+T1+T2+1 opens a new round',
    },
    {
      at: committed({ head: 130 }),
      step: { kind: 'commit', firstBlock: 131, lastBlock: null },
      why: 'nobody proved in our round: the stored proof is committed anew',
    },
    {
      at: view({ head: 103, atHead: { round: ROUND, own: { ...OWN, roundStartBlock: 60 } } }),
      step: { kind: 'commit', lastBlock: 110 },
      why: 'our hash belongs to an older round: R moved, join the live one',
    },
    {
      at: view({
        ...LOOSE,
        head: 103,
        atHead: { round: ROUND, own: { ...OWN, roundStartBlock: 60 } },
        nextRound: { commitBlocks: 20, proveBlocks: 30 },
      }),
      step: { kind: 'wait', code: 'old-hash-counts', untilBlock: 109 },
      why: '2023: raised T1+T2 make our old hash count until block 110',
    },
    {
      at: view({
        ...LOOSE,
        head: 99,
        atHead: { own: { ...OWN, roundStartBlock: 60 } },
        nextRound: { commitBlocks: 20, proveBlocks: 20 },
      }),
      step: { kind: 'commit' },
      why: '2023: at own R+T1+T2 the old hash no longer counts',
    },
    {
      at: view({ finalProof: null }),
      step: { kind: 'reprove' },
      why: 'without a stored proof there is nothing to commit to',
    },
    {
      at: view({ finalProof: proof && { ...proof, isInBothStores: false } }),
      step: { kind: 'reprove' },
      why: 'what one store has lost is copied back before the hash goes out',
    },
  ])
})

describe('holds and pauses without a hash out', () => {
  checkSteps([
    {
      at: view({ holds: { paused: 'upgrade' } }),
      step: { kind: 'wait', code: 'held-by-operator', why: 'paused: upgrade' },
      why: 'no new commit',
    },
    {
      at: view({ holds: { paused: 'upgrade' }, finalProof: null }),
      step: { kind: 'wait', code: 'held-by-operator' },
      why: 'no new work either',
    },
    {
      at: view({ holds: { quarantined: 'bad data' } }),
      step: { kind: 'wait', code: 'held-by-operator' },
      why: 'released by a command',
    },
    {
      at: view({ holds: { cancelled: 'bob' } }),
      step: { kind: 'done', outcome: 'cancelled' },
      why: 'cancelled with nothing out',
    },
    {
      at: view({ holds: { cancelled: 'bob' }, unfinalCommit: true }),
      step: { kind: 'wait', code: 'commit-in-flight', untilBlock: 100 },
      why: 'our hash may yet land, then its proof is owed: watch every block',
    },
    {
      at: committed({ head: 131, finalBlock: 129, holds: { cancelled: 'bob' }, atFinal: { round: ROUND, own: OWN } }),
      step: { kind: 'wait', code: 'finality' },
      why: 'the end of our round is not final: a reorg would open the window again',
    },
    {
      at: committed({ head: 131, finalBlock: 130, holds: { cancelled: 'bob' }, atFinal: { round: ROUND, own: OWN } }),
      step: { kind: 'done', outcome: 'cancelled' },
      why: 'the end of our round is final',
    },
    {
      at: view({ isContractPaused: true }),
      step: { kind: 'wait', code: 'contract-paused' },
      why: 'no hash is accepted',
    },
    {
      at: view({ isContractPaused: true, finalProof: null }),
      step: { kind: 'reprove' },
      why: 'a paused contract does not stop proving',
    },
    {
      at: view({ isContractPaused: true, atHead: { own: OWN } }),
      step: { kind: 'claim' },
      why: 'ours: the pause made the round void, settling frees the stake, also during the pause',
    },
    {
      at: view({ atHead: { own: OWN } }),
      step: { kind: 'commit' },
      why: 'a void round is over: commit anew, which settles too',
    },
    {
      at: view({ holds: { cancelled: 'bob' }, atHead: { own: OWN } }),
      step: { kind: 'claim' },
      why: 'cancelled after a void round: first the stake',
    },
    {
      at: view({ holds: { cancelled: 'bob' }, atHead: { own: { ...OWN, isSettled: true } } }),
      step: { kind: 'done', outcome: 'cancelled' },
      why: 'settled: nothing is left',
    },
  ])
})
