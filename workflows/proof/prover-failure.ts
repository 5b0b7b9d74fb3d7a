import * as wf from '@temporalio/workflow'
import { plainText } from '../../protocol/base/plain-text.ts'
import { failureText } from '../waiting.ts'
import type { FailedAttempt } from './attempt-log.ts'

/** Tells how an attempt failed that a worker or the server ended. What a worker says is plain and bounded. */
export function failedAttempt(error: unknown): FailedAttempt {
  const kind = failureKind(error)
  if (isOverdue(error)) return { kind: 'overdue', ...lastBeat(error, 'it took longer than a proof may, and was at') }
  if (kind === 'TimeoutFailure') return { kind: 'silent', ...lastBeat(error, 'it fell silent at') }
  return { kind, prover: proverOf(error), why: failureText(error) }
}

/** Tells whether no machine of the class asked for has taken it. */
export const wasNeverBegun = (error: unknown): boolean => timeoutOf(error)?.timeoutType === 'SCHEDULE_TO_START'

/** Tells whether its machine beat until the time for one proof was over. */
const isOverdue = (error: unknown): boolean => timeoutOf(error)?.timeoutType === 'START_TO_CLOSE'

/** Gives the name of the worker that failed an activity. */
const proverOf = (error: unknown): string =>
  plainText((error instanceof wf.ActivityFailure && error.identity) || '(unknown)')

const causeOf = (error: unknown): unknown => (error instanceof wf.ActivityFailure ? error.cause : error)

function timeoutOf(error: unknown): wf.TimeoutFailure | null {
  const cause = causeOf(error)
  return cause instanceof wf.TimeoutFailure ? cause : null
}

/** Tells what is known of a machine that was given up, which is what it said last. */
function lastBeat(error: unknown, how: string): Pick<FailedAttempt, 'prover' | 'why'> {
  const said = timeoutOf(error)?.lastHeartbeatDetails as { prover?: unknown; phase?: unknown } | null | undefined
  // A machine may say anything.
  const text = (word: unknown) => (typeof word === 'string' ? plainText(word) : '(unknown)')
  return { prover: said ? text(said.prover) : proverOf(error), why: `${how}: ${text(said?.phase)}` }
}

/** Gives the type of the failure that an activity ended with, or the name of what Temporal says about it. */
function failureKind(error: unknown): string {
  const cause = causeOf(error)
  return cause instanceof wf.ApplicationFailure ? (cause.type ?? '') : cause instanceof Error ? cause.name : ''
}
