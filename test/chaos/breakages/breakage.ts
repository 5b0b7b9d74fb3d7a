import type { FaultName } from '../faults/index.ts'
import type { Plan } from '../plans/plan.ts'
import type { RivalName } from '../plans/rivals.ts'

/** A guarantee taken out of the code on purpose. The harness must notice. */
export interface Breakage {
  name: string
  /** What the code then does, one sentence. */
  what: string
  /** Exact texts, each of which stands in its file once. */
  patches: { file: string; from: string; to: string }[]
  /** Faults and rivals to draw from, where others would only take time. @default all */
  only?: readonly (FaultName | RivalName)[]
  /** Tells whether a plan brings about what the breakage needs to show. @default all do */
  suits?: (plan: Plan) => boolean
  /** How many of the seeds that suit are tried until one notices. @default 3 */
  seeds?: number
  /** Plans of its own, where no seed is likely to draw what it takes. */
  plans?: readonly Plan[]
  /** What the harness must say, at least once. */
  caughtBy: RegExp
}

/** Where the break leaves something stuck for ever, nobody need wait as long as for what may still come. */
export const IMPATIENT = {
  file: 'test/chaos/world/wait-for-end.ts',
  from: 'const PATIENCE_MS = ',
  to: 'const PATIENCE_MS = 0.4 * ',
}
