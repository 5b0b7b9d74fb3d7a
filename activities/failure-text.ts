import { messageOf } from '../protocol/base/errors.ts'
import { plainText } from '../protocol/base/plain-text.ts'

/** What failed and what helps, in one line for people. */
export const failureText = (error: unknown): string => plainText(messageOf(error))
