import type { Disturbance } from '../invariants/facts.ts'
import type { FaultName, PlannedFault } from '../plan.ts'
import type { World } from '../world.ts'

/** One way in which the world goes wrong. */
export interface ChaosFault {
  readonly name: FaultName
  /** Whether it lasts: then `heal` comes after the planned time, else at once. */
  readonly lasts: boolean
  /** What it takes away from the miner while it lasts that a missed window would be excused by; nothing where left out. */
  takes?(world: World, planned: PlannedFault): Disturbance['takes'] | null
  inject(world: World, planned: PlannedFault): Promise<void>
  /** Ends it. What it did is done; the system has to live with that. */
  heal(world: World, planned: PlannedFault): Promise<void>
}
