import { FatalError, messageOf, RetryableError } from '../../protocol/base/errors.ts'

/** An error as a copy of it can be sent to another thread. */
export interface SentError {
  kind: keyof typeof PROTOTYPES
  name: string
  message: string
  stack: string | undefined
  /** Code, remedy, and what else the class has. */
  fields: Record<string, unknown>
  cause: SentError | undefined
}

/** The classes that the rest of the system tells apart; others it knows by name and code. */
const PROTOTYPES = { fatal: FatalError.prototype, retryable: RetryableError.prototype, other: Error.prototype } as const

/**
 * Makes a copy of an error that can be sent. Copying one loses its class and its fields, so they are told one by one.
 */
export function sendError(error: unknown): SentError {
  if (!(error instanceof Error)) return sendError(new Error(messageOf(error)))
  const { name, message, stack, cause } = error
  return {
    ...{ kind: kindOf(error), name, message, stack },
    fields: Object.fromEntries(Object.entries(error).filter(([, value]) => canBeCopied(value))),
    cause: cause === undefined ? undefined : sendError(cause),
  }
}

/** Makes the error that was sent: of the same base class, with the same name and fields. */
export function receiveError({ kind, name, message, stack, fields, cause }: SentError): Error {
  const error = new Error(message, cause === undefined ? undefined : { cause: receiveError(cause) })
  Object.setPrototypeOf(error, PROTOTYPES[kind])
  Object.assign(error, fields)
  for (const [field, value] of Object.entries({ name, stack }))
    if (Reflect.get(error, field) !== value) Object.defineProperty(error, field, { value, configurable: true })
  return error
}

function kindOf(error: Error): SentError['kind'] {
  if (error instanceof FatalError) return 'fatal'
  return error instanceof RetryableError ? 'retryable' : 'other'
}

function canBeCopied(value: unknown): boolean {
  try {
    structuredClone(value)
    return true
  } catch {
    return false
  }
}
