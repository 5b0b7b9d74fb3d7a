import { execute } from './execute.ts'
import { gas, gasProfile } from './gas/gas.ts'

/** One figure, with its unit in its name, as in "ms a batch, 1,000 accounts". */
export type Figures = Record<string, number>

/** Something that is measured. */
export interface Benchmark {
  readonly name: string
  /** One sentence for a reader of the figures: what is done, and what isn't. */
  readonly method: string
  /** One whole measurement. Figures of several are compared by their names. */
  measure(): Promise<Figures>
}

export const BENCHMARKS: readonly Benchmark[] = [execute, gas, gasProfile]
