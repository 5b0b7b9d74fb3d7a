import { ApplicationFailure } from '@temporalio/common'
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker'
import { FatalError, RetryableError } from '../protocol/errors.ts'

/** Longest failure text that enters a history, characters: provers' and nodes' words are bounded here. */
const MAX_FAILURE_CHARS = 2_000

/**
 * Turns our errors into failures that Temporal knows how to treat: class name as type, fact and remedy as message, no
 * stack and no cause, which might carry more than should be written into a history.
 */
export const failureInterceptor = (): ActivityInboundCallsInterceptor => ({
  async execute(input, next) {
    try {
      return await next(input)
    } catch (error) {
      throw error instanceof FatalError || error instanceof RetryableError ? toFailure(error) : error
    }
  },
})

function toFailure(error: FatalError | RetryableError): ApplicationFailure {
  return ApplicationFailure.create({
    type: error.name,
    message: error.describe().slice(0, MAX_FAILURE_CHARS),
    nonRetryable: error instanceof FatalError,
  })
}
