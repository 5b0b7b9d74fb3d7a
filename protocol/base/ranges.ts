/** `0x`-prefixed lower-case hex of any length, as JSON carries it. */
export type Hex = `0x${string}`

/** 20-byte account or contract address. */
export type Address = `0x${string}`

/** Tells whether two addresses are the same account: they come with and without checksum case. */
export const isSameAddress = (a: string | null | undefined, b: string): boolean => a?.toLowerCase() === b.toLowerCase()

/** A range of batches, both ends included. Batch numbers start at 1; 0 is the genesis. */
export interface BatchRange {
  from: number
  to: number
}

/** A sequence: the batches that one sequencing transaction posted to the contract of one rollup. */
export interface SequenceKey extends BatchRange {
  /** Name of the rollup in the configuration. */
  rollup: string
}

/**
 * A sequence with the data that it carried when somebody looked. After a reorg the same key may stand for other data.
 */
export interface SequenceRef extends SequenceKey {
  /** Accumulated input hash at the last batch of the sequence. */
  accInputHash: Hex
}

/** Gives the number of the last batch before the range: what the contracts call `initNumBatch`. */
export const initNumBatch = (range: BatchRange): number => range.from - 1

/** Counts the batches in the range. */
export const batchCount = (range: BatchRange): number => range.to - range.from + 1

/** Shows a range to people: `4` or `4-6`. */
export const formatRange = (range: BatchRange): string =>
  range.from === range.to ? `${range.from}` : `${range.from}-${range.to}`

/** Tells whether two ranges have the same ends. */
export const isSameRange = (a: BatchRange, b: BatchRange): boolean => a.from === b.from && a.to === b.to

/** Tells whether all batches of `part` are batches of `whole`. */
export const isPartOf = (part: BatchRange, whole: BatchRange): boolean => part.from >= whole.from && part.to <= whole.to
