import fc from 'fast-check'
import { type AboutFault, type Need, SHALLOW_BLOCKS, SHORT_MS } from '../faults/fault.ts'
import { FAULTS, type FaultName, faultOf } from '../faults/index.ts'
import { drawOf2023, OF_2023 } from './contract-of-2023.ts'
import { drawHabits } from './draw-habits.ts'
import { isLiar } from './habits.ts'
import { MILESTONES, type Milestone } from './milestones.ts'
import { namesOf, type Plan, type PlannedFault, reorgDepth, UNFIT_FOR_2023 } from './plan.ts'
import { RIVAL_NAMES } from './rivals.ts'
import { BLOCK_MS, WINDOWS } from './windows.ts'

/** How many endpoints there are where one of them lies. */
const LIAR_AND_OTHERS = 3

/**
 * By so many blocks a final one lies deeper than any of the plan's reorgs reaches; where none is deep, nobody has to
 * wait long.
 */
const MARGIN_BLOCKS = 2
const LEAST_FINALITY_BLOCKS = 4

/** One plan of so many sits through its windows, which takes minutes. */
const UNSKIPPED_OF = 20

/** Moments at which something is posted, ms. */
const POSTING_MS = 8_000

/**
 * Longest time from a milestone to what goes wrong then, ms: about as long as it is to the next one, and until what is
 * final is so.
 */
const AFTER_MS: Record<Milestone, number> = {
  posted: 4_000,
  proving: 4_000,
  committed: 3_000,
  'proof-sent': 300,
  verified: 6_000,
}

/**
 * Draws the plan of a seed, which is the same for ever, on every machine.
 * @param only names of faults, rivals, habits and contracts to draw from.
 * @default all that there were when the seed was drawn first
 * @param without names that are not drawn, because the node can't play them
 */
export function drawPlan(seed: number, only?: readonly string[], without: readonly string[] = []): Plan {
  const names = (only ?? namesOf(seed)).filter((name) => !without.includes(name))
  const of2023 = names.includes(OF_2023) ? drawOf2023(seed, only !== undefined) : []
  const fitting = names.filter((name) => of2023.length === 0 || !UNFIT_FOR_2023.includes(name))
  const [plan] = fc.sample(fc.noBias(planOf(fitting)), { seed, numRuns: 1 })
  if (plan === undefined) throw new Error('unreachable: one plan was asked for')
  const habits = drawHabits(seed, names, only !== undefined)
  return {
    seed,
    ...plan,
    of2023: [...new Set(of2023.map((rollup) => rollup % plan.rollups))],
    habits,
    endpoints: habits.some(isLiar) ? LIAR_AND_OTHERS : plan.endpoints,
    sequences: plan.sequences
      .map((one) => ({ ...one, rollup: one.rollup % plan.rollups }))
      .sort((a, b) => a.atMs - b.atMs),
  }
}

function planOf(only: readonly string[]): fc.Arbitrary<Omit<Plan, 'seed' | 'habits' | 'of2023'>> {
  const faults = FAULTS.filter(({ name }) => only.includes(name)).map(strikeOf)
  const rivals = RIVAL_NAMES.filter((name) => only.includes(name))
  const sequence = fc.record({ rollup: fc.nat(1), batches: fc.integer({ min: 1, max: 4 }), atMs: fc.nat(POSTING_MS) })
  const rival = rivals.map((name) => fc.record({ name: fc.constant(name), sequence: fc.nat(3) }))
  return fc
    .record({
      rollups: fc.integer({ min: 1, max: 2 }),
      endpoints: fc.constantFrom(1, 1, 3),
      provers: fc.integer({ min: 1, max: 2 }),
      sequences: fc.array(sequence, { minLength: 1, maxLength: 4, size: 'max' }),
      faults: listOf(faults, { minLength: 1, maxLength: 5, size: 'max' }),
      rivals: listOf(rival, { maxLength: 2, size: 'max' }),
      sharesAccount: fc.boolean(),
      skipsIdleBlocks: fc.nat(UNSKIPPED_OF - 1).map((one) => one > 0),
    })
    .map(consistent)
}

/** Draws a fault with its moment from what it says of itself. */
const strikeOf = ({ name, harmsAt, lastsMs, depthBlocks }: AboutFault<FaultName>): fc.Arbitrary<PlannedFault> =>
  fc.constantFrom(...(harmsAt ?? MILESTONES)).chain((milestone) =>
    fc.record({
      ...{
        name: fc.constant(name),
        sequence: fc.nat(3),
        milestone: fc.constant(milestone),
        afterMs: fc.nat(AFTER_MS[milestone]),
      },
      ...{
        forMs: fc.integer(lastsMs ?? SHORT_MS),
        depth: fc.integer(depthBlocks ?? SHALLOW_BLOCKS),
        victim: fc.nat(7),
      },
    }),
  )

type Drawn = Omit<Plan, 'seed' | 'habits' | 'of2023' | 'finalityBlocks'>

const needs = ({ name }: Pick<PlannedFault, 'name'>, need: Need): boolean =>
  faultOf(name).needs?.includes(need) ?? false

/** Changes what was drawn so that the guarantees are asked for nothing that they don't promise. */
function consistent(drawn: Drawn): Omit<Plan, 'seed' | 'habits' | 'of2023'> {
  const emptied = drawn.faults.find((fault) => needs(fault, 'other-stores'))?.name
  const allowed = drawn.faults.filter((fault) => !needs(fault, 'other-stores') || fault.name === emptied)
  const faults = allowed.map((fault) => ({
    ...fault,
    depth: Math.min(fault.depth, longestRound(allowed)),
    sequence: fault.sequence % drawn.sequences.length,
  }))
  const isLie = (fault: PlannedFault) => needs(fault, 'honest-majority')
  return {
    ...drawn,
    sharesAccount: drawn.sharesAccount && drawn.rollups > 1,
    endpoints: faults.some(isLie) ? LIAR_AND_OTHERS : drawn.endpoints,
    finalityBlocks: Math.max(LEAST_FINALITY_BLOCKS, ...faults.map((fault) => reorgDepth(fault) + MARGIN_BLOCKS)),
    faults: faults.map((fault) => (isLie(fault) ? { ...fault, victim: 0 } : { ...fault, afterMs: inReach(fault) })),
    rivals: drawn.rivals.filter(({ sequence: index }) => index < drawn.sequences.length),
  }
}

/** Reckons T1 + T2 of the longest round that a plan with these faults can have, in blocks. */
export function longestRound(faults: readonly Pick<PlannedFault, 'name' | 'depth'>[]): number {
  const all = [WINDOWS, ...faults.flatMap(({ name, depth }) => faultOf(name).changesWindows?.(depth) ?? [])]
  return Math.max(...all.map(({ commitBlocks, proveBlocks }) => commitBlocks + proveBlocks))
}

/** Has a reorg come before what it is to replace is deeper than it reaches. */
function inReach(fault: PlannedFault): number {
  const blocks = reorgDepth(fault)
  return blocks === 0 ? fault.afterMs : fault.afterMs % (blocks * BLOCK_MS)
}

const listOf = <T>(kinds: fc.Arbitrary<T>[], length: fc.ArrayConstraints): fc.Arbitrary<T[]> =>
  kinds.length === 0 ? fc.constant([]) : fc.array(fc.oneof(...kinds), length)
