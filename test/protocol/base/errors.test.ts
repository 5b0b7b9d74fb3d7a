import { expect, test } from 'vitest'
import { FatalError } from '../../../protocol/base/errors.ts'

class ExampleError extends FatalError {
  static override readonly entry = { code: 'ZKPOW-TEST', happened: 'It is a test.', remedy: 'run it.' }
}

test.each([
  { message: 'It failed.', described: 'It failed. Fix: run it. [ZKPOW-TEST]' },
  { message: 'It failed!', described: 'It failed! Fix: run it. [ZKPOW-TEST]' },
  {
    message: 'the node says: intrinsic gas too low',
    described: 'the node says: intrinsic gas too low. Fix: run it. [ZKPOW-TEST]',
  },
])('"$message" and its remedy are sentences of their own', ({ message, described }) => {
  expect(new ExampleError(message).describe()).toBe(described)
})
