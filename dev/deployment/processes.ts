import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ManagedProcess, startProcess } from '../stack/processes/process.ts'
import { pollUntil } from '../stack/wait.ts'
import { PROVER_DATABASE_ENV } from './write-config.ts'

const ZKPOW = fileURLToPath(new URL('../../client/zkpow.ts', import.meta.url))

/** How the processes of a local deployment are started. */
export interface ProcessSettings {
  configFile: string
  logFolder: string
  /** A login in the provers' role. */
  proverDatabaseUrl: string
  /** Keys by the variable that the configuration names. */
  minerKeys: Record<string, string>
  /** What all of them get beside. */
  env?: Record<string, string>
}

/** Starts the miner's aggregator: the only process that gets the key. */
export const startAggregator = (p: ProcessSettings): Promise<ManagedProcess> =>
  startProcess({
    name: 'aggregator',
    command: process.execPath,
    args: [ZKPOW, 'aggregator', '--config', p.configFile],
    env: { ...p.env, ...p.minerKeys },
    logFile: join(p.logFolder, 'aggregator.log'),
    graceMs: 40_000,
  })

/** Starts a prover machine. It sees a login that can add proofs, and no key. */
export const startProver = (p: ProcessSettings, name: string): Promise<ManagedProcess> =>
  startProcess({
    name,
    command: process.execPath,
    args: [ZKPOW, 'prover', '--config', p.configFile, '--name', name],
    env: { ...p.env, [PROVER_DATABASE_ENV]: p.proverDatabaseUrl },
    logFile: join(p.logFolder, `${name}.log`),
    graceMs: 40_000,
  })

/** Longest wait for a process to be ready, ms: several start at once. */
const READY_MS = 120_000

/** Waits until a process says in its log that it works. */
export const untilReady = (logFile: string): Promise<void> =>
  pollUntil(
    async () => {
      if (!(await readFile(logFile, 'utf8')).includes(' is ready"'))
        throw new Error(`${logFile} says nothing of being ready`)
    },
    {
      timeoutMs: READY_MS,
      signal: new AbortController().signal,
      onTimeout: (cause) => new Error('A process is never ready.', { cause }),
    },
  )
