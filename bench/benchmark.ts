import { execute } from './execute.ts'
import { gas, gasOnGeth, gasProfile } from './gas/gas.ts'
import { growth } from './growth.ts'
import { recovery } from './load/recovery/recovery.ts'
import { overhead } from './overhead.ts'
import { proving } from './proving/proving.ts'
import { scale } from './scale.ts'
import { stress } from './stress.ts'

/**
 * One figure by its name, which begins with the unit and may end with a comma and the circumstance, as in "ms a batch,
 * 1,000 accounts" or "ms p50, prover". Figures that differ in the circumstance alone make a plot.
 */
export type Figures = Record<string, number>

/** A number that whoever measures may choose, as an option of the command. */
export interface Setting {
  what: string
  default: number
}

/** Something that is measured. */
export interface Benchmark<Name extends string = string> {
  readonly name: string
  /** For a reader of the figures, without a full stop: what is done, and what isn't. */
  readonly method: string
  /** Rounds, unless others are asked for. @default 5 */
  readonly rounds?: number
  /**
   * Files and folders of this build with which another build is measured in place of its own, so that it needn't know
   * the benchmark. They use only what both builds have. The benchmark is then `bench/<name>.ts`, or in a folder of its
   * name below `load/`, and exported by that name. @default none: its own bench/ measures it
   */
  readonly replaces?: readonly string[]
  /** Settings by the name of their option. */
  readonly settings?: Readonly<Record<Name, Setting>>
  /** Makes one whole measurement. Figures of several are compared by their names. */
  measure(settings: Readonly<Record<Name, number>>): Promise<Figures>
}

export const BENCHMARKS: readonly Benchmark[] = [
  execute,
  gas,
  gasOnGeth,
  gasProfile,
  growth,
  overhead,
  proving,
  recovery,
  scale,
  stress,
]
