import Table from 'cli-table3'
import type { SeedResult } from './run-seed.ts'

/** Faults by kind with what became of them. "Lost" and "penalties" count violations, which is what they are. */
export function summaryTable(results: readonly SeedResult[]): string {
  const faults = results.flatMap((result) => result.faults)
  const names = [...new Set(faults.map(({ name }) => name))].sort()
  const table = new Table({ head: ['fault', 'injected', 'followed by progress', 'p50', 'p99'] })
  for (const name of [...names, null]) {
    const some = faults.filter((fault) => name === null || fault.name === name)
    const times = some.flatMap(({ recoveredMs }) => recoveredMs ?? []).sort((a, b) => a - b)
    table.push([name ?? 'all', some.length, times.length, seconds(quantile(times, 0.5)), seconds(quantile(times, 0.99))])
  }
  return table.toString()
}

export function summaryLine(results: readonly SeedResult[]): string {
  const count = (pattern: RegExp) => results.flatMap((result) => result.violations).filter((text) => pattern.test(text)).length
  const failed = results.filter((result) => result.violations.length > 0).map(({ seed }) => seed)
  const verdict = failed.length === 0 ? 'all hold' : `broken by seeds ${failed.join(', ')}`
  return `${results.length} seeds: ${verdict}; penalties ${count(/penalty of/)}, lost proofs ${count(/is lost|not in the archive/)}, made twice ${count(/was made/)}, stuck ${count(/are stuck/)}`
}

const quantile = (sorted: readonly number[], q: number): number | undefined =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]

const seconds = (ms: number | undefined): string => (ms === undefined ? '-' : `${(ms / 1000).toFixed(1)} s`)
