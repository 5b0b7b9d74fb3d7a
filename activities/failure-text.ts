import { messageOf } from '../protocol/errors.ts'
import { plainText } from '../protocol/plain-text.ts'

/** What failed and what helps, in one line for people. */
export const failureText = (error: unknown): string => plainText(messageOf(error))
