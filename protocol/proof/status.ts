import type { BatchRange, Hex } from '../base/ranges.ts'

/** How a part of a long sequence stands. Its Query answers this, and it tells its sequence now and then. */
export interface PartStatus extends BatchRange {
  /** The data that it proves. */
  accInputHash: Hex
  /** What it is waiting for and why, one sentence. */
  waitingFor: string
  /** Verified batch proofs and joins of the part, and how many it needs in all. */
  proofsDone: number
  proofsNeeded: number
  /** Its quarantined tasks, with the reason. */
  quarantined: string | null
}

/** How the workflow that proves a sequence stands. */
export interface ProvingStatus extends PartStatus {
  /** How proofs go that failed and are tried again. */
  troubles: string
  /** Parts that are being proved by workflows of their own. Only long sequences have any. */
  parts: PartStatus[]
  /** It is null while it proves and after success. Else it says why there is no proof. */
  end: { failure: string | null } | null
}

/**
 * Reports that a workflow sends while all that changes is how many proofs are made. They are few enough that neither
 * its own history nor its sequence's fills with them.
 */
export const REPORTS = { ofPart: 8, ofSequence: 20 }

/** Tells whether enough proofs were made since the last report for another one. */
export const hasMoved = (
  now: Pick<PartStatus, 'proofsDone' | 'proofsNeeded'>,
  told: Pick<PartStatus, 'proofsDone'>,
  reports: number,
): boolean => now.proofsDone - told.proofsDone >= now.proofsNeeded / reports

/** Tells whether a report says more than the one before it: other words, or enough further proofs. */
export const isNews = (now: ProvingStatus, told: ProvingStatus): boolean =>
  wordsOf(now) !== wordsOf(told) || hasMoved(now, told, REPORTS.ofSequence)

const wordsOf = ({ parts, ...status }: ProvingStatus): string =>
  JSON.stringify([status, ...parts].map((one) => ({ ...one, proofsDone: 0 })))
