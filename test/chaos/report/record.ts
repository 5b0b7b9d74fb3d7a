import { markdownTable } from '../../../dev/checks/markdown-table.ts'
import type { Breakage } from '../breakages/breakage.ts'
import type { Figures } from '../invariants/index.ts'
import type { SeedResult } from '../run-seed.ts'
import { FAULT_COLUMNS, faultRows, LOST, MADE_TWICE, PENALTY, STUCK } from './summary.ts'

/** A seed as it is recorded, a line of JSON each. */
export type RecordedSeed = Pick<SeedResult, 'violations' | 'figures' | 'faults' | 'metHabits' | 'durationMs'> & {
  plan: { seed: number; rivals: { name: string }[]; sequences: unknown[]; habits: string[] }
  /** The moment in ISO form. */
  endedAt: string
}

/** What became of a breakage, a line of JSON each. */
export interface RecordedBreakage extends Pick<Breakage, 'name' | 'what' | 'only'> {
  /** Null: no seed noticed. Seed 0: a plan that no seed draws. */
  caught: { seed: number; violation: string } | null
  seedsTried: number
}

/** Renders the figures of a run in Markdown, and nothing that wasn't measured. */
export function renderRun(seeds: readonly RecordedSeed[], { cores }: { cores: number }): string {
  const broken = seeds.filter(({ violations }) => violations.length > 0)
  const days = [...new Set(seeds.map(({ endedAt }) => endedAt.slice(0, 10)))].sort()
  const rivals = countOf(seeds.flatMap(({ plan }) => plan.rivals.map(({ name }) => name)))
  const habits = countOf(seeds.flatMap(({ plan }) => plan.habits))
  const hours = (seeds.reduce((sum, { durationMs }) => sum + durationMs, 0) / 3_600_000).toFixed(1)
  return [
    `Recorded ${days.join(' and ')} on ${cores} cores: **${seeds.length} seeds** (${rangesOf(seeds.map(({ plan }) => plan.seed))}), ${hours} hours of runs, several at a time.`,
    '',
    markdownTable(['figure', 'value'], figureRows(seeds)),
    '',
    `Rivals: ${timesOf(rivals)}.`,
    '',
    `Habits of endpoints: ${timesOf(habits)}.`,
    '',
    markdownTable(FAULT_COLUMNS, faultRows(seeds)),
    '',
    broken.length === 0 ? 'No seed broke an invariant.' : 'Seeds that broke an invariant:',
    ...(broken.length === 0
      ? []
      : [
          '',
          ...broken.flatMap(({ plan, violations }) => violations.map((one) => `* seed ${plan.seed}: ${inline(one)}`)),
        ]),
  ].join('\n')
}

function figureRows(seeds: readonly RecordedSeed[]): string[][] {
  const total = (of: (figures: Figures) => number) =>
    String(seeds.reduce((sum, { figures }) => sum + (figures === null ? 0 : of(figures)), 0))
  const violations = seeds.flatMap((seed) => seed.violations)
  const count = (pattern: RegExp) => String(violations.filter((text) => pattern.test(text)).length)
  return [
    ['sequences posted', String(seeds.reduce((sum, { plan }) => sum + plan.sequences.length, 0))],
    ['proofs finished, all stages', total(({ proofs }) => proofs)],
    ['transactions of ours on chain', total(({ transactions }) => transactions)],
    ['proofs of ours accepted', total(({ accepted }) => accepted)],
    ['faults injected', String(seeds.flatMap(({ faults }) => faults).length)],
    ['penalties of our making', count(PENALTY)],
    ['penalties that the plan excuses', total(({ excusedPenalties }) => excusedPenalties)],
    ['lost proofs', count(LOST)],
    ['proofs made twice', count(MADE_TWICE)],
    ['stuck sequences or workflows', count(STUCK)],
    ['seeds that broke an invariant', String(seeds.filter((seed) => seed.violations.length > 0).length)],
  ]
}

/** Renders the table of breakages in Markdown. */
export const renderBreakages = (all: readonly RecordedBreakage[]): string =>
  markdownTable(
    ['breakage', 'what the code then does', 'plan', 'what the harness says'],
    all.map(({ name, what, only, caught, seedsTried }) => [
      `\`${name}\``,
      what,
      caught === null
        ? '-'
        : caught.seed === 0
          ? 'one of its own'
          : `\`--seed ${caught.seed}${only ? ` --only ${only.join(',')}` : ''}\``,
      caught === null ? `nothing, in ${seedsTried} plans` : inline(caught.violation),
    ]),
  )

/** So much of what a failure says tells which one it is. */
const MOST_CHARS = 160

/** Leaves stacks out and shortens hashes: nobody compares them in a document. */
function inline(text: string): string {
  const line = (text.split('\n')[0] ?? '').replaceAll('|', '/').replaceAll(/0x([0-9a-f]{8})[0-9a-f]{24,}/gi, '0x$1…')
  return line.length <= MOST_CHARS ? line : `${line.slice(0, MOST_CHARS)}…`
}

const timesOf = (counts: readonly [string, number][]): string =>
  counts.map(([name, count]) => `${count} × \`${name}\``).join(', ') || 'none'

const countOf = (names: readonly string[]): [string, number][] =>
  [...new Set(names)].sort().map((name) => [name, names.filter((one) => one === name).length])

/** Writes seeds as `1-3, 7`. */
function rangesOf(seeds: readonly number[]): string {
  const sorted = [...new Set(seeds)].sort((a, b) => a - b)
  const firsts = sorted.filter((seed) => !sorted.includes(seed - 1))
  const lasts = sorted.filter((seed) => !sorted.includes(seed + 1))
  return firsts.map((first, i) => (first === lasts[i] ? `${first}` : `${first}-${lasts[i]}`)).join(', ')
}
