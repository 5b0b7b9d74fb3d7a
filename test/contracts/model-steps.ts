import fc from 'fast-check'
import type { ProofBytes, Rules, Step } from './model-state.ts'

/** To which block of which sequence's round time goes on. */
export type Jump = { edge: 'lastCommit' | 'firstProof' | 'lastProof' | 'over'; sequence: number }

/** A round as it should go: some commit, something disturbs, time goes on, some prove, time goes on, some settle. */
export type Scene = { commits: Step[]; disturbances: Step[]; open: Jump; proofs: Step[]; end: Jump; settlements: Step[] }

/** Three sequences are there from the beginning; the fourth often isn't. Lower ones are verified first. */
const sequenceArbitrary = fc.constantFrom(0, 0, 0, 1, 1, 2, 3)

export const edgeArbitrary: fc.Arbitrary<Jump> = fc.record({
  edge: fc.constantFrom('lastCommit', 'firstProof', 'firstProof', 'lastProof', 'over'),
  sequence: sequenceArbitrary,
})

const proofArbitrary: fc.Arbitrary<ProofBytes> = fc.record({
  kind: fc.constantFrom('good', 'good', 'good', 'good', 'good', 'forged', 'stolen'),
  salt: fc.nat(1),
})

/** Rules near the edges of what works: 0 where it is refused or means something of its own. */
const ruleArbitrary: fc.Arbitrary<{ rule: keyof Rules; value: number }> = fc.oneof(
  fc.record({ rule: fc.constantFrom('commitBlocks' as const, 'proveBlocks' as const), value: fc.nat(5) }),
  fc.record({ rule: fc.constant('lateProofBlocks' as const), value: fc.nat(8) }),
  fc.record({
    rule: fc.constantFrom('minDeposit' as const, 'penalty' as const, 'reward' as const),
    value: fc.constantFrom(0, 1, 77, 700, 1_400),
  }),
)

/** Random steps: mostly commits and proofs, so that rounds get somewhere. */
export function stepArbitrary(miners: readonly string[]): fc.Arbitrary<Step> {
  const miner = fc.constantFrom(...miners)
  const by = fc.constantFrom<'stranger'[]>('stranger')
  const amount = fc.oneof(fc.bigInt(0n, 600n), fc.constantFrom(1_000n, 1_400n, 2_000n))
  const one = { miner, sequence: sequenceArbitrary }
  return fc.oneof<fc.WeightedArbitrary<Step>[]>(
    { weight: 12, arbitrary: fc.record({ do: fc.constant('commit'), ...one, proof: proofArbitrary }) },
    { weight: 12, arbitrary: fc.record({ do: fc.constant('prove'), ...one }) },
    { weight: 8, arbitrary: fc.record({ do: fc.constant('prove'), ...one, other: proofArbitrary }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('settle'), ...one }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('claim'), miner, sequences: fc.array(fc.nat(3), { maxLength: 4 }) }) },
    { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('deposit', 'withdraw', 'withdraw'), miner, amount }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('sequence'), batches: fc.integer({ min: 1, max: 3 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('sequence'), batches: fc.constant(1), by }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('fund'), amount }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('withdrawTreasury', 'pause') }) },
    { weight: 8, arbitrary: fc.record({ do: fc.constant('unpause') }) },
    { weight: 3, arbitrary: ruleArbitrary.map((rule) => ({ do: 'set', ...rule })) },
    { weight: 1, arbitrary: ruleArbitrary.map((rule) => ({ do: 'set', ...rule, by: 'stranger' })) },
  )
}

/** Whole rounds, so that random runs get past the first proof; what disturbs them is as random as the steps between. */
export function sceneArbitrary(miners: readonly string[]): fc.Arbitrary<Scene> {
  const some = fc.subarray([...miners])
  const who = fc.record({
    committers: fc.subarray([...miners], { minLength: 1 }),
    cheats: some,
    provers: some,
    settled: some,
    claimants: some,
  })
  const disturbances = fc.array(stepArbitrary(miners), { maxLength: 2 })
  const parts = fc.tuple(who, sequenceArbitrary, proofArbitrary, proofArbitrary, disturbances, edgeArbitrary, edgeArbitrary)
  return parts.map(([{ committers, cheats, provers, settled, claimants }, sequence, proof, other, disturbances, open, end]) => ({
    commits: committers.map((miner) => ({ do: 'commit', miner, sequence, proof })),
    disturbances,
    open: { sequence, edge: open.edge === 'over' ? 'firstProof' : open.edge },
    proofs: [
      ...cheats.slice(0, 1).map((miner): Step => ({ do: 'prove', miner, sequence, other })),
      ...provers.map((miner): Step => ({ do: 'prove', miner, sequence })),
    ],
    end: { sequence, edge: end.edge },
    settlements: [
      ...claimants.slice(0, 1).map((miner): Step => ({ do: 'claim', miner, sequences: [sequence, sequence, 1] })),
      ...settled.map((miner): Step => ({ do: 'settle', miner, sequence })),
    ],
  }))
}
