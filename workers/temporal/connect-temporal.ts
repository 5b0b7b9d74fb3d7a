import { Client, Connection, isGrpcServiceError } from '@temporalio/client'
import { NamespaceNotFoundError } from '@temporalio/common'
import { temporalConnectionOptions } from '../../config/temporal-connection.ts'
import type { TemporalConfig } from '../../config/types.ts'
import { NamespaceMissingError, TemporalAccessError, TemporalUnreachableError } from './errors.ts'

/** A server that runs takes a connection within milliseconds. */
export const CONNECT_TIMEOUT_MS = 3_000

/** Statuses of gRPC. */
const NOT_FOUND = 5
const REFUSALS = [7, 16] // PERMISSION_DENIED, UNAUTHENTICATED

/** @throws TemporalUnreachableError when nothing answers there in time, TlsFileError */
export async function connectTemporal(
  config: TemporalConfig,
  { timeoutMs = CONNECT_TIMEOUT_MS } = {},
): Promise<Client> {
  const options = await temporalConnectionOptions(config)
  try {
    const connection = await Connection.connect({ ...options, connectTimeout: timeoutMs })
    return new Client({ connection, namespace: config.namespace })
  } catch (cause) {
    throw new TemporalUnreachableError(config.address, cause)
  }
}

/**
 * Runs `use` on a client and closes its connection.
 * @throws what connecting and `use` throw; TemporalUnreachableError | TemporalAccessError | NamespaceMissingError for a
 * call that fails.
 */
export async function withTemporal<T>(config: TemporalConfig, use: (client: Client) => Promise<T>): Promise<T> {
  const client = await connectTemporal(config)
  return callTemporal(config, () => use(client)).finally(() => client.connection.close())
}

/**
 * Runs `call` on an open connection.
 * @throws what `call` throws; TemporalUnreachableError | TemporalAccessError | NamespaceMissingError for a call that
 * fails.
 */
export async function callTemporal<T>(config: TemporalConfig, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw translate(error, config)
  }
}

/**
 * Makes an error of ours of what the server says: it may end in the middle of a call, too. A client has what the server
 * said as its error's cause; an error of a worker's connection is that itself, and yet an instance of the client's
 * `ServiceError`.
 */
function translate(error: unknown, config: TemporalConfig): unknown {
  if (error instanceof NamespaceNotFoundError) return new NamespaceMissingError(config)
  const said = [error, error instanceof Error ? error.cause : undefined].find(isGrpcServiceError)
  if (said === undefined) return error
  if (said.code === NOT_FOUND) return new NamespaceMissingError(config)
  return REFUSALS.includes(said.code)
    ? new TemporalAccessError(config, error)
    : new TemporalUnreachableError(config.address, error)
}
