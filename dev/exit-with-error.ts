import { FatalError, RetryableError } from '../protocol/errors.ts'

/** Exit codes by what a user can do: try again, or change something. */
const TRY_AGAIN = 75
const CHANGE_SOMETHING = 1

/** Prints an error as a person can use it (ours: fact and remedy, others: with their stack) and sets the exit code. */
export function exitWithError(error: unknown): void {
  const isOurs = error instanceof RetryableError || error instanceof FatalError
  console.error(isOurs ? error.describe() : error)
  process.exitCode = error instanceof RetryableError ? TRY_AGAIN : CHANGE_SOMETHING
}
