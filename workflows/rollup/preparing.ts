import * as wf from '@temporalio/workflow'
import { formatRange, isSameRange, type SequenceRef } from '../../protocol/base/ranges.ts'
import type { SequenceSetting, SurveyedSequence } from '../../protocol/rollup/survey.ts'
import type { ProvingActivities } from '../../protocol/temporal/activities.ts'
import { PRIORITY } from '../../protocol/temporal/attributes.ts'
import { PREPARATION_TASK_QUEUE } from '../../protocol/temporal/ids.ts'
import { failureText, trustedActivities } from '../waiting.ts'
import { start } from './start.ts'

const preparation = trustedActivities<ProvingActivities>({
  taskQueue: PREPARATION_TASK_QUEUE,
  startToCloseTimeout: '1 hour', // it replays state from the last snapshot, from genesis after a lost database
  priority: { priorityKey: PRIORITY.prepare },
  retry: { maximumAttempts: 3 },
})

interface PreparingEvents {
  /** Something else is to be said. */
  onChange(): void
  /** All that were taken are prepared. */
  onAllPrepared(): void
}

/** Preparing of a rollup's sequences, one at a time, beside the looks at the chain. */
export interface Preparing {
  /** Goes on with these, in their order, when what is under way has ended. */
  take(next: readonly SurveyedSequence[], setting: SequenceSetting): void
  isUnderWay(): boolean
  /** Says what the last one failed with. It is null from when another has succeeded, or nothing is to be prepared. */
  failure(): string | null
  /** Says what is being prepared, or why nothing is, for operators. */
  lines(): string[]
}

/**
 * Makes what prepares sequences and starts each that is prepared. It never rejects: the outcome is asked for. It ends
 * early where the run is to continue as new, and the next one goes on with what its first survey says.
 */
export function preparingApart({ onChange, onAllPrepared }: PreparingEvents): Preparing {
  let queue: SurveyedSequence[] = []
  /** What the newest survey has to prepare, with what is under way if it is still among it. */
  let wanted: readonly SurveyedSequence[] = []
  let setting: SequenceSetting
  let current: SurveyedSequence | null = null
  let failure: string | null = null
  let quarantined: string | null = null
  return {
    take(next, ofAll) {
      setting = ofAll
      wanted = next
      queue = next.filter((one) => current === null || !isSame(one, current))
      if (current !== null) return
      quarantined = null
      if (queue.length === 0) failure = null
      else prepareAll().then(onEnd, onFailure)
    },
    isUnderWay: () => current !== null,
    failure: () => failure,
    lines() {
      if (current !== null) return [`batches ${formatRange(current)} are being prepared`]
      return quarantined === null ? [] : [quarantined]
    },
  }

  async function prepareAll(): Promise<void> {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      current = next
      onChange()
      quarantined = await prepareOne(next)
      failure = null
      if (quarantined !== null || wf.workflowInfo().continueAsNewSuggested) return
    }
    onAllPrepared()
  }

  /** Prepares a sequence and starts it, if that is still wanted. @returns as {@link prepare}. */
  async function prepareOne(next: SurveyedSequence): Promise<string | null> {
    const line = await prepare(next)
    if (wanted.some((one) => isSame(one, next))) await start([next], setting)
    return line
  }

  function onEnd(): void {
    current = null
    onChange()
  }

  /** Hears of a failure, or that the run is cancelled, which its loop hears, too. */
  function onFailure(error: unknown): void {
    if (!wf.isCancellation(error)) failure = failureText(error)
    onEnd()
  }
}

/**
 * Prepares sequences and starts them within a round, as older runs did. @returns the line of one that is quarantined.
 */
export async function prepareInTurn(
  next: readonly SurveyedSequence[],
  setting: SequenceSetting,
): Promise<string | null> {
  for (const one of next) {
    const line = await prepare(one)
    await start([one], setting)
    if (line !== null) return line
  }
  return null
}

/** Prepares a sequence. @returns what to say where it is quarantined: what is behind it can't be prepared. */
async function prepare(sequence: SurveyedSequence): Promise<string | null> {
  const summary = `prepare batches ${formatRange(sequence)}`
  const prepared = await preparation.prepareSequence.executeWithOptions({ summary }, [{ sequence }])
  return prepared.status === 'quarantined'
    ? `batches ${formatRange(sequence)} are quarantined: ${prepared.reason}`
    : null
}

const isSame = (a: SequenceRef, b: SequenceRef): boolean => isSameRange(a, b) && a.accInputHash === b.accInputHash
