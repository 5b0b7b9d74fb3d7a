import { describe } from 'vitest'
import { checkSteps } from './steps.ts'
import { committed, OWN, ROUND, view } from './views.ts'

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
