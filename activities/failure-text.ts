import { FatalError, RetryableError } from '../protocol/errors.ts'
import { plainText } from '../protocol/plain-text.ts'

/** What failed and what helps, in one line for people. */
export function failureText(error: unknown): string {
  if (error instanceof FatalError || error instanceof RetryableError) return plainText(error.describe())
  return plainText(error instanceof Error ? error.message : String(error))
}
