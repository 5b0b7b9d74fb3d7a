import fc from 'fast-check'
import type { NodeName } from '../nodes/names.ts'
import { drawOf2023, FIRST_SEED_OF_2023, FIRST_SEED_OF_A_QUARTER, OF_2023, UNFIT_FOR_2023 } from './contract-of-2023.ts'
import { drawHabits, HABIT_NAMES, type HabitName, LIAR_HABITS } from './habits.ts'
import { BLOCK_MS, longestRound } from './windows.ts'

/** A sequence that the sequencer posts. */
export interface PlannedSequence {
  rollup: number
  batches: number
  /** After all processes are ready, ms. */
  atMs: number
}

/**
 * How far a sequence has come: it stands on chain; the aggregator has it proved; our hash stands in its round; our
 * proof was sent; a proof of ours, or anybody's, was accepted. In this order.
 */
export const MILESTONES = ['posted', 'proving', 'committed', 'proof-sent', 'verified'] as const
export type Milestone = (typeof MILESTONES)[number]

/** What goes wrong when. */
export interface PlannedFault {
  name: FaultName
  /** It strikes when this sequence, by its index in `sequences`, … */
  sequence: number
  /** … has come as far, … */
  milestone: Milestone
  /** … and so much later, ms. */
  afterMs: number
  /** How long it lasts where it lasts, ms. */
  forMs: number
  /** Blocks, for a reorg or a stale endpoint. */
  depth: number
  /** Which prover or endpoint, counted modulo how many there are. */
  victim: number
}

/** Another miner and what it does about one posted sequence. */
export interface PlannedRival {
  name: RivalName
  /** Index in `sequences`. */
  sequence: number
}

/** Everything that a seed decides. */
export interface Plan {
  seed: number
  /** Whose chain it is carried out on; left out: anvil's. */
  node?: NodeName
  rollups: number
  /**
   * Those, by index, that have a contract with the rules of 2023. Plans that were recorded before there was one don't
   * say.
   */
  of2023?: readonly number[]
  /** One miner account serves all rollups, so one sender has the nonces of both. */
  sharesAccount: boolean
  /**
   * Blocks in which nobody could do anything are skipped at the end, and everybody is woken. Without that all waits are
   * those of the workflows alone.
   */
  skipsIdleBlocks: boolean
  endpoints: number
  /** What the endpoints do all the time, though they are honest; some of these only the first of three. */
  habits: HabitName[]
  provers: number
  /** A block is final when as many others stand on it. */
  finalityBlocks: number
  sequences: PlannedSequence[]
  faults: PlannedFault[]
  rivals: PlannedRival[]
}

export const FAULT_NAMES = [
  'aggregator-killed',
  'aggregator-gone',
  'aggregator-hangs',
  'aggregator-twice',
  'prover-killed',
  'prover-hangs',
  'prover-lies',
  'temporal-killed',
  'temporal-hangs',
  'temporal-emptied',
  'postgres-killed',
  'postgres-gone',
  'postgres-hangs',
  'postgres-emptied',
  'postgres-full',
  'postgres-crowded',
  'stores-emptied',
  'anvil-killed',
  'all-killed',
  'rpc-answer-lost',
  'rpc-swallows',
  'rpc-hangs',
  'rpc-429',
  'rpc-5xx',
  'rpc-stale',
  'rpc-forked',
  'rpc-hides-receipts',
  'rpc-turns-receipts',
  'rpc-other-chain',
  'rpc-lies-about-fees',
  'base-fee-up',
  'blocks-stuffed',
  'foreign-transaction',
  'reorg',
  'reorg-deep',
  'reorg-deepest',
  'reorg-unposts',
  'reorg-loses',
  'reorg-reposts',
  'windows-changed',
  'contract-paused',
  'aggregator-hangs-asked',
] as const
export type FaultName = (typeof FAULT_NAMES)[number]

export const RIVAL_NAMES = ['rival-first', 'rival-late', 'rival-never-proves', 'rival-copies', 'rival-garbage'] as const
export type RivalName = (typeof RIVAL_NAMES)[number]

/** All that a plan draws by name. */
export const PLANNED_NAMES: readonly string[] = [...FAULT_NAMES, ...RIVAL_NAMES, ...HABIT_NAMES, OF_2023]

/** Where plans are drawn from all that there is. Those of lower seeds stay what they were drawn as before. */
export const NEWEST_SEED = FIRST_SEED_OF_A_QUARTER

/** What is drawn from a seed on only. */
const DRAWN_FROM: Record<string, number> = {
  ...Object.fromEntries(['aggregator-hangs-asked' satisfies FaultName, ...HABIT_NAMES].map((name) => [name, 10_000])),
  [OF_2023]: FIRST_SEED_OF_2023,
}

/**
 * Durations of faults, ms. A prover that hangs outlives its heartbeats (30 s), so that another one makes what it goes
 * on making later; one that lies has to start, and to get a task.
 */
const DURATION_MS = { min: 2_000, max: 9_000 }
const LONG_MS = { min: 4_000, max: 15_000 }
const OWN_MS: Partial<Record<FaultName, typeof LONG_MS>> = {
  'prover-hangs': { min: 32_000, max: 45_000 },
  'prover-lies': { min: 10_000, max: 20_000 },
  'aggregator-hangs-asked': { min: 35_000, max: 55_000 },
}
const LONG: readonly FaultName[] = [
  'base-fee-up',
  'aggregator-hangs',
  'aggregator-gone',
  'postgres-gone',
  'postgres-hangs',
  'postgres-full',
  'postgres-crowded',
  'temporal-hangs',
]

/**
 * Endpoints that lie. There are three of them then, and always the same one lies: of two that lie alike nobody could
 * tell.
 */
const LIES: readonly FaultName[] = [
  'rpc-forked',
  'rpc-hides-receipts',
  'rpc-turns-receipts',
  'rpc-other-chain',
  'rpc-lies-about-fees',
]

/** Endpoints where one of them lies. */
const LIAR_AND_OTHERS = 3

/** Of `reorg-deep` depths that are drawn as 1 to 4 become 5 to 20: past the end of T1. */
const DEEPER = 5

/** Reorgs that begin where something was posted last, and as far back as they look for it, blocks. */
const OF_POSTINGS: readonly FaultName[] = ['reorg-unposts', 'reorg-reposts']
export const POSTED_BLOCKS = 40

/** Depths of `reorg-deepest`, beyond `reorg-deep`; those longer than any round of the plan become T1 + T2. */
const DEEPEST_BLOCKS = { min: 21, max: 250 }

/**
 * By so many blocks a final one lies deeper than any of the plan's reorgs reaches; where none is deep, nobody has to
 * wait long.
 */
const MARGIN_BLOCKS = 2
const LEAST_FINALITY_BLOCKS = 4

/** One store at a time, as the guarantee goes. `stores-emptied` waits for its moment, so it goes with either. */
const EMPTIED: readonly FaultName[] = ['temporal-emptied', 'postgres-emptied']

/** One plan of so many sits through its windows: minutes. */
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

const UNSUBMITTED = ['posted', 'proving'] as const
const UNPROVED = [...UNSUBMITTED, 'committed'] as const
const SUBMITTED = ['committed', 'proof-sent', 'verified'] as const

/** Where a fault can do harm; elsewhere it would meet nothing. @default everywhere */
const HARMFUL_AT: Partial<Record<FaultName, readonly Milestone[]>> = {
  'prover-killed': UNSUBMITTED,
  'prover-hangs': ['proving'],
  'prover-lies': UNSUBMITTED,
  reorg: SUBMITTED,
  'reorg-deep': SUBMITTED,
  'reorg-deepest': SUBMITTED,
  'reorg-loses': SUBMITTED,
  'postgres-full': [...UNPROVED, 'proof-sent'],
  'rpc-hides-receipts': SUBMITTED,
  'rpc-turns-receipts': SUBMITTED,
  'reorg-unposts': UNPROVED,
  'reorg-reposts': UNPROVED,
}

/**
 * The plan of a seed; the same for ever, on every machine.
 * @param only names of faults, rivals, habits and contracts to draw from. @default all that there were when the seed
 * was drawn first
 * @param without names that are not drawn, because the node can't play them
 */
export function drawPlan(seed: number, only?: readonly string[], without: readonly string[] = []): Plan {
  const names = (only ?? namesOf(seed)).filter((name) => !without.includes(name))
  const of2023 = names.includes(OF_2023) ? drawOf2023(seed, only !== undefined) : []
  const fitting = names.filter((name) => of2023.length === 0 || !UNFIT_FOR_2023.includes(name))
  const [plan] = fc.sample(fc.noBias(planOf(fitting)), { seed, numRuns: 1 })
  if (plan === undefined) throw new Error('unreachable: one plan was asked for')
  const habits = drawHabits(seed, names)
  return {
    seed,
    ...plan,
    of2023: [...new Set(of2023.map((rollup) => rollup % plan.rollups))],
    habits,
    endpoints: habits.some((name) => LIAR_HABITS.includes(name)) ? LIAR_AND_OTHERS : plan.endpoints,
    sequences: plan.sequences
      .map((one) => ({ ...one, rollup: one.rollup % plan.rollups }))
      .sort((a, b) => a.atMs - b.atMs),
  }
}

/** All that there were when the seed was drawn first. */
const namesOf = (seed: number): readonly string[] => PLANNED_NAMES.filter((name) => seed >= (DRAWN_FROM[name] ?? 0))

function planOf(only: readonly string[]): fc.Arbitrary<Omit<Plan, 'seed' | 'habits' | 'of2023'>> {
  const faults = FAULT_NAMES.filter((name) => only.includes(name))
  const rivals = RIVAL_NAMES.filter((name) => only.includes(name))
  const sequence = fc.record({ rollup: fc.nat(1), batches: fc.integer({ min: 1, max: 4 }), atMs: fc.nat(POSTING_MS) })
  const depth = (name: FaultName) => fc.integer(name === 'reorg-deepest' ? DEEPEST_BLOCKS : { min: 1, max: 4 })
  const durationMs = (name: FaultName) => (LONG.includes(name) ? LONG_MS : DURATION_MS)
  const forMs = (name: FaultName) => fc.integer(OWN_MS[name] ?? durationMs(name))
  const fault = faults.map((name) =>
    fc.constantFrom(...(HARMFUL_AT[name] ?? MILESTONES)).chain((milestone) =>
      fc.record({
        ...{
          name: fc.constant(name),
          sequence: fc.nat(3),
          milestone: fc.constant(milestone),
          afterMs: fc.nat(AFTER_MS[milestone]),
        },
        ...{ forMs: forMs(name), depth: depth(name), victim: fc.nat(7) },
      }),
    ),
  )
  const rival = rivals.map((name) => fc.record({ name: fc.constant(name), sequence: fc.nat(3) }))
  return fc
    .record({
      rollups: fc.integer({ min: 1, max: 2 }),
      endpoints: fc.constantFrom(1, 1, 3),
      provers: fc.integer({ min: 1, max: 2 }),
      sequences: fc.array(sequence, { minLength: 1, maxLength: 4, size: 'max' }),
      faults: listOf(fault, { minLength: 1, maxLength: 5, size: 'max' }),
      rivals: listOf(rival, { maxLength: 2, size: 'max' }),
      sharesAccount: fc.boolean(),
      skipsIdleBlocks: fc.nat(UNSKIPPED_OF - 1).map((one) => one > 0),
    })
    .map(consistent)
}

type Drawn = Omit<Plan, 'seed' | 'habits' | 'of2023' | 'finalityBlocks'>

/** Changes what was drawn so far that the guarantees are asked for nothing that they don't promise. */
function consistent(drawn: Drawn): Omit<Plan, 'seed' | 'habits' | 'of2023'> {
  const [emptied] = drawn.faults.filter(({ name }) => EMPTIED.includes(name)).map(({ name }) => name)
  const allowed = drawn.faults.filter(({ name }) => !EMPTIED.includes(name) || name === emptied)
  const faults = allowed.map((fault) => ({
    ...fault,
    depth: Math.min(fault.depth, longestRound(allowed)),
    sequence: fault.sequence % drawn.sequences.length,
  }))
  const has = (names: readonly FaultName[]) => faults.some(({ name }) => names.includes(name))
  return {
    ...drawn,
    sharesAccount: drawn.sharesAccount && drawn.rollups > 1,
    endpoints: has(LIES) ? LIAR_AND_OTHERS : drawn.endpoints,
    finalityBlocks: Math.max(LEAST_FINALITY_BLOCKS, ...faults.map((fault) => reorgDepth(fault) + MARGIN_BLOCKS)),
    faults: faults.map((fault) =>
      LIES.includes(fault.name) ? { ...fault, victim: 0 } : { ...fault, afterMs: inReach(fault) },
    ),
    rivals: drawn.rivals.filter(({ sequence: index }) => index < drawn.sequences.length),
  }
}

/** A reorg comes before what it is to replace is deeper than it reaches. */
function inReach(fault: PlannedFault): number {
  const blocks = reorgDepth(fault)
  return blocks === 0 ? fault.afterMs : fault.afterMs % (blocks * BLOCK_MS)
}

/** How many blocks a reorg replaces; 0 for what is none. Of those that begin with a posting the most. */
export function reorgDepth({ name, depth }: Pick<PlannedFault, 'name' | 'depth'>): number {
  if (OF_POSTINGS.includes(name)) return POSTED_BLOCKS
  if (!name.startsWith('reorg')) return 0
  return name === 'reorg-deep' ? depth * DEEPER : depth
}

const listOf = <T>(kinds: fc.Arbitrary<T>[], length: fc.ArrayConstraints): fc.Arbitrary<T[]> =>
  kinds.length === 0 ? fc.constant([]) : fc.array(fc.oneof(...kinds), length)
