/** The largest sequence has as many batches as this many of the smallest, where there are batches enough. */
const SPREAD = 100

/** Its multiples' fractions lie far from each other, however many there are. */
const GOLDEN = (Math.sqrt(5) - 1) / 2

/**
 * Shares batches out to sequences of one batch to many, in a fixed mixed order: as many sequences as asked for, and as
 * many batches in all.
 * @throws RangeError where there are fewer batches than sequences.
 */
export function mixedSizes(batches: number, sequences: number): number[] {
  if (sequences < 1 || batches < sequences)
    throw new RangeError(`${sequences} sequences need as many batches, got ${batches}.`)
  const weights = Array.from({ length: sequences }, (_, i) => SPREAD ** (i / Math.max(1, sequences - 1)))
  let left = { batches: batches - sequences, weight: weights.reduce((sum, weight) => sum + weight, 0) }
  // Each has one batch, and the rest is shared out by weight. What rounding leaves goes to those that come later.
  const sizes = weights.map((weight) => {
    const more = Math.round((left.batches * weight) / left.weight)
    left = { batches: left.batches - more, weight: left.weight - weight }
    return 1 + more
  })
  return sizes
    .map((size, i) => ({ size, place: (i * GOLDEN) % 1 }))
    .sort((a, b) => a.place - b.place)
    .map(({ size }) => size)
}
