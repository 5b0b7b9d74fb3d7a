import { type BatchRange, formatRange } from '../base/ranges.ts'
import type { RollupSurvey } from '../rollup/survey.ts'
import type { IntentStep } from '../sender/intent.ts'
import type { SequenceLook } from '../sequence/look.ts'
import { describeStep } from '../sequence/texts.ts'

/** Who asks, and why; both end up in the history. */
export interface AdminRequest {
  who: string
  reason: string
  /**
   * A rollup is asked about one of its sequences, which needn't run. Left out, the request is about all of the rollup.
   * A sequence takes no notice of it.
   */
  range?: BatchRange
}

/** The answer to an admin: what was done, or why nothing. */
export interface AdminAnswer {
  isDone: boolean
  answer: string
}

/** What an admin may decide. */
export const DECISIONS = ['pause', 'resume', 'cancel'] as const
export type Decision = (typeof DECISIONS)[number]

/** What an admin decides about a sequence, or about a whole rollup. */
export interface HoldDecision {
  rollup: string
  /** Null: the whole rollup. */
  range: BatchRange | null
  decision: Decision
  who: string
  reason: string
}

/** What a decision came to. */
export interface ChangedHold {
  /** It is false where it was so already, or where there was nothing to lift. */
  isChanged: boolean
  /** What holds it now, the rollup's hold included. It is null when nothing does. */
  heldStill: string | null
}

/** A transaction that waits to be mined and is raised. */
export interface BumpedTransaction {
  step: IntentStep
  /** Null for the rollup's stake. */
  range: BatchRange | null
  nonce: number
}

/** Longest reason that an admin may give, in characters. It is shown in one line. */
const MAX_REASON_CHARS = 500

/** Longest name of who asks, characters. */
export const MAX_WHO_CHARS = 200

/**
 * Validates every admin Update. A refused one leaves no trace in the history.
 * @throws Error that says which part is missing.
 */
export function checkAdminRequest({ who, reason }: AdminRequest): void {
  if (!who?.trim()) throw new Error('An admin request must say who asks: set `who`.')
  if (who.length > MAX_WHO_CHARS)
    throw new Error(`The name of who asks has ${who.length} characters, ${MAX_WHO_CHARS} are allowed.`)
  if (!reason?.trim()) throw new Error('An admin request must say why: set `reason`.')
  if (reason.length > MAX_REASON_CHARS)
    throw new Error(`The reason has ${reason.length} characters, ${MAX_REASON_CHARS} are allowed.`)
}

/** Says why cancelling would do nothing, after a fresh look. It is null when it may be done. */
export function refuseCancel({ view, step }: Pick<SequenceLook, 'view' | 'step'>): string | null {
  if (step.kind === 'done') return `Nothing is left to cancel: the sequence ended as ${step.outcome}.`
  // Without a deadline for late proofs nothing else would ever end a commitment that no proof fits.
  const isUnmatched = step.kind === 'wait' && step.code === 'commitment-unmatched'
  if (!view.atHead.isVerified || isUnmatched) return null
  return `The sequence is verified on chain: no new work or commit is left to stop, it waits for ${describeStep(step)}.`
}

/**
 * Says why nothing can be decided about these batches of a rollup, after a fresh survey. It is null when they may be
 * one of its open sequences.
 */
export function refuseUnknown(
  survey: Pick<RollupSurvey, 'open' | 'lastVerifiedBatch' | 'lastBatchSequenced'>,
  range: BatchRange,
): string | null {
  if (survey.open.some(({ from, to }) => from === range.from && to === range.to)) return null
  const name = `batches ${formatRange(range)}`
  if (range.to <= survey.lastVerifiedBatch) return `Nothing is left to decide: ${name} are verified and settled.`
  if (range.to > survey.lastBatchSequenced) return `No sequence of ${name} is posted yet.`
  const other = survey.open.find(({ from, to }) => from <= range.to && to >= range.from)
  // Beyond those that may be begun, the survey names none.
  return other === undefined ? null : `No sequence is just ${name}; there is one of batches ${formatRange(other)}.`
}

const DONE: Record<Decision, string> = {
  pause:
    'Paused: no new work and no new commits. A proof that is being made is finished, a hash that is out is still proved.',
  resume: 'Resumed: work and commits go on.',
  cancel: 'Cancelled: no new work and no new commits, provers are stopped. A hash that is out is still proved.',
}

/** Says what became of a decision. */
export function answerHold(decision: Decision, { isChanged, heldStill }: ChangedHold): AdminAnswer {
  if (decision !== 'resume')
    return {
      isDone: true,
      answer: isChanged ? DONE[decision] : `${DONE[decision]} It was so already; the reason is this one now.`,
    }
  const still = heldStill === null ? '' : ` It is still held, ${heldStill}.`
  if (isChanged) return { isDone: true, answer: heldStill === null ? DONE.resume : `Lifted.${still}` }
  return { isDone: false, answer: `Nothing to resume: it is neither paused nor cancelled by itself.${still}` }
}

/** Says what was found to raise. */
export function answerBump(found: readonly BumpedTransaction[]): AdminAnswer {
  if (found.length === 0) return { isDone: false, answer: 'Nothing to raise: no transaction of it waits to be mined.' }
  const names = found.map(
    ({ step, range, nonce }) => `${step}${range === null ? '' : ` of batches ${formatRange(range)}`} (nonce ${nonce})`,
  )
  return { isDone: true, answer: `The sender's next pass raises, up to the fee cap: ${names.join(', ')}.` }
}
