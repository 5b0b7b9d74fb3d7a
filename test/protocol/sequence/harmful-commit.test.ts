import { describe, expect, test } from 'vitest'
import { harmfulCommit } from '../../../protocol/sequence/commit-gate.ts'
import type { Rehearsal } from '../../../protocol/sequence/view.ts'
import { behind, type GateCase, REHEARSAL, WIDE } from './gate-cases.ts'
import { LOOSE, predecessor, view } from './views.ts'

const proof = view().finalProof

describe('what a hash that is out had better not land with', () => {
  test.each<GateCase>([
    { at: view(), condition: null, why: 'nothing' },
    { at: view({ holds: { cancelled: 'x' } }), condition: null, why: 'what an operator holds is proved all the same' },
    { at: view({ isContractPaused: true, funds: { stakeWei: '0' } }), condition: null, why: 'the contract refuses it' },
    { at: view({ ...LOOSE, nextRound: WIDE }), condition: 'windows-overflow', why: '2023: its proof would panic' },
    { at: view({ finalProof: null }), condition: 'proof-not-stored', why: 'nothing to prove it with' },
    {
      at: view({ finalProof: proof && { ...proof, isAcceptedByContract: false } }),
      condition: 'proof-not-accepted',
      why: 'its proof would be refused',
    },
    {
      at: view({ rehearsal: reverting('prove') }),
      condition: 'proof-reverts',
      why: 'its proof would revert, and the stake be lost',
    },
    { at: view({ rehearsal: reverting('commit') }), condition: null, why: 'it would revert itself, which costs gas' },
    {
      at: view({ rehearsal: { ...REHEARSAL, proofGas: '400', mostGas: '300' } }),
      condition: null,
      why: 'its proof is reckoned to take too much gas',
    },
    {
      at: view({ finalProof: proof && { ...proof, isInBothStores: false } }),
      condition: null,
      why: 'one store is enough to prove it from, and the other may be away for a moment',
    },
    {
      at: view({ hasClaims: false, funds: { stakeWei: '0' }, owedLateProofs: [{ from: 1, to: 3 }] }),
      condition: 'late-proof-owed',
      why: 'it is fined',
    },
    { at: view({ owedLateProofs: [{ from: 1, to: 3 }] }), condition: null, why: 'our contract fines nobody' },
    {
      at: view({ predecessors: [{ ...behind(100), isOwnProofStored: false }] }),
      condition: null,
      why: "nor does a store that can't be asked for the proof before it",
    },
    {
      at: view({ predecessors: [predecessor({ ownLiveRound: null })] }),
      condition: 'predecessor-uncommitted',
      why: 'nobody need verify what comes before it',
    },
    {
      at: view({ head: 124, predecessors: [behind(100)] }),
      condition: null,
      why: 'two proofs fit without a margin: 6 blocks of 6',
    },
    {
      at: view({ head: 125, predecessors: [behind(100)] }),
      condition: 'predecessor-windows-tight',
      why: 'they do not: 5 blocks of 6',
    },
    {
      at: view({ predecessors: [behind(100), behind(100), behind(100), behind(100)] }),
      condition: null,
      why: 'how many are ahead is decided when it is signed',
    },
  ])('$why: $condition', ({ at, condition }) =>
    expect(harmfulCommit(at, at.head.number + 1)?.condition ?? null).toBe(condition),
  )
})

function reverting(step: 'commit' | 'prove'): Rehearsal {
  return { ...REHEARSAL, reverts: { step, why: 'Paused' } }
}
