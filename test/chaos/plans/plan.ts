import type { Strike } from '../faults/fault.ts'
import { FAULT_NAMES, FAULTS, type FaultName, faultOf } from '../faults/index.ts'
import type { NodeName } from '../nodes/names.ts'
import { FIRST_SEED_OF_2023, FIRST_SEED_OF_A_QUARTER, OF_2023 } from './contract-of-2023.ts'
import { HABIT_NAMES, HABITS, type HabitName } from './habits.ts'
import { RIVAL_NAMES, RIVALS, type RivalName } from './rivals.ts'

/** A sequence that the sequencer posts. */
export interface PlannedSequence {
  rollup: number
  batches: number
  /** When it is posted after all processes are ready, ms. */
  atMs: number
}

/** What goes wrong when. */
export interface PlannedFault extends Strike {
  name: FaultName
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

/** All that a plan draws by name. */
export const PLANNED_NAMES: readonly string[] = [...FAULT_NAMES, ...RIVAL_NAMES, ...HABIT_NAMES, OF_2023]

/** Lists the names of all that a plan has of these. */
export const namesIn = ({ faults, rivals, habits, of2023 = [] }: Plan): string[] => [
  ...[...faults, ...rivals].map(({ name }) => name),
  ...habits,
  ...(of2023.length > 0 ? [OF_2023] : []),
]

/** What is drawn from a seed on only. */
const DRAWN_FROM = new Map<string, number>([
  ...[...FAULTS, ...RIVALS, ...HABITS].map(({ name, drawnFrom = 0 }) => [name, drawnFrom] as const),
  [OF_2023, FIRST_SEED_OF_2023],
])

/** Where plans are drawn from all that there is. Those of lower seeds stay what they were drawn as before. */
export const NEWEST_SEED = Math.max(FIRST_SEED_OF_A_QUARTER, ...DRAWN_FROM.values())

/** Lists all names that there were when the seed was drawn first. */
export const namesOf = (seed: number): readonly string[] =>
  PLANNED_NAMES.filter((name) => seed >= (DRAWN_FROM.get(name) ?? 0))

/** What has no meaning beside a contract of 2023. */
export const UNFIT_FOR_2023: readonly string[] = [...FAULTS, ...RIVALS]
  .filter(({ needs }) => needs?.includes('contract-of-ours'))
  .map(({ name }) => name)

/**
 * Tells how many blocks a fault replaces; 0 for what is no reorg. Those that begin with a posting count as the most.
 */
export const reorgDepth = ({ name, depth }: Pick<PlannedFault, 'name' | 'depth'>): number =>
  faultOf(name).replacesBlocks?.(depth) ?? 0
