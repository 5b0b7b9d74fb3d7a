import { inspect } from 'node:util'
import { FatalError, RetryableError } from '../protocol/base/errors.ts'
import { EXIT_CHANGE, EXIT_RETRY } from '../workers/exit-codes.ts'

/** Says on stderr what went wrong and what to do. @returns the exit code. */
export function reportFailure(error: unknown, isVerbose: boolean): number {
  process.stderr.write(`${describe(error)}\n`)
  if (isVerbose) process.stderr.write(`${inspect(error, { depth: 5 })}\n`)
  return error instanceof RetryableError ? EXIT_RETRY : EXIT_CHANGE
}

function describe(error: unknown): string {
  if (error instanceof FatalError || error instanceof RetryableError) return error.describe()
  const message = error instanceof Error ? error.message : String(error)
  return `${message} (unexpected: run again with --verbose and report it)`
}
