import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow'
import type { BatchRange, Hex } from '../base/ranges.ts'
import type { Intent } from '../sender/intent.ts'
import type { Step } from '../sequence/next-step.ts'
import type { SequencePhase } from './activities.ts'

/** A block concerns the receiver: look again. Carries what for, so that the history reads well. */
export const wakeSignal = defineSignal<[{ why: string }]>('wake')

/** A sequence wants a transaction; a newer intent of the same id takes the place of the older. */
export const intentSignal = defineSignal<[Intent]>('intent')

/** From the watcher of a chain's blocks to the chain's workflow: what keeps it from seeing any; null when it sees them again. */
export const watcherSignal = defineSignal<[string | null]>('watcher')

/** To a part of a sequence: whether an operator holds it. */
export const holdSignal = defineSignal<[boolean]>('hold')

/** Operators hold a sequence, or no longer: read what they decided, which takes no chain, and look again. */
export const holdsChangedSignal = defineSignal<[{ why: string }]>('holdsChanged')

/** To a sequence, and from it to its parts: an operator lifted quarantines of it, so look at what waited for that. */
export const liftedSignal = defineSignal('lifted')

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

/** From the workflow that proves a sequence to the sequence. */
export const provingSignal = defineSignal<[ProvingStatus]>('proving')

/** From a part to whoever proves the sequence. */
export const partSignal = defineSignal<[PartStatus]>('part')

/** What are you waiting for, and why? To a part of a sequence. */
export const partStatusQuery = defineQuery<PartStatus>('status')

/** Where a sequence stands, for operators. */
export interface SequenceStatus {
  phase: SequencePhase
  /** What it is waiting for and why, one sentence. */
  waitingFor: string
  /** Verified proofs of this sequence, and how many it needs in all. */
  proofsDone: number
  proofsNeeded: number
  /** The last decision of the submission loop. */
  step: Step | null
  /** Tasks that have been quarantined, with the reason; those of its parts too. */
  quarantined: string | null
  /** Parts that are being proved by workflows of their own, as they last told; empty for all but long sequences. */
  parts: PartStatus[]
}

/** What are you waiting for, and why? */
export const sequenceStatusQuery = defineQuery<SequenceStatus>('status')

/** Lines that say what a chain, rollup or sender workflow is doing. */
export const linesQuery = defineQuery<string[]>('status')

/** The intents that a sender has: those that wait, those under way and those whose effect isn't final. */
export const queueQuery = defineQuery<Intent[]>('queue')

/** Who asks, and why; both end up in the history. */
export interface AdminRequest {
  who: string
  reason: string
  /** To a rollup, about one of its sequences, which needn't run; left out, about all of it. A sequence takes no notice of it. */
  range?: BatchRange
}

/** The answer to an admin: what was done, or why nothing. */
export interface AdminAnswer {
  isDone: boolean
  answer: string
}

/** Re-reads the chain and sends again what is missing; refuses where that would harm or do nothing. */
export const forceResubmitUpdate = defineUpdate<AdminAnswer, [AdminRequest]>('forceResubmit')

/** No new work and no new commits until `resume`; a hash that is out, or may yet land, is still proved. To a sequence or a rollup. */
export const pauseUpdate = defineUpdate<AdminAnswer, [AdminRequest]>('pause')

/** Takes `pause` and `cancel` back. To a sequence or a rollup. */
export const resumeUpdate = defineUpdate<AdminAnswer, [AdminRequest]>('resume')

/** As `pause`, and provers stop at once; a sequence without a hash ends. To a sequence or a rollup. */
export const cancelUpdate = defineUpdate<AdminAnswer, [AdminRequest]>('cancel')

/** Raises the fees of what is in flight, up to the cap. To a sequence or a rollup. */
export const bumpFeesUpdate = defineUpdate<AdminAnswer, [AdminRequest]>('bumpFees')

/** How much stake the account is to have in a rollup's contract. */
export interface StakeRequest {
  who: string
  rollup: string
  /** Stake that is wanted, locked part included, wei as a decimal string. */
  toWei: string
}

/** Brings the stake to an amount by a deposit or a withdrawal. Again is harmless: the amount is a target. To a sender. */
export const stakeUpdate = defineUpdate<AdminAnswer, [StakeRequest]>('stake')
