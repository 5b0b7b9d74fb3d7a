import type { Taken } from '../invariants/facts.ts'
import type { Milestone } from '../plans/milestones.ts'
import type { Windows } from '../plans/windows.ts'
import type { World } from '../world/world.ts'

/** What a plan draws for a fault beside its name. */
export interface Strike {
  /** It strikes when this sequence, by its index in the plan's `sequences`, … */
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

/** The ends of a range belong to it. */
export interface Range {
  min: number
  max: number
}

/** What a fault needs of a plan, by the word that stands for it in the catalogue. */
export const NEEDS = {
  anvil: 'the node has the methods that replace blocks, or set what others reckon; it is drawn for no other node',
  'honest-majority': 'there are three endpoints, and always the first of them lies: of two nobody could tell which',
  'other-stores': 'no other store is emptied, as the guarantee goes',
  'contract-of-ours': 'no rollup has a contract of 2023',
} as const
export type Need = keyof typeof NEEDS

/** All that is to be known of a fault without carrying it out. */
export interface AboutFault<Name extends string = string> {
  readonly name: Name
  /** What happens, in a phrase. */
  readonly what: string
  /** Plans of lower seeds don't draw it, and stay what they were before it came. @default 0 */
  readonly drawnFrom?: number
  /** How long it lasts, ms. @default SHORT_MS */
  readonly lastsMs?: Range
  /** Whether it is over at once, however long was drawn. */
  readonly isMomentary?: true
  /** How far a sequence is when it can do harm; at other milestones it would meet nothing. @default everywhere */
  readonly harmsAt?: readonly Milestone[]
  readonly needs?: readonly Need[]
  /** Range that its depth is drawn from, blocks. @default SHALLOW_BLOCKS */
  readonly depthBlocks?: Range
  /** Tells how many blocks it replaces at most, by its depth. @default none */
  replacesBlocks?(depth: number): number
  /** Tells what it makes of T1 and T2, by its depth. @default nothing */
  changesWindows?(depth: number): Windows
  /**
   * Tells what it takes away from the miner while it lasts that a missed window would be excused by; nothing where left
   * out.
   */
  takes?(world: World, strike: Strike): Taken | null
}

/** One way in which the world goes wrong. */
export interface ChaosFault<Name extends string = string> extends AboutFault<Name> {
  /**
   * Makes the fault happen.
   * @param hit is called when it has met something that it could change.
   * @returns what ends it after the planned time; null when it is over at once.
   */
  inject(world: World, strike: Strike, hit: Hit): Promise<Heal | null>
}

export type Hit = () => void

/** Ends a fault. What it did is done; the system has to live with that. */
export type Heal = () => void | Promise<void>

/** Range of a fault's duration where nothing else is said, ms. */
export const SHORT_MS: Range = { min: 2_000, max: 9_000 }
export const SHALLOW_BLOCKS: Range = { min: 1, max: 4 }

/** Range that is long enough for time-outs and windows to pass, ms. */
export const LONG_MS: Range = { min: 4_000, max: 15_000 }

/** Makes a fault that is ended after its time. */
export const lasting = <Name extends string>(
  about: AboutFault<Name>,
  inject: ChaosFault['inject'],
): ChaosFault<Name> => ({ ...about, inject })

/** Makes a fault that is over at once. */
export const momentary = <Name extends string>(
  about: AboutFault<Name>,
  strike: (world: World, strike: Strike, hit: Hit) => Promise<void>,
): ChaosFault<Name> => ({
  ...about,
  isMomentary: true,
  inject: async (world, planned, hit) => {
    await strike(world, planned, hit)
    return null
  },
})
