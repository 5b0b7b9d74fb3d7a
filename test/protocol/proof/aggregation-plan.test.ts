import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type BatchRange, batchCount, formatRange, initNumBatch } from '../../../protocol/base/ranges.ts'
import {
  beginJoin,
  finishSpan,
  gaps,
  pieces,
  possibleJoins,
  proofsMade,
  proofsNeeded,
  readyJoins,
  type Span,
  splitRange,
  widestSpans,
} from '../../../protocol/proof/aggregation-plan.ts'

describe('pieces of what is left', () => {
  test.each([
    { range: '1-3', found: '', most: 4, expected: '1 2 3', why: 'single batches' },
    { range: '1-5', found: '2-3', most: 4, expected: '1 2-3 4 5', why: 'what is there is one piece' },
    { range: '1-9', found: '', most: 4, expected: '1-3 4-6 7-9', why: 'parts of equal size' },
    { range: '1-8', found: '2 4 6', most: 4, expected: '1-4 5-8', why: 'small gaps are parts too' },
    { range: '1-6', found: '1 2 3 4 5 6', most: 4, expected: '1-3 4-6', why: 'so are proofs that are to be joined' },
    { range: '1-50', found: '1-46', most: 4, expected: '1-48 49-50', why: 'a part may hold what is there' },
  ])('$found of $range: $why', ({ range, found, most, expected }) => {
    const left = pieces(parse(range)[0] ?? { from: 0, to: 0 }, parse(found), most)
    expect(left.map(formatRange).join(' ')).toBe(expected)
  })

  const anyFound = fc.uniqueArray(fc.integer({ min: 1, max: 1_000 }), { maxLength: 300 }).map((starts) => {
    const sorted = starts.sort((a, b) => a - b)
    return sorted.map((from, i) => ({ from, to: Math.min(from + 3, (sorted[i + 1] ?? 1_001) - 1) }))
  })

  test('lie side by side, cut no proof that is there, and are few, here and in each part', () => {
    fc.assert(
      fc.property(anyFound, fc.integer({ min: 1, max: 1_000 }), (all, batches) => {
        const range = { from: 1, to: batches }
        const found = all.filter(({ to }) => to <= batches)
        const parts = pieces(range, found, 40)
        expect(parts.length).toBeLessThanOrEqual(40)
        expect(parts.map(({ from }) => from)).toEqual([1, ...parts.slice(0, -1).map(({ to }) => to + 1)])
        expect(parts.at(-1)?.to).toBe(batches)
        for (const span of found) expect(parts.some((part) => part.from <= span.from && span.to <= part.to)).toBe(true)
        for (const part of parts) {
          const within = found.filter(({ from, to }) => part.from <= from && to <= part.to)
          expect(
            pieces(part, within, 40).every(
              (piece) => batchCount(piece) === 1 || within.some((s) => s.from === piece.from),
            ),
          ).toBe(true)
        }
      }),
    )
  })

  test('where none is there they are those of a range that is split', () => {
    fc.assert(
      fc.property(fc.integer({ min: 41, max: 1_600 }), (batches) => {
        expect(pieces({ from: 1, to: batches }, [], 40)).toEqual(splitRange({ from: 1, to: batches }, 40))
      }),
    )
  })
})

describe('proofs made', () => {
  test.each([
    { proofs: '', made: 0, why: 'none' },
    { proofs: '1 3', made: 2, why: 'batch proofs' },
    { proofs: '1 2 1-2', made: 3, why: 'and a join' },
    { proofs: '1-2', made: 3, why: 'what lies beneath counts, wherever it is' },
    { proofs: '1 2 3 1-2 2-3', made: 4, why: 'joins of two trees count once' },
    { proofs: '1 2 3 1-2 2-3 1-3', made: 5, why: 'all but the final one' },
    { proofs: '1-3 final', made: 6, why: 'all' },
  ])('$proofs: $why', ({ proofs, made }) => {
    const all = proofs.split(' ').filter((one) => one !== '')
    const toProof = (text: string) => ({ stage: 'aggregate' as const, range: parse(text)[0] ?? WHOLE })
    const WHOLE = { from: 1, to: 3 }
    expect(proofsMade(all.map((one) => (one === 'final' ? { stage: 'final', range: WHOLE } : toProof(one))))).toBe(made)
    expect(made).toBeLessThanOrEqual(proofsNeeded(WHOLE))
  })
})

describe('joins', () => {
  test.each([
    { spans: '', joins: '', why: 'nothing to join' },
    { spans: '1', joins: '', why: 'a lone proof is the root' },
    { spans: '1 2', joins: '1+2', why: 'two neighbours' },
    { spans: '1 3', joins: '', why: 'a gap lies between' },
    { spans: '1 2*', joins: '', why: 'one is still being made' },
    { spans: '1-4 5 6', joins: '5+6', why: 'the smaller spans first' },
    { spans: '1 2 3', joins: '1+2', why: 'of equals the left ones; each proof once' },
    { spans: '1 2 4 5', joins: '1+2 4+5', why: 'both sides of a gap at once' },
    { spans: '1-2 3 4-7', joins: '1-2+3', why: 'three against five' },
  ])('$spans: $why', ({ spans, joins }) => {
    const found = readyJoins(parse(spans)).map(([left, right]) => `${formatRange(left)}+${formatRange(right)}`)
    expect(found.join(' ')).toBe(joins)
  })

  test('end in one span with n-1 joins, in any order of arrival, and none is begun twice', () => {
    fc.assert(
      fc.property(arrivals, fc.infiniteStream(fc.nat()), ({ order, first }, picks) => {
        const played = play(order, first, () => picks.next().value)
        expect(played.spans).toEqual([{ from: first, to: first + order.length - 1, state: 'ready' }])
        expect(played.joins).toHaveLength(order.length - 1)
        expect(new Set(played.joins).size).toBe(order.length - 1)
      }),
    )
  })

  test('leave at most two when the last batch comes, if provers keep up', () => {
    fc.assert(
      fc.property(arrivals, ({ order, first }) => {
        const before = joinAll(
          order.slice(0, -1).reduce((spans, i) => joinAll(arrive(spans, first + i)).spans, [] as Span[]),
        )
        const last = joinAll(arrive(before.spans, first + (order.at(-1) ?? 0)))
        expect(last.joins).toBeLessThanOrEqual(2)
        expect(last.spans).toHaveLength(1)
      }),
    )
  })

  test('take ⌈log2 n⌉ rounds when all batches come at once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), (count) => {
        const spans = Array.from({ length: count }, (_, i): Span => ({ from: i + 1, to: i + 1, state: 'ready' }))
        expect(joinAll(spans).rounds).toBeLessThanOrEqual(Math.ceil(Math.log2(count)) + 1)
      }),
    )
  })
})

describe('finished spans', () => {
  test.each([
    { spans: '1', done: '3', after: '1 3', why: 'a new one takes its place in the order' },
    { spans: '3', done: '1', after: '1 3', why: 'also before the others' },
    { spans: '1-2*', done: '1-2', after: '1-2', why: 'a join that was being made' },
    { spans: '1-2', done: '1-2', after: '1-2', why: 'the same once more' },
    { spans: '1 2 3-4* 5', done: '1-4', after: '1-4 5', why: 'a stored aggregate takes the place of what it covers' },
    { spans: '1-4*', done: '2', after: '1-4*', why: 'a late result under a bigger span adds nothing' },
  ])('$spans and $done: $why', ({ spans, done, after }) => {
    const [range] = parse(done)
    expect(finishSpan(parse(spans), range as Span)).toEqual(parse(after))
  })
})

describe('what an earlier run left', () => {
  const range = { from: 1, to: 30 }
  const proofs = fc.array(
    fc
      .tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }))
      .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) })),
  )

  test('is used without overlap, and with the gaps it covers the range exactly', () => {
    fc.assert(
      fc.property(proofs, (some) => {
        const spans = widestSpans(some)
        const all = [...spans, ...gaps(range, spans)].sort((a, b) => a.from - b.from)
        expect(all.flatMap((part) => Array.from({ length: batchCount(part) }, (_, i) => part.from + i))).toEqual(
          Array.from({ length: 30 }, (_, i) => i + 1),
        )
      }),
    )
  })

  test.each([
    { proofs: '1 2 1-2 3', spans: '1-2 3', why: 'an aggregate instead of what it covers' },
    { proofs: '1-2 2-4', spans: '2-4', why: 'of two that overlap the wider' },
    { proofs: '3 1', spans: '1 3', why: 'in order' },
  ])('$proofs: $why', ({ proofs: text, spans }) => expect(widestSpans(parse(text))).toEqual(parse(spans)))

  test.each([
    { proofs: '1 2 1-2 3 4', joins: ['2-3', '1-3', '3-4'], why: 'whichever halves a plan had taken, each join once' },
    { proofs: '1 3', joins: [], why: 'neighbours only' },
    { proofs: '', joins: [], why: 'nothing is there' },
  ])('may have joins of $proofs: $why', ({ proofs: text, joins }) => {
    expect(new Set(possibleJoins(parse(text)).map(formatRange))).toEqual(new Set(joins))
  })
})

describe('parts of a range', () => {
  test('cover it exactly, in order, none above the limit and all but the last alike', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 1, max: 2000 }),
        fc.integer({ min: 1, max: 100 }),
        (from, count, max) => {
          const parts = splitRange({ from, to: from + count - 1 }, max)
          const batches = parts.flatMap((part) => Array.from({ length: batchCount(part) }, (_, i) => part.from + i))
          expect(batches).toEqual(Array.from({ length: count }, (_, i) => from + i))
          expect(Math.max(...parts.map(batchCount))).toBeLessThanOrEqual(max)
          expect(new Set(parts.slice(0, -1).map(batchCount)).size).toBeLessThanOrEqual(1)
        },
      ),
    )
  })

  test.each([
    { count: 4, max: 4, parts: '1-4', why: 'it fits' },
    { count: 5, max: 4, parts: '1-3 4-5', why: 'even parts instead of a full one and a crumb' },
    { count: 3, max: 1, parts: '1 2 3', why: 'one each' },
    { count: 9, max: 4, parts: '1-3 4-6 7-9', why: 'three of three' },
  ])('$count by $max: $why', ({ count, max, parts }) =>
    expect(splitRange({ from: 1, to: count }, max).map(formatRange).join(' ')).toBe(parts),
  )

  test('initNumBatch is the batch before', () => expect(initNumBatch({ from: 4, to: 6 })).toBe(3))
})

const arrivals = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 1000 })).chain(([count, first]) =>
  fc.record({
    order: fc.shuffledSubarray([...Array(count).keys()], { minLength: count, maxLength: count }),
    first: fc.constant(first),
  }),
)

/** Reads spans: `1-2* 3` means that batches 1 to 2 are being made, and batch 3 is ready. */
function parse(text: string): Span[] {
  return text
    .split(' ')
    .filter(Boolean)
    .map((word) => {
      const [from, to] = word.replace('*', '').split('-').map(Number)
      return { from: from ?? 0, to: to ?? from ?? 0, state: word.endsWith('*') ? 'busy' : 'ready' }
    })
}

const arrive = (spans: readonly Span[], batch: number): Span[] => finishSpan(spans, { from: batch, to: batch })

/** Has batches arrive in order, and joins finish whenever `pick` says so. */
function play(order: number[], first: number, pick: () => number): { spans: Span[]; joins: string[] } {
  const pending = [...order]
  const busy: BatchRange[] = []
  const joins: string[] = []
  let spans: Span[] = []
  while (pending.length + busy.length > 0) {
    const isArrival = busy.length === 0 || (pending.length > 0 && pick() % 2 === 0)
    const [done] = isArrival ? [] : busy.splice(pick() % busy.length, 1)
    spans = done === undefined ? arrive(spans, first + (pending.shift() ?? 0)) : finishSpan(spans, done)
    for (const join of readyJoins(spans)) {
      spans = beginJoin(spans, join)
      busy.push({ from: join[0].from, to: join[1].to })
      joins.push(formatRange({ from: join[0].from, to: join[1].to }))
    }
    expectDisjoint(spans)
  }
  return { spans, joins }
}

/** Makes every ready join at once, round after round. */
function joinAll(start: readonly Span[]): { spans: Span[]; joins: number; rounds: number } {
  let spans = [...start]
  let joins = 0
  let rounds = 0
  for (let ready = readyJoins(spans); ready.length > 0; ready = readyJoins(spans)) {
    for (const join of ready) spans = finishSpan(beginJoin(spans, join), { from: join[0].from, to: join[1].to })
    joins += ready.length
    rounds += 1
  }
  return { spans, joins, rounds }
}

function expectDisjoint(spans: readonly Span[]): void {
  spans.slice(1).forEach((span, i) => {
    expect(span.from).toBeGreaterThan(spans[i]?.to ?? 0)
  })
}
