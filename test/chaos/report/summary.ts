import Table from 'cli-table3'
import { FAULT_NAMES } from '../faults/index.ts'
import { HABIT_NAMES } from '../plans/habits.ts'
import { MILESTONES } from '../plans/milestones.ts'
import type { SeedResult } from '../run-seed.ts'

/** Tells one seed in a line, and a line for each thing that doesn't hold. */
export function resultLines({ plan, violations, durationMs, dataDir }: SeedResult): string[] {
  const drawn = [...[...plan.faults, ...plan.rivals].map(({ name }) => name), ...plan.habits].join(', ')
  const verdict = violations.length === 0 ? 'all holds' : `FAILED, its data is in ${dataDir}`
  return [
    `seed ${plan.seed}: ${drawn}; ${(durationMs / 1000).toFixed(0)} s; ${verdict}`,
    ...violations.map((violation) => `  VIOLATED  ${violation}`),
  ]
}

/** Violations by what people ask for first. */
export const [PENALTY, LOST, MADE_TWICE, STUCK] = [
  /^3 penalties: penalty/,
  /^2 proofs: .*\blost\b/,
  /^2 proofs: .*made twice/,
  /^1 settled: .*not verified|\bstuck\b/,
]

export const FAULT_COLUMNS = [
  'fault',
  'injected',
  'hit',
  ...MILESTONES,
  'while work was open',
  'followed by progress',
  'p50',
  'p99',
]

/** Lists faults by kind with what became of them, and all of them last. */
export function faultRows(results: readonly Pick<SeedResult, 'faults'>[]): string[][] {
  const faults = results.flatMap((result) => result.faults)
  const names = [...new Set(faults.map(({ name }) => name))].sort()
  return [...names, null].map((name) => {
    const some = faults.filter((fault) => name === null || fault.name === name)
    const times = some.flatMap(({ recoveredMs }) => recoveredMs ?? []).sort((a, b) => a - b)
    return [
      name ?? 'all',
      String(some.length),
      String(some.filter(({ hit }) => hit).length),
      ...MILESTONES.map((milestone) => String(some.filter((fault) => fault.milestone === milestone).length)),
      String(some.filter(({ wasBusy }) => wasBusy).length),
      String(times.length),
      seconds(quantile(times, 0.5)),
      seconds(quantile(times, 0.99)),
    ]
  })
}

/** Lists faults that hit nothing in any seed, and habits that nobody met. */
export function missed(results: readonly Pick<SeedResult, 'faults' | 'metHabits'>[]): string[] {
  const hit = results.flatMap(({ faults }) => faults.filter((fault) => fault.hit).map(({ name }) => name))
  const met = results.flatMap(({ metHabits }) => metHabits)
  return [...FAULT_NAMES.filter((name) => !hit.includes(name)), ...HABIT_NAMES.filter((name) => !met.includes(name))]
}

/**
 * Tells why a run of seeds must not pass; empty: it may. It tells everything, because the end of a long log is often
 * all that is kept of it.
 * @param isCi the fixed seeds, in which each fault must have hit something.
 */
export function failuresOf(
  results: readonly Pick<SeedResult, 'plan' | 'faults' | 'metHabits' | 'violations'>[],
  { isCi }: { isCi: boolean },
): string[] {
  const broken = results.flatMap(({ plan, violations }) =>
    violations.map((violation) => `Seed ${plan.seed}: ${violation}`),
  )
  const unmet = isCi ? missed(results) : []
  return [
    ...(results.length === 0 ? ['No seed was run.'] : []),
    ...broken,
    ...(unmet.length === 0 ? [] : [`Hit nothing, so these seeds say nothing of them: ${unmet.join(', ')}.`]),
  ]
}

const NO_LINES_BETWEEN_ROWS = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' }

export function summaryTable(results: readonly SeedResult[]): string {
  const table = new Table({ head: FAULT_COLUMNS, style: { head: [], border: [] }, chars: NO_LINES_BETWEEN_ROWS })
  table.push(...faultRows(results))
  return table.toString()
}

/** Sums a run up. "Lost" and the like count violations, which is what they are. */
export function summaryLine(results: readonly SeedResult[]): string {
  const count = (pattern: RegExp) =>
    results.flatMap((result) => result.violations).filter((text) => pattern.test(text)).length
  const failed = results.filter((result) => result.violations.length > 0).map(({ plan }) => plan.seed)
  const verdict = failed.length === 0 ? 'all hold' : `broken by seeds ${failed.join(', ')}`
  return `${results.length} seeds: ${verdict}; penalties ${count(PENALTY)}, lost proofs ${count(LOST)}, made twice ${count(MADE_TWICE)}, stuck ${count(STUCK)}`
}

const quantile = (sorted: readonly number[], q: number): number | undefined =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]

const seconds = (ms: number | undefined): string => (ms === undefined ? '-' : `${(ms / 1000).toFixed(1)} s`)
