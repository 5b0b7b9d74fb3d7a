import { formatRange } from '../base/ranges.ts'
import type { RollupSurvey, SurveyedSequence } from './survey.ts'

/** What a rollup does about its open sequences. */
export interface RollupPlan {
  /** They are to be started whatever is held: what is left of them is not new work. */
  goOn: SurveyedSequence[]
  /** They are to be prepared and started one after the other, the lowest first. Those that run have been. */
  next: SurveyedSequence[]
  /** Where the rollup stands, for operators. */
  lines: string[]
}

/**
 * Plans what to start. Holds stop new work, never a proof that is owed. A sequence that is cancelled and owes nothing
 * would end at once, so it isn't started. Those after it may go on, because somebody else may prove it.
 */
export function planRollup(survey: RollupSurvey): RollupPlan {
  const { open, held, finality, lastVerifiedBatch, lastBatchSequenced, maxUnproved } = survey
  const isCancelled = ({ holds }: SurveyedSequence) =>
    survey.isCancelled === true || (holds?.cancelled ?? null) !== null
  const isStopped = (one: SurveyedSequence) => isCancelled(one) || (one.holds?.paused ?? null) !== null
  const goOn = open.filter(
    (one) => one.isRunning !== true && (one.isOwed === true || (one.isProved && !isCancelled(one))),
  )
  const next = open.filter((one) => !one.isProved && one.isOwed !== true && !isStopped(one)).slice(0, maxUnproved)
  const lines = [
    `verified up to batch ${lastVerifiedBatch}, sequenced up to ${lastBatchSequenced}, ${openLine(survey)}`,
    ...open.flatMap(heldLines),
    ...(finality === undefined ? [] : [`finality: ${finality}`]),
  ]
  return held === null ? { goOn, next, lines } : { goOn, next: [], lines: [...lines, `no new work: ${held}`] }
}

/** What of a plan's next sequences is to be prepared now. */
export interface ToPrepare {
  /** One after the other, in this order. */
  queue: SurveyedSequence[]
  /** Says what the others wait for. It is null where there are none. */
  waits: string | null
}

/** Leaves out what runs, and what is behind a sequence that can't be prepared. */
export function toPrepare(next: readonly SurveyedSequence[]): ToPrepare {
  const stop = next.findIndex((one) => isRunningInVain(one) || (one.isRunning !== true && !one.isDeep))
  const before = stop === -1 ? next : next.slice(0, stop)
  const stopped = next[stop]
  return {
    queue: before.filter(({ isRunning }) => isRunning !== true),
    waits:
      stopped === undefined || isRunningInVain(stopped)
        ? null
        : `batches ${formatRange(stopped)} wait for confirmations`,
  }
}

/** Tells whether its workflow says why it can't be prepared. */
const isRunningInVain = ({ isRunning, holds }: SurveyedSequence): boolean =>
  isRunning === true && (holds?.quarantined ?? null) !== null

/** Says how many of a backlog are taken up: no more than may be unproved at a time. */
function openLine({
  open,
  openInAll = open.length,
  beyondReach = openInAll - open.length,
  maxUnproved,
}: RollupSurvey): string {
  return beyondReach === 0
    ? `${openInAll} open`
    : `${openInAll} open, ${beyondReach} of them beyond maxUnproved (${maxUnproved})`
}

const heldLines = (one: SurveyedSequence): string[] =>
  Object.entries(one.holds ?? {}).flatMap(([kind, reason]) =>
    reason === null
      ? []
      : [
          `batches ${formatRange(one)} are ${kind}: ${reason}${one.isOwed ? ' (a hash that is out is still proved)' : ''}`,
        ],
  )
