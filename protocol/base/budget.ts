import { coins } from './units.ts'

/**
 * Something that an account may yet have to pay before it begins anything new: a proof that is owed, or a transaction
 * under way.
 */
export interface Liability {
  /** For people: "the proof of batches 1-3 of pay". */
  what: string
  /** Gas limit × fee cap, and the value that is sent; a decimal string. */
  wei: string
}

/**
 * What an account has, and what must be left for a new hash and for everything that comes before it.
 * All sums are wei as decimal strings.
 */
export interface Budget {
  balanceWei: string
  /** What commit and proof of one more hash may cost at the fee cap. */
  reserveWei: string
  /** What the account may have to pay besides. */
  liabilities: readonly Liability[]
}

/**
 * Lists what must be there for a new hash: its own commit and proof. After them everything else that is out can still
 * be paid.
 */
export const needOf = ({ reserveWei, liabilities }: Omit<Budget, 'balanceWei'>): Liability[] => [
  { what: 'a commit and its proof', wei: reserveWei },
  ...liabilities,
]

/** Sums up all of them, wei. */
export const sumOf = (liabilities: readonly Liability[]): bigint =>
  liabilities.reduce((sum, { wei }) => sum + BigInt(wei), 0n)

/** Describes them for people, in coins: "0.9 for a commit and its proof, 0.4 for the proof of batches 1-3 of pay". */
export const describeLiabilities = (liabilities: readonly Liability[]): string =>
  liabilities.map(({ what, wei }) => `${coins(wei)} for ${what}`).join(', ')

/** Says why a balance doesn't pay all of them, for people; null when it does. */
export function shortOf(balanceWei: string, liabilities: readonly Liability[]): string | null {
  const needed = sumOf(liabilities)
  if (BigInt(balanceWei) >= needed) return null
  return `balance is ${coins(balanceWei)}, at the fee cap ${coins(needed)} are needed: ${describeLiabilities(liabilities)}`
}
