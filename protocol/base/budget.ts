import { coins } from './units.ts'

/**
 * Something that an account may yet have to pay before it begins anything new: a proof that is owed, or a transaction
 * under way.
 */
export interface Outlay {
  /** For people: "the proof of batches 1-3 of pay". */
  what: string
  /** Gas limit × fee cap, and the value that is sent; a decimal string. */
  wei: string
}

/**
 * What an account has, and what must be left for a new hash and everything that comes before it; wei as decimal
 * strings.
 */
export interface Budget {
  balanceWei: string
  /** What commit and proof of one more hash may cost at the fee cap. */
  reserveWei: string
  /** What the account may have to pay besides. */
  outlays: readonly Outlay[]
}

/** What a new hash asks for: its own commit and proof, after which everything else that is out can still be paid. */
export const needOf = ({ reserveWei, outlays }: Omit<Budget, 'balanceWei'>): Outlay[] => [
  { what: 'a commit and its proof', wei: reserveWei },
  ...outlays,
]

/** All of them, wei. */
export const sumOf = (outlays: readonly Outlay[]): bigint => outlays.reduce((sum, { wei }) => sum + BigInt(wei), 0n)

/** For people, in coins: "0.9 for a commit and its proof, 0.4 for the proof of batches 1-3 of pay". */
export const describeOutlays = (outlays: readonly Outlay[]): string =>
  outlays.map(({ what, wei }) => `${coins(wei)} for ${what}`).join(', ')

/** Why a balance doesn't pay all of them, for people; null when it does. */
export function shortOf(balanceWei: string, outlays: readonly Outlay[]): string | null {
  const needed = sumOf(outlays)
  if (BigInt(balanceWei) >= needed) return null
  return `balance is ${coins(balanceWei)}, at the fee cap ${coins(needed)} are needed: ${describeOutlays(outlays)}`
}
