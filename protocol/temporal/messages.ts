import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow'
import type { AdminAnswer, AdminRequest } from '../operator/requests.ts'
import type { StakeRequest } from '../operator/stake.ts'
import type { PartStatus, ProvingStatus } from '../proof/status.ts'
import type { Intent } from '../sender/intent.ts'
import type { SequenceStatus } from '../sequence/look.ts'

/** A block concerns the receiver: look again. Carries what for, so that the history reads well. */
export const wakeSignal = defineSignal<[{ why: string }]>('wake')

/** A sequence wants a transaction; a newer intent of the same id takes the place of the older. */
export const intentSignal = defineSignal<[Intent]>('intent')

/**
 * From the watcher of a chain's blocks to the chain's workflow: what keeps it from seeing any; null when it sees them
 * again.
 */
export const watcherSignal = defineSignal<[string | null]>('watcher')

/** To a part of a sequence: whether an operator holds it. */
export const holdSignal = defineSignal<[boolean]>('hold')

/** Operators hold a sequence, or no longer: read what they decided, which takes no chain, and look again. */
export const holdsChangedSignal = defineSignal<[{ why: string }]>('holdsChanged')

/** To a sequence, and from it to its parts: an operator lifted quarantines of it, so look at what waited for that. */
export const liftedSignal = defineSignal('lifted')

/** From the workflow that proves a sequence to the sequence. */
export const provingSignal = defineSignal<[ProvingStatus]>('proving')

/** From a part to whoever proves the sequence. */
export const partSignal = defineSignal<[PartStatus]>('part')

/** What are you waiting for, and why? To a part of a sequence. */
export const partStatusQuery = defineQuery<PartStatus>('status')

/** What are you waiting for, and why? */
export const sequenceStatusQuery = defineQuery<SequenceStatus>('status')

/** Lines that say what a chain, rollup or sender workflow is doing. */
export const linesQuery = defineQuery<string[]>('status')

/** The intents that a sender has: those that wait, those under way and those whose effect isn't final. */
export const queueQuery = defineQuery<Intent[]>('queue')

/** Re-reads the chain and sends again what is missing; refuses where that would harm or do nothing. */
export const forceResubmitUpdate = defineUpdate<AdminAnswer, [AdminRequest]>('forceResubmit')

/**
 * No new work and no new commits until `resume`; a hash that is out, or may yet land, is still proved. To a sequence or
 * a rollup.
 */
export const pauseUpdate = defineUpdate<AdminAnswer, [AdminRequest]>('pause')

/** Takes `pause` and `cancel` back. To a sequence or a rollup. */
export const resumeUpdate = defineUpdate<AdminAnswer, [AdminRequest]>('resume')

/** As `pause`, and provers stop at once; a sequence without a hash ends. To a sequence or a rollup. */
export const cancelUpdate = defineUpdate<AdminAnswer, [AdminRequest]>('cancel')

/** Raises the fees of what is in flight, up to the cap. To a sequence or a rollup. */
export const bumpFeesUpdate = defineUpdate<AdminAnswer, [AdminRequest]>('bumpFees')

/**
 * Brings the stake to an amount by a deposit or a withdrawal. Again is harmless: the amount is a target. To a sender.
 */
export const stakeUpdate = defineUpdate<AdminAnswer, [StakeRequest]>('stake')
