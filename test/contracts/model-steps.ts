import fc from 'fast-check'
import type { ProofBytes, Rules, Step } from './model-state.ts'

/** To which block of which sequence's round time goes on. */
export type Jump = { edge: 'lastCommit' | 'firstProof' | 'lastProof' | 'over'; sequence: number }

/**
 * A round as it should go: some commit, something disturbs, time goes on, somebody cheats, those who don't drop out
 * prove, time goes on, some claim or are settled. It is about the first unverified sequence, or one `ahead` of it.
 */
export type Scene = {
  ahead: number
  committers: string[]
  dropouts: string[]
  cheats: string[]
  settled: string[]
  claimants: string[]
  proof: ProofBytes
  other: ProofBytes
  disturbances: Step[]
  open: Jump['edge']
  end: Jump['edge']
}

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

/** Draws random steps: mostly commits and proofs, so that rounds get somewhere. */
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
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('claim'), miner, sequences: fc.array(fc.nat(3), { maxLength: 4 }) }),
    },
    { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('deposit', 'withdraw', 'withdraw'), miner, amount }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('sequence'), batches: fc.integer({ min: 1, max: 3 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('sequence'), batches: fc.constant(1), by }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('fund'), amount }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('withdrawTreasury') }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('pause') }) },
    { weight: 8, arbitrary: fc.record({ do: fc.constant('unpause') }) },
    { weight: 10, arbitrary: ruleArbitrary.map((rule) => ({ do: 'set', ...rule })) },
    { weight: 1, arbitrary: ruleArbitrary.map((rule) => ({ do: 'set', ...rule, by: 'stranger' })) },
  )
}

/**
 * Draws whole rounds, so that random runs get past the first proof. What disturbs them is as random as the steps
 * between.
 */
export function sceneArbitrary(miners: readonly string[]): fc.Arbitrary<Scene> {
  const some = fc.subarray([...miners])
  return fc.record({
    ahead: fc.constantFrom(-1, 0, 0, 0, 0, 1),
    committers: fc.subarray([...miners], { minLength: 1 }),
    dropouts: some,
    cheats: fc.subarray([...miners], { maxLength: 1 }),
    settled: some,
    claimants: fc.subarray([...miners], { maxLength: 2 }),
    proof: proofArbitrary,
    other: proofArbitrary,
    disturbances: fc.array(stepArbitrary(miners), { maxLength: 2 }),
    open: fc.constantFrom('lastCommit', 'firstProof', 'firstProof', 'firstProof', 'lastProof'),
    end: edgeArbitrary.map(({ edge }) => edge),
  })
}

/** Lists the scene's steps and jumps for one sequence. */
export function sceneParts(scene: Scene, sequence: number): (Step | Jump)[] {
  const provers = scene.committers.filter((miner) => !scene.dropouts.includes(miner))
  return [
    ...scene.committers.map((miner): Step => ({ do: 'commit', miner, sequence, proof: scene.proof })),
    ...scene.disturbances,
    { edge: scene.open, sequence },
    ...scene.cheats.map((miner): Step => ({ do: 'prove', miner, sequence, other: scene.other })),
    ...provers.map((miner): Step => ({ do: 'prove', miner, sequence })),
    { edge: scene.end, sequence },
    ...scene.claimants.map((miner): Step => ({ do: 'claim', miner, sequences: [sequence, sequence, 1] })),
    ...scene.settled.map((miner): Step => ({ do: 'settle', miner, sequence })),
  ]
}
