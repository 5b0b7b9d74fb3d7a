import { ApplicationFailure, CancelledFailure } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { expect, test } from 'vitest'
import { FatalError, RetryableError } from '../../protocol/base/errors.ts'
import { failureInterceptor } from '../../workers/failure-interceptor.ts'

class WrongAddressError extends FatalError {
  static override readonly entry = { code: 'TEST-ADDRESS', happened: 'It is wrong.', remedy: 'correct the address.' }
  override readonly name = 'WrongAddressError'
}

class NodeAwayError extends RetryableError {
  static override readonly entry = { code: 'TEST-NODE', happened: 'It is away.', remedy: 'start it.' }
  override readonly name = 'NodeAwayError'
}

const SECRET = new Error('https://user:secret@node.example/key')

test('an error that only somebody’s change can cure is not tried again', async () => {
  const failure = await failureOf(
    new WrongAddressError('No contract is there.', { remedy: 'deploy it.', cause: SECRET }),
  )
  const message = 'No contract is there. Fix: deploy it. [TEST-ADDRESS]'
  expect(failure).toMatchObject({ type: 'WrongAddressError', nonRetryable: true, message })
})

test('an error that time may cure is tried again', async () => {
  expect(await failureOf(new NodeAwayError('It is away.'))).toMatchObject({
    type: 'NodeAwayError',
    nonRetryable: false,
    message: 'It is away. Fix: start it. [TEST-NODE]',
  })
})

test.each([
  new WrongAddressError('a', { cause: SECRET }),
  new NodeAwayError('b', { cause: SECRET }),
  new TypeError('c', { cause: SECRET }),
])('what caused it stays outside: $name', async (error) => {
  const failure = await failureOf(error)
  expect(failure.cause).toBeUndefined()
  expect(JSON.stringify([failure.message, failure.stack, failure.details])).not.toContain('secret')
  expect(failure.type).toBe(error.name)
})

test.each([new NodeAwayError('x'.repeat(100_000)), new Error('x'.repeat(100_000))])(
  'its text is bounded: $name',
  async (error) => {
    const { message, stack } = await failureOf(error)
    expect(message.length).toBeLessThanOrEqual(2_000)
    expect(stack?.length).toBeLessThan(6_000)
  },
)

test.each([`${'x'.repeat(1_999)}😀`, 'half \ud83d a character'])(
  'its text can be sent, which half a character can not',
  async (text) => {
    const { message, stack } = await failureOf(new Error(text))
    expect(message.isWellFormed()).toBe(true)
    expect(stack?.isWellFormed()).toBe(true)
  },
)

test('an error of nobody’s making is tried again: a deployment may cure it', async () => {
  expect(await failureOf(new TypeError('x is not a function'))).toMatchObject({
    nonRetryable: false,
    message: 'x is not a function',
  })
})

test.each([ApplicationFailure.create({ type: 'ProverShutdownError' }), new CancelledFailure('CANCELLED')])(
  'what is a failure of Temporal’s already passes: $name',
  async (error) => expect(await thrown(error)).toBe(error),
)

/** Tells what an activity that throws `error` fails with. */
function thrown(error: Error): Promise<unknown> {
  const interceptors = [() => ({ inbound: failureInterceptor() })]
  const env = new MockActivityEnvironment({}, { interceptors, logger: new DefaultLogger('ERROR') })
  return env.run(() => Promise.reject(error)).catch((failure: unknown) => failure)
}

async function failureOf(error: Error): Promise<ApplicationFailure> {
  const failure = await thrown(error)
  if (!(failure instanceof ApplicationFailure)) throw new Error('It is no application failure.')
  return failure
}
