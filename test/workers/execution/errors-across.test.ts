import { describe, expect, test } from 'vitest'
import { BatchLengthError } from '../../../kinds/payments/errors.ts'
import { FatalError, messageOf, RetryableError } from '../../../protocol/base/errors.ts'
import { receiveError, sendError } from '../../../workers/execution/errors-across.ts'
import { ExecutionThreadError } from '../../../workers/execution/execution-thread.ts'

const across = (error: unknown): Error => receiveError(structuredClone(sendError(error)))

describe('an error that went to another thread', () => {
  test.each([
    { what: 'fatal', error: new BatchLengthError({ expected: 352, actual: 3 }), base: FatalError },
    { what: 'retryable', error: new ExecutionThreadError('It ended.', { remedy: 'wait.' }), base: RetryableError },
    { what: 'of the language', error: new RangeError('out of it'), base: Error },
  ])('is still $what, under its name, with its code and words', ({ error, base }) => {
    const arrived = across(error)
    expect(arrived).toBeInstanceOf(base)
    expect(arrived instanceof FatalError).toBe(base === FatalError)
    expect({ ...arrived }).toEqual({ ...error })
    expect([arrived.name, arrived.message, arrived.stack]).toEqual([error.name, error.message, error.stack])
    expect(messageOf(arrived)).toBe(messageOf(error))
  })

  test('keeps its causes, and goes without what no thread can be sent', () => {
    const cause = new TypeError('deep')
    const error = Object.assign(new Error('outer', { cause }), { seen: 5n, retry: () => {} })
    expect(across(error)).toMatchObject({ seen: 5n, cause: { name: 'TypeError', message: 'deep' } })
    expect(across(error)).not.toHaveProperty('retry')
  })

  test('is one even where none was thrown', () => {
    expect(across('just words')).toMatchObject({ message: 'just words' })
  })
})
