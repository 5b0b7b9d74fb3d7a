import { accessSync, constants, existsSync } from 'node:fs'
import { dirname } from 'node:path'
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
  EROFS:
    'its file system is read-only: copy the checkout to one that can be written to, and name such a folder in ZKPOW_CACHE and TMPDIR',
  EACCES: 'we may not write there: become its owner, or name folders of your own in ZKPOW_CACHE and TMPDIR',
  ENOSPC: 'its disk is full: free some gigabytes, or name folders on another disk in ZKPOW_CACHE and TMPDIR',
}

/**
 * Finds the real reason. Node says "no such file" of a folder that it can't make together with those above it, whatever
 * keeps it (24.21.0, of a read-only file system): the last folder that exists says why.
 */
function reasonOf(error: NodeJS.ErrnoException): NodeJS.ErrnoException {
  if (error.code !== 'ENOENT' || error.syscall !== 'mkdir' || error.path === undefined) return error
  let folder = dirname(error.path)
  while (!existsSync(folder)) folder = dirname(folder)
  try {
    accessSync(folder, constants.W_OK)
    return error
  } catch (reason) {
    return reason as NodeJS.ErrnoException
  }
}

function describeFileError(error: unknown): string | undefined {
  const { code, path, message } = reasonOf((error ?? {}) as NodeJS.ErrnoException)
  const remedy = FILE_REMEDIES[code ?? '']
  return remedy === undefined ? undefined : `${message}${path === undefined ? '' : ` (${path})`} Fix: ${remedy}.`
}
