import { DefaultLogger, type LogEntry, NativeConnection, Runtime } from '@temporalio/worker'
import type { Logger } from 'pino'
import { TemporalUnreachableError } from '../../client/errors.ts'
import { temporalConnectionOptions } from '../../config/temporal-connection.ts'
import type { TemporalConfig } from '../../config/types.ts'

/** Sends what the SDK's core and the workers say into our log. Once per process, before the first connection. */
export function installRuntime(log: Logger): void {
  Runtime.install({ logger: new DefaultLogger('INFO', (entry) => forward(log, entry)) })
}

/** @throws TemporalUnreachableError */
export async function connectWorker(config: TemporalConfig): Promise<NativeConnection> {
  const options = await temporalConnectionOptions(config)
  try {
    return await NativeConnection.connect(options)
  } catch (cause) {
    throw new TemporalUnreachableError(config.address, cause)
  }
}

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const

function forward(log: Logger, { level, message, meta }: LogEntry): void {
  const { workflowId, activityType, attempt, error } = (meta ?? {}) as Record<string, unknown>
  log[LEVELS[level]]({ workflowId, activityType, attempt, ...(error instanceof Error ? { failure: error.message } : {}) }, message)
}
