import type { BatchRange, Hex } from '../base/ranges.ts'

/** How a part of a long sequence stands: what its Query answers, and what it tells its sequence now and then. */
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
  /** Proofs that failed and are tried again: how it goes. */
  troubles: string
  /** Those that are being proved by workflows of their own; empty for all but long sequences. */
  parts: PartStatus[]
  /** Null while it proves; then why there is no proof, or null after success. */
  end: { failure: string | null } | null
}
