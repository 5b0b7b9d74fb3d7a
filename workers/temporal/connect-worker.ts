import { setTimeout as delay } from 'node:timers/promises'
import { DefaultLogger, type LogEntry, NativeConnection, Runtime } from '@temporalio/worker'
import type { Logger } from 'pino'
import { temporalConnectionOptions } from '../../config/temporal-connection.ts'
import type { TemporalConfig } from '../../config/types.ts'
import { CONNECT_TIMEOUT_MS } from './connect-temporal.ts'
import { TemporalUnreachableError } from './errors.ts'

/**
 * Sends what the SDK's core and the workers say into our log. It is called once per process, before the first
 * connection.
 */
export function installRuntime(log: Logger): void {
  Runtime.install({ logger: new DefaultLogger('INFO', (entry) => forward(log, entry)) })
}

/**
 * Connects a worker. Temporal's core can't be told how long to wait, and waits half a minute for a server that takes
 * the connection and says nothing.
 * @throws TemporalUnreachableError when nothing answers there in time, TlsFileError
 */
export async function connectWorker(config: TemporalConfig): Promise<NativeConnection> {
  const connecting = NativeConnection.connect(await temporalConnectionOptions(config))
  const waiting = new AbortController()
  const timeout = delay(CONNECT_TIMEOUT_MS, undefined, { signal: waiting.signal }).then(() => {
    throw new Error(`no answer within ${CONNECT_TIMEOUT_MS} ms`)
  })
  try {
    return await Promise.race([connecting, timeout])
  } catch (cause) {
    connecting.then(closeLate, () => {})
    throw new TemporalUnreachableError(config.address, cause)
  } finally {
    waiting.abort()
    timeout.catch(() => {})
  }
}

const closeLate = (connection: NativeConnection) => connection.close()

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const

function forward(log: Logger, { level, message, meta }: LogEntry): void {
  const { workflowId, activityType, attempt, error } = (meta ?? {}) as Record<string, unknown>
  log[LEVELS[level]](
    { workflowId, activityType, attempt, ...(error instanceof Error ? { failure: error.message } : {}) },
    message,
  )
}
