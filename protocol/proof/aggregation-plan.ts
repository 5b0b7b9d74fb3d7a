import { type BatchRange, batchCount, formatRange } from '../base/ranges.ts'
import type { Stage } from './task.ts'

/** A verified proof of a range, or one that is being made. */
export interface Span extends BatchRange {
  state: 'ready' | 'busy'
}

/** Neighbours to be joined into one aggregate, from left to right. */
export type Join = [left: Span, right: Span]

/**
 * Says which neighbours to join now. A join starts as soon as two neighbours are ready, the smaller spans first. It
 * waits for no fixed tree, so that as little as possible is left to do when the last batch proof arrives
 * (docs/design.md#joins).
 * @param spans disjoint, sorted by `from`. A range that nobody has begun yet is simply missing.
 */
export function readyJoins(spans: readonly Span[]): Join[] {
  const pairs: Join[] = spans.flatMap((left, i) => {
    const right = spans[i + 1]
    const adjacent =
      right !== undefined && left.to + 1 === right.from && left.state === 'ready' && right.state === 'ready'
    return adjacent ? [[left, right] satisfies Join] : []
  })
  const size = ([left, right]: Join) => batchCount(left) + batchCount(right)
  const taken = new Set<Span>()
  return pairs
    .sort((a, b) => size(a) - size(b) || a[0].from - b[0].from)
    .filter(([left, right]) => {
      if (taken.has(left) || taken.has(right)) return false
      taken.add(left).add(right)
      return true
    })
}

/** Replaces the two sides of a join by the span that it makes, which stays busy until its proof is verified. */
export function beginJoin(spans: readonly Span[], [left, right]: Join): Span[] {
  return spans
    .filter((s) => s !== left && s !== right)
    .concat({ from: left.from, to: right.to, state: 'busy' })
    .sort(byStart)
}

/**
 * Marks the proof of a range as verified, and adds the span if it is new. It takes the place of what it covers.
 * A proof that a bigger span covers already adds nothing: a result may come late, or from an earlier run's tree.
 */
export function finishSpan(spans: readonly Span[], range: BatchRange): Span[] {
  if (spans.some((s) => covers(s, range) && !covers(range, s))) return [...spans]
  return spans
    .filter((s) => !covers(range, s))
    .concat({ from: range.from, to: range.to, state: 'ready' })
    .sort(byStart)
}

/**
 * Picks the proofs that exist already and that are begun with: the wider ones first, and none that overlaps another.
 * @returns them sorted by `from`. What they don't cover is yet to be proved.
 */
export function widestSpans<T extends BatchRange>(proofs: readonly T[]): T[] {
  const chosen: T[] = []
  for (const proof of [...proofs].sort((a, b) => batchCount(b) - batchCount(a) || byStart(a, b))) {
    if (chosen.every((other) => proof.to < other.from || proof.from > other.to)) chosen.push(proof)
  }
  return chosen.sort(byStart)
}

/** Lists what joins of proofs that exist may have been begun, by whatever plan. */
export function possibleJoins(proofs: readonly BatchRange[]): BatchRange[] {
  const byFrom = Map.groupBy(proofs, ({ from }) => from)
  const joins = proofs.flatMap((left) =>
    (byFrom.get(left.to + 1) ?? []).map((right) => ({ from: left.from, to: right.to })),
  )
  const made = new Set(proofs.map(formatRange))
  return [...new Map(joins.map((join) => [formatRange(join), join])).values()].filter(
    (join) => !made.has(formatRange(join)),
  )
}

/** Lists the parts of a range that lie between spans. @param spans disjoint, sorted by `from`, inside the range. */
export function gaps(range: BatchRange, spans: readonly BatchRange[]): BatchRange[] {
  const starts = [range.from, ...spans.map((span) => span.to + 1)]
  const ends = [...spans.map((span) => span.from - 1), range.to]
  return starts.map((from, i) => ({ from, to: ends[i] ?? range.to })).filter((gap) => gap.from <= gap.to)
}

/**
 * Cuts a long range into parts that each fit one `proveRange` workflow. @param maxBatches batches per part, at least 1.
 */
export function splitRange(range: BatchRange, maxBatches: number): BatchRange[] {
  const parts = Math.ceil(batchCount(range) / maxBatches)
  const step = Math.ceil(batchCount(range) / parts)
  return Array.from({ length: parts }, (_, i) => ({
    from: range.from + i * step,
    to: Math.min(range.to, range.from + (i + 1) * step - 1),
  })).filter((part) => part.from <= part.to)
}

/**
 * Lists what is left of a range, as pieces that lie side by side. These are proofs that are there, and single batches.
 * Where they are too many for one history, they are parts of so many of them each. So parts stay parts, however small
 * the gaps are that an earlier run has left.
 * @param found disjoint proofs inside the range, sorted by `from`.
 * @param most pieces of one history, at least 1.
 */
export function pieces(range: BatchRange, found: readonly BatchRange[], most: number): BatchRange[] {
  const missing = gaps(range, found).flatMap((gap) => splitRange(gap, 1))
  const all = [...found, ...missing].map(({ from, to }) => ({ from, to })).sort(byStart)
  if (all.length <= most) return all
  const size = Math.ceil(all.length / Math.ceil(all.length / most))
  return all.flatMap(({ from }, i) =>
    i % size === 0 ? [{ from, to: all[Math.min(i + size, all.length) - 1]?.to ?? range.to }] : [],
  )
}

const covers = (outer: BatchRange, inner: BatchRange): boolean => outer.from <= inner.from && inner.to <= outer.to

const byStart = (a: BatchRange, b: BatchRange): number => a.from - b.from

/** Counts the proofs that make one of a whole range, whatever the tree: n of batches, n-1 joins. */
export const proofsOfSpan = (range: BatchRange): number => 2 * batchCount(range) - 1

/** Counts the proofs that settle a sequence: those of its range and a final one. */
export const proofsNeeded = (range: BatchRange): number => proofsOfSpan(range) + 1

/**
 * Counts how many of the proofs that are needed these stand for. What lies beneath them counts. The tree of an earlier
 * run isn't counted beside that of this one.
 */
export function proofsMade(proofs: readonly { stage: Stage; range: BatchRange }[]): number {
  const beneath = widestSpans(proofs.map(({ range }) => range)).reduce((sum, span) => sum + proofsOfSpan(span), 0)
  return beneath + (proofs.some(({ stage }) => stage === 'final') ? 1 : 0)
}
