import { FatalError, type RetryableError } from '../protocol/base/errors.ts'

/** Somebody must change something. */
export const EXIT_CHANGE = 1

/** Trying again can help (sysexits' EX_TEMPFAIL). */
export const EXIT_RETRY = 75

/** Gives the exit code for these failures together. */
export function exitCodeOf(errors: readonly (FatalError | RetryableError)[]): number {
  if (errors.length === 0) return 0
  return errors.some((error) => error instanceof FatalError) ? EXIT_CHANGE : EXIT_RETRY
}
