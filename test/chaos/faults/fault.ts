import type { Taken } from '../invariants/facts.ts'
import type { FaultName, PlannedFault } from '../plans/plan.ts'
import type { World } from '../world/world.ts'

/** Ends a fault. What it did is done; the system has to live with that. */
export type Heal = () => void | Promise<void>

/** One way in which the world goes wrong. */
export interface ChaosFault {
  readonly name: FaultName
  /**
   * What it takes away from the miner while it lasts that a missed window would be excused by; nothing where left out.
   */
  takes?(world: World, planned: PlannedFault): Taken | null
  /**
   * @param hit is called when it has met something that it could change.
   * @returns what ends it after the planned time; null when it is over at once.
   */
  inject(world: World, planned: PlannedFault, hit: Hit): Promise<Heal | null>
}

export type Hit = () => void

/** A fault that is over at once. */
export const momentary = (
  name: FaultName,
  strike: (world: World, planned: PlannedFault, hit: Hit) => Promise<void>,
): ChaosFault => ({
  name,
  inject: async (world, planned, hit) => {
    await strike(world, planned, hit)
    return null
  },
})
