import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { searchAttributeTypes } from '../../../protocol/temporal/attributes.ts'
import type { SetupReport } from '../../setup/step.ts'
import { StackUsageError } from '../errors.ts'
import { managedPart, startAndPrepare } from '../managed-part.ts'
import type { StackPart } from '../part.ts'
import { freePort } from '../ports.ts'
import { type ManagedProcess, startProcess } from '../processes/process.ts'
import { ensureNamespace } from './namespace.ts'
import { obtainTemporal } from './source.ts'

export interface TemporalOptions {
  /** Namespace, which is made if missing. @default default */
  namespace?: string
  /** Search attributes of the namespace; missing ones are made. @default none */
  searchAttributes?: typeof searchAttributeTypes
  /** @default a free one */
  port?: number
  /** @default a free one */
  uiPort?: number
  /** One partition per task queue: priorities are then kept strictly, at the cost of throughput. @default false */
  strictPriorities?: boolean
  /** Hears of the set-up, if the dev server has to be made first. */
  report?: SetupReport
}

export interface TemporalPart extends StackPart {
  /** Host and port of the gRPC frontend. */
  readonly address: string
  readonly namespace: string
  /** The Web UI; undefined for a server that we didn't start. */
  readonly uiUrl: string | undefined
}

interface Launch {
  program: string
  folder: string
  logFile: string
  port: number
  uiPort: number
  settings: Record<string, unknown>
}

/**
 * Starts Temporal's dev server with its database in `<dataDir>/temporal` and reachable at 127.0.0.1 only, or uses the
 * one that TEMPORAL_ADDRESS names.
 */
export async function startTemporal(dataDir: string, options: TemporalOptions = {}): Promise<TemporalPart> {
  const source = await obtainTemporal(options.report ?? (() => {}), new AbortController().signal)
  const namespace = options.namespace ?? 'default'
  const part =
    source.kind === 'address' ? foreignServer(source.address) : await devServer(dataDir, source.path, options)
  const { address } = part
  await startAndPrepare(part, () =>
    ensureNamespace({ address, namespace, searchAttributes: options.searchAttributes ?? [] }),
  )
  return Object.assign(part, { namespace })
}

async function devServer(dataDir: string, program: string, options: TemporalOptions) {
  const [port, uiPort] = [await freePort(options.port), await freePort(options.uiPort)]
  const folder = join(dataDir, 'temporal')
  await mkdir(folder, { recursive: true })
  const settings = {
    'matching.enableFairness': true,
    ...(options.strictPriorities && {
      'matching.numTaskqueueReadPartitions': 1,
      'matching.numTaskqueueWritePartitions': 1,
    }),
  }
  const launch = { program, folder, logFile: join(dataDir, 'logs', 'temporal.log'), port, uiPort, settings }
  const part = managedPart({ name: 'temporal', launch: () => launchDevServer(launch) })
  return Object.assign(part, { address: `127.0.0.1:${port}`, uiUrl: `http://127.0.0.1:${uiPort}` })
}

function launchDevServer(p: Launch): Promise<ManagedProcess> {
  return startProcess({
    name: 'temporal',
    command: p.program,
    args: [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(p.port), '--ui-port', String(p.uiPort)],
      ...['--ui-disable-news-fetch', '--log-level', 'warn'],
      ...['--db-filename', join(p.folder, 'temporal.sqlite')],
      ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'],
      ...Object.entries(p.settings).flatMap(([key, value]) => [
        '--dynamic-config-value',
        `${key}=${JSON.stringify(value)}`,
      ]),
    ],
    // Otherwise the command line reads the user's own configuration.
    env: { TEMPORAL_CONFIG_FILE: join(p.folder, 'no-client-config.toml') },
    logFile: p.logFile,
    ready: (signal) => answersOnBoth(p, signal),
  })
}

async function answersOnBoth(p: Launch, signal: AbortSignal): Promise<void> {
  await ensureNamespace({ address: `127.0.0.1:${p.port}`, namespace: 'default', searchAttributes: [] })
  const page = await fetch(`http://127.0.0.1:${p.uiPort}`, { signal })
  if (!page.ok) throw new Error(`the Web UI answers ${page.status}`)
}

/** Stands for a server that somebody else runs: it is never started, stopped or killed from here. */
function foreignServer(address: string) {
  const refuse = async () => {
    throw new StackUsageError(`The Temporal server at ${address} isn't ours to kill.`, {
      remedy: 'unset TEMPORAL_ADDRESS.',
    })
  }
  return {
    name: 'temporal',
    isRunning: true,
    start: async () => {},
    stop: async () => {},
    kill: refuse,
    address,
    uiUrl: undefined,
  }
}
