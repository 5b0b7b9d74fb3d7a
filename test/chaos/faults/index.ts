import { FAULT_NAMES, type FaultName } from '../plans/plan.ts'
import * as chain from './chain.ts'
import type { ChaosFault } from './fault.ts'
import * as liars from './liars.ts'
import * as owner from './owner.ts'
import * as postgresCrowded from './postgres-crowded.ts'
import * as postgresFull from './postgres-full.ts'
import * as processes from './processes.ts'
import * as reorgs from './reorgs.ts'
import * as rpc from './rpc.ts'
import * as stores from './stores.ts'

const all: ChaosFault[] = [chain, liars, owner, postgresCrowded, postgresFull, processes, reorgs, rpc, stores].flatMap(
  (some) => Object.values(some),
)

/** Every fault by its name. */
export const FAULTS = Object.fromEntries(FAULT_NAMES.map((name) => [name, faultOf(name)])) as Record<
  FaultName,
  ChaosFault
>

function faultOf(name: FaultName): ChaosFault {
  const fault = all.find((one) => one.name === name)
  if (fault === undefined) throw new Error(`The fault "${name}" has a name and nothing that it does.`)
  return fault
}
