import Table from 'cli-table3'
import type { SeedResult } from './run-seed.ts'

/** One seed in a line, and a line for each thing that doesn't hold. */
export function resultLines({ plan, violations, durationMs, dataDir }: SeedResult): string[] {
  const drawn = [...plan.faults, ...plan.rivals].map(({ name }) => name).join(', ')
  const verdict = violations.length === 0 ? 'all holds' : `FAILED, its data is in ${dataDir}`
  return [
    `seed ${plan.seed}: ${drawn}; ${(durationMs / 1000).toFixed(0)} s; ${verdict}`,
    ...violations.map((violation) => `  VIOLATED  ${violation}`),
  ]
}

/** Faults by kind with what became of them. "Lost" and "penalties" count violations, which is what they are. */
export function summaryTable(results: readonly SeedResult[]): string {
  const faults = results.flatMap((result) => result.faults)
  const names = [...new Set(faults.map(({ name }) => name))].sort()
  const table = new Table({
    head: ['fault', 'injected', 'while work was open', 'followed by progress', 'p50', 'p99'],
    style: { head: [], border: [] },
  })
  for (const name of [...names, null]) {
    const some = faults.filter((fault) => name === null || fault.name === name)
    const times = some.flatMap(({ recoveredMs }) => recoveredMs ?? []).sort((a, b) => a - b)
    table.push([
      name ?? 'all',
      some.length,
      some.filter(({ wasBusy }) => wasBusy).length,
      times.length,
      seconds(quantile(times, 0.5)),
      seconds(quantile(times, 0.99)),
    ])
  }
  return table.toString()
}

export function summaryLine(results: readonly SeedResult[]): string {
  const count = (pattern: RegExp) => results.flatMap((result) => result.violations).filter((text) => pattern.test(text)).length
  const failed = results.filter((result) => result.violations.length > 0).map(({ plan }) => plan.seed)
  const verdict = failed.length === 0 ? 'all hold' : `broken by seeds ${failed.join(', ')}`
  return `${results.length} seeds: ${verdict}; penalties ${count(/penalty of/)}, lost proofs ${count(/is lost|not in the archive/)}, made twice ${count(/was made/)}, stuck ${count(/are stuck/)}`
}

const quantile = (sorted: readonly number[], q: number): number | undefined =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]

const seconds = (ms: number | undefined): string => (ms === undefined ? '-' : `${(ms / 1000).toFixed(1)} s`)
