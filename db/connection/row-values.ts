import type { Address } from '../../protocol/base/ranges.ts'

/** Gives an address its one form. They come with and without checksum case, and queries compare texts. */
export const lowerCase = (address: Address): Address => address.toLowerCase() as Address

/** Gives the row of a statement that always returns one. */
export function only<T>(rows: T[]): T {
  const [row] = rows
  if (row === undefined) throw new Error('A statement that returns a row returned none.')
  return row
}
