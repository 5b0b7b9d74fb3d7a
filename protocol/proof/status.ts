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
