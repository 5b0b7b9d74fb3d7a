import { FatalError, RetryableError } from '../protocol/base/errors.ts'

/** Exit codes by what a user can do: try again, or change something. */
const TRY_AGAIN = 75
const CHANGE_SOMETHING = 1

/** Prints an error as a person can use it (ours: fact and remedy, others: with their stack) and sets the exit code. */
export function exitWithError(error: unknown): void {
  const isOurs = error instanceof RetryableError || error instanceof FatalError
  console.error(isOurs ? error.describe() : (describeFileError(error) ?? error))
  process.exitCode = error instanceof RetryableError ? TRY_AGAIN : CHANGE_SOMETHING
}

/** What can be done about a folder that can't be written to, by the operating system's code. */
const FILE_REMEDIES: Record<string, string> = {
  EROFS: 'its file system is read-only: copy the checkout to one that can be written to, and name such a folder in ZKPOW_CACHE and TMPDIR',
  EACCES: 'we may not write there: become its owner, or name folders of your own in ZKPOW_CACHE and TMPDIR',
  ENOSPC: 'its disk is full: free some gigabytes, or name folders on another disk in ZKPOW_CACHE and TMPDIR',
}

function describeFileError(error: unknown): string | undefined {
  const { code, path, message } = (error ?? {}) as NodeJS.ErrnoException
  const remedy = FILE_REMEDIES[code ?? '']
  return remedy === undefined ? undefined : `${message}${path === undefined ? '' : ` (${path})`} Fix: ${remedy}.`
}
