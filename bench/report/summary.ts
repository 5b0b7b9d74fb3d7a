import { markdownTable } from '../../dev/checks/markdown-table.ts'
import type { Figures } from '../benchmark.ts'
import { percentile } from '../load/scheduling/percentile.ts'

/** One figure over all rounds. */
export interface Row {
  figure: string
  /** Median of this build. */
  median: number
  lowest: number
  highest: number
  /** Median of the other build; null when only this one was measured. */
  against: number | null
  /** Median of the ratios this / other, pair by pair; null also where the other is 0. */
  ratio: number | null
}

/** A round: figures of this build, and of the other one when there is one. */
export interface Round {
  ours: Figures
  theirs: Figures | null
}

/** Makes one row for each figure that this build has. A figure that the other build lacks isn't compared. */
export function summarize(rounds: readonly Round[]): Row[] {
  const figures = Object.keys(rounds[0]?.ours ?? {})
  return figures.map((figure) => {
    const ours = rounds.flatMap(({ ours }) => ours[figure] ?? [])
    const pairs = rounds.flatMap(({ ours, theirs }) => {
      const [a, b] = [ours[figure], theirs?.[figure]]
      return a === undefined || b === undefined ? [] : [{ theirs: b, ratio: a / b }]
    })
    return {
      figure,
      median: median(ours),
      lowest: Math.min(...ours),
      highest: Math.max(...ours),
      against: pairs.length === 0 ? null : median(pairs.map(({ theirs }) => theirs)),
      ratio:
        pairs.length === 0 || pairs.some(({ theirs }) => theirs === 0) ? null : median(pairs.map(({ ratio }) => ratio)),
    }
  })
}

const median = (numbers: readonly number[]): number => percentile(numbers, 0.5)

/** Makes the lines of a Markdown table. */
export function tableOf(rows: readonly Row[], against: string | null): string[] {
  const cells = rows.map((row) => [
    row.figure,
    digits(row.median),
    `${digits(row.lowest)} to ${digits(row.highest)}`,
    ...(against === null ? [] : [row.against === null ? '-' : digits(row.against)]),
    ...(against === null ? [] : [row.ratio === null ? '-' : row.ratio.toFixed(3)]),
  ])
  const head = ['figure', 'median', 'range', ...(against === null ? [] : [`at ${against}`, 'ratio'])]
  return markdownTable(head, cells).split('\n')
}

/** Writes three digits that mean something, as far as a number has them. */
const digits = (value: number): string =>
  Number(value.toPrecision(3)).toLocaleString('en-US', { maximumFractionDigits: 6 })
