import { CompleteAsyncError } from '@temporalio/activity'
import { ApplicationFailure, TemporalFailure } from '@temporalio/common'
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker'
import { FatalError, messageOf } from '../protocol/base/errors.ts'

/** Longest failure text that enters a history, characters: provers' and nodes' words are bounded here. */
const MAX_FAILURE_CHARS = 2_000

/**
 * Turns errors into failures that Temporal knows how to treat: class name as type, fact and remedy as message, no stack
 * of theirs and no cause, which might carry more than should be written into a history.
 */
export const failureInterceptor = (): ActivityInboundCallsInterceptor => ({
  async execute(input, next) {
    try {
      return await next(input)
    } catch (error) {
      throw isForTemporal(error) ? error : toFailure(error)
    }
  },
})

/** Tells whether the SDK itself must see it: its own failures, and how an aborted call ends. */
const isForTemporal = (error: unknown): boolean =>
  error instanceof TemporalFailure ||
  error instanceof CompleteAsyncError ||
  (error instanceof Error && error.name === 'AbortError')

/**
 * Makes a failure of an error. What isn't ours is a bug, or a library's word: tried again, because a fix may be
 * deployed meanwhile.
 */
function toFailure(error: unknown): ApplicationFailure {
  return ApplicationFailure.create({
    type: error instanceof Error ? error.name : 'Error',
    message: messageOf(error).slice(0, MAX_FAILURE_CHARS).toWellFormed(), // half a character ends the whole worker
    nonRetryable: error instanceof FatalError,
  })
}
