import { FatalError, RetryableError } from '../../protocol/base/errors.ts'
import {
  DatabaseAccessError,
  DatabaseBusyError,
  DatabaseDamagedError,
  DatabaseFullError,
  DatabaseRefusedError,
  DatabaseTablesMissingError,
  DatabaseUnreachableError,
} from '../errors.ts'

/** Codes by what helps against them: Postgres' classes (appendix A of its manual), those of node and of the driver. */
const UNREACHABLE =
  /^(08...|57P0.|25006|ECONN.*|E?CONNECT_TIMEOUT|CONNECTION_.*|ENOTFOUND|EAI_AGAIN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/
const BUSY = /^(53300|53200|53000|53400|55P03|57014|40001|40P01)$/
const FULL = /^(53100|58030|ENOSPC)$/
const ACCESS = /^(28...|3D000|42501|SASL_.*|AUTH_.*)$/
const DAMAGED = /^XX00[12]$/
const SCHEMA = /^(3F000|42P01|42703|42883)$/

const SAID_LENGTH = 160

/** Wraps a query function, so that it throws our errors only. `doing` completes "… while". */
export function query<A extends unknown[], R>(
  doing: string,
  ask: (...args: A) => Promise<R>,
): (...args: A) => Promise<R> {
  return async (...args) => {
    try {
      return await ask(...args)
    } catch (error) {
      throw translateError(error, doing)
    }
  }
}

/**
 * Gives our error for the driver's. Drizzle puts all parameters into its messages (proofs, signed transactions), the
 * driver may know the address with the password: nothing of these is kept, not even as cause, because Temporal records
 * causes.
 */
export function translateError(error: unknown, doing: string): unknown {
  if (error instanceof RetryableError || error instanceof FatalError) return error
  const found = driverError(error)
  if (found === undefined) return error
  const failure = { doing, driverCode: found.code, said: found.message.slice(0, SAID_LENGTH) }
  if (UNREACHABLE.test(found.code)) return new DatabaseUnreachableError(failure)
  if (BUSY.test(found.code)) return new DatabaseBusyError(failure)
  if (FULL.test(found.code)) return new DatabaseFullError(failure)
  if (ACCESS.test(found.code)) return new DatabaseAccessError(failure)
  if (DAMAGED.test(found.code)) return new DatabaseDamagedError(failure)
  if (SCHEMA.test(found.code)) return new DatabaseTablesMissingError(failure)
  return new DatabaseRefusedError(failure)
}

/** Finds postgres' or the system's code of a failure, wherever it is wrapped. */
export const postgresCode = (error: unknown): string | undefined => driverError(error)?.code

/**
 * Finds the innermost error that has a code: Drizzle wraps the driver's, node wraps one error per address that it
 * tried.
 */
function driverError(error: unknown): { code: string; message: string } | undefined {
  if (!(error instanceof Error)) return undefined
  if (error instanceof AggregateError) return driverError(error.errors[0])
  const inner = driverError(error.cause)
  if (inner) return inner
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  return code === undefined ? undefined : { code, message: error.message }
}
