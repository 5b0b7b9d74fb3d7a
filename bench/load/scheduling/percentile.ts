/**
 * Finds the number below which a part of them lies, between two of them where it falls between.
 * @param part from 0 to 1; .5 is the median.
 * @throws RangeError for no numbers.
 */
export function percentile(numbers: readonly number[], part: number): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  const place = part * (sorted.length - 1)
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
  if (low === undefined || high === undefined) throw new RangeError('No numbers have no percentiles.')
  return low + (high - low) * (place - Math.floor(place))
}
