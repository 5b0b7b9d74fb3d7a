import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow'
import type { AdminAnswer, AdminRequest } from '../operator/requests.ts'
import type { StakeRequest } from '../operator/stake.ts'
import type { PartStatus, ProvingStatus } from '../proof/status.ts'
import type { Intent } from '../sender/intent.ts'
import type { SequenceStatus } from '../sequence/look.ts'

/** A block concerns the receiver, which is to look again. It carries what for, so that the history reads well. */
export const wakeSignal = defineSignal<[{ why: string }]>('wake')

/** A sequence wants a transaction. A newer intent of the same id takes the place of the older. */
export const intentSignal = defineSignal<[Intent]>('intent')

/**
 * What keeps the watcher of a chain's blocks from seeing any goes to the chain's workflow. It is null when it sees them
 * again.
 */
export const watcherSignal = defineSignal<[string | null]>('watcher')

/** A part of a sequence is told whether an operator holds it. */
export const holdSignal = defineSignal<[boolean]>('hold')

/** Operators hold a sequence, or no longer. It reads what they decided, which takes no chain, and looks again. */
export const holdsChangedSignal = defineSignal<[{ why: string }]>('holdsChanged')

/** An operator lifted quarantines of a sequence. It looks at what waited for that, and tells its parts. */
export const liftedSignal = defineSignal('lifted')

/** The workflow that proves a sequence tells the sequence how it stands. */
export const provingSignal = defineSignal<[ProvingStatus]>('proving')

/** The workflow that proves a sequence was lost. It is to be begun again, and not within a minute. */
export const provingLostSignal = defineSignal<[{ why: string }]>('provingLost')

/** A part tells whoever proves the sequence how it stands. */
export const partSignal = defineSignal<[PartStatus]>('part')

/** A part of a sequence says what it waits for, and why. */
export const partStatusQuery = defineQuery<PartStatus>('status')

/** A sequence says what it waits for, and why. */
export const sequenceStatusQuery = defineQuery<SequenceStatus>('status')

/** Lines that say what a chain, rollup or sender workflow is doing. */
export const linesQuery = defineQuery<string[]>('status')

/** The intents that a sender has: those that wait, those under way, and those whose effect isn't final. */
export const queueQuery = defineQuery<Intent[]>('queue')

/** Re-reads the chain and sends again what is missing. It is refused where that would harm or do nothing. */
export const forceResubmitUpdate = defineUpdate<AdminAnswer, [AdminRequest]>('forceResubmit')

/**
 * Stops new work and new commits of a sequence or a rollup until `resume`. A hash that is out, or may yet land, is
 * still proved.
 */
export const pauseUpdate = defineUpdate<AdminAnswer, [AdminRequest]>('pause')

/** Takes `pause` and `cancel` of a sequence or a rollup back. */
export const resumeUpdate = defineUpdate<AdminAnswer, [AdminRequest]>('resume')

/** Does as `pause`, and provers stop at once. A sequence without a hash ends. */
export const cancelUpdate = defineUpdate<AdminAnswer, [AdminRequest]>('cancel')

/** Raises the fees of what is in flight for a sequence or a rollup, up to the cap. */
export const bumpFeesUpdate = defineUpdate<AdminAnswer, [AdminRequest]>('bumpFees')

/**
 * Has a sender bring the stake to an amount, by a deposit or a withdrawal. The amount is a target, so asking again is
 * harmless.
 */
export const stakeUpdate = defineUpdate<AdminAnswer, [StakeRequest]>('stake')
