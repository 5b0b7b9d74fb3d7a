import type { HabitName } from '../plans/habits.ts'
import type { Plan, PlannedFault } from '../plans/plan.ts'

/** Fills in what means nothing to the fault. */
const fault = (p: Pick<PlannedFault, 'name' | 'milestone' | 'afterMs' | 'forMs'>): PlannedFault => ({
  sequence: 0,
  depth: 1,
  victim: 0,
  ...p,
})

const quiet = {
  seed: 0,
  rollups: 1,
  sharesAccount: false,
  skipsIdleBlocks: true,
  endpoints: 1,
  habits: [],
  finalityBlocks: 4,
  rivals: [],
}

/**
 * A rival opens the round of a big sequence and never proves it, and the prover that makes our proof of it hangs until
 * that round takes no more hashes. A small sequence right after it is proved by the other prover. Its round ends before
 * the first can begin anew.
 */
export const hangsBeforeSmallSuccessor: Plan[] = [1_000, 2_500, 4_000, 6_000].map((afterMs) => ({
  ...quiet,
  provers: 2,
  sequences: [
    { rollup: 0, batches: 4, atMs: 0 },
    { rollup: 0, batches: 1, atMs: 300 },
  ],
  faults: [fault({ name: 'prover-hangs', milestone: 'proving', afterMs, forMs: 15_000 })],
  rivals: [{ name: 'rival-never-proves', sequence: 0 }],
}))

/** Tells whether the contract is paused at a moment at which a hash is out. */
export const pausesWhileBusy = ({ faults }: Plan): boolean => faults.some(({ milestone }) => milestone === 'committed')

/**
 * In the middle of much work a prover can't report what it uploads, because Temporal hangs, and is killed before it
 * can.
 */
export const losesReport: Plan[] = [3_000, 5_000, 7_000].map((afterMs) => ({
  ...{ ...quiet, provers: 1 },
  sequences: [{ rollup: 0, batches: 10, atMs: 0 }],
  faults: [
    fault({ name: 'temporal-hangs', milestone: 'proving', afterMs, forMs: 9_000 }),
    fault({ name: 'prover-killed', milestone: 'proving', afterMs: afterMs + 5_000, forMs: 0 }),
  ],
}))

/** The contract is paused when our hash is likely to be out: its round is void, and the sequence needs another one. */
export const pausesWhileHashIsOut: Plan[] = [0, 500, 1_500].map((afterMs) => ({
  ...{ ...quiet, provers: 2 },
  sequences: [{ rollup: 0, batches: 2, atMs: 0 }],
  faults: [fault({ name: 'contract-paused', milestone: 'committed', afterMs, forMs: 3_000 })],
}))

/** The aggregator is suspended while sequences are being proved or wait for their rounds, and is asked all the time. */
export const hangsWhileAsked: Plan[] = [37_000, 42_000, 47_000, 52_000].map((forMs) => ({
  ...{ ...quiet, provers: 1 },
  sequences: [0, 500, 1_000, 1_500].map((atMs) => ({ rollup: 0, batches: 3, atMs })),
  faults: [fault({ name: 'aggregator-hangs-asked', milestone: 'committed', afterMs: 500, forMs })],
}))

/** Everything is in order but for what all endpoints do; of three, the liar alone. */
export const meetsHabit = (habit: HabitName): Plan[] => [
  {
    ...{ ...quiet, provers: 2, endpoints: 3, habits: [habit] },
    sequences: [0, 4_000, 8_000].map((atMs) => ({ rollup: 0, batches: 2, atMs })),
    faults: [],
  },
]

/** Everything is in order, and the contract is one of 2023. */
export const settlesAt2023: Plan[] = [
  { ...{ ...quiet, provers: 2 }, of2023: [0], sequences: [{ rollup: 0, batches: 2, atMs: 0 }], faults: [] },
]

/** Everything is in order, and the node is a geth, under the rules of its newest fork. */
export const settlesOnGeth: Plan[] = [
  { ...{ ...quiet, provers: 2 }, node: 'geth', sequences: [{ rollup: 0, batches: 2, atMs: 0 }], faults: [] },
]

/** Others fill the blocks from the moment at which our hash stands to the end of its window. */
export const blocksStuffedInWindow: Plan[] = [0, 1_000, 2_000].map((afterMs) => ({
  ...{ ...quiet, provers: 2, endpoints: 1 },
  sequences: [{ rollup: 0, batches: 2, atMs: 0 }],
  faults: [fault({ name: 'blocks-stuffed', milestone: 'committed', afterMs, forMs: 45_000 })],
}))

/** In these the nodes, too, tell no receipt of what isn't mined, which then is much. */
export const indexesWhileBlocksAreStuffed: Plan[] = blocksStuffedInWindow.map((plan) => ({
  ...plan,
  habits: ['indexing'],
}))

/** Sequences of one rollup come one after another. */
export const sequencesInTurn: Plan[] = [
  { ...{ ...quiet, provers: 2 }, sequences: [0, 3_000].map((atMs) => ({ rollup: 0, batches: 2, atMs })), faults: [] },
]
