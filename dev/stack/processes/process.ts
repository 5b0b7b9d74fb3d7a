import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ProcessEndedError, ProcessNotReadyError, SpawnError } from '../errors.ts'
import { pollUntil } from '../wait.ts'
import { type Ending, supervise } from './supervisor-client.ts'

/** What a process is started with. */
export interface ProcessOptions {
  /** Name for messages. */
  name: string
  /** Program: a path, or a name looked up on the PATH. */
  command: string
  args?: string[]
  /**
   * Everything the process gets beside {@link baseEnv}: nothing else is inherited, so no secret reaches it by accident.
   */
  env?: Record<string, string>
  /** @default the present working directory */
  cwd?: string
  /** Both output streams are appended to this file; its folder is made if missing. */
  logFile: string
  /** Health check, repeated until it resolves. Without one the process counts as ready once it runs. */
  ready?: HealthCheck
  /** @default 60 000 */
  readyTimeoutMs?: number
  /** @default SIGTERM */
  stopSignal?: NodeJS.Signals
  /** Milliseconds from the stop signal to SIGKILL. @default 10 000 */
  graceMs?: number
  /** Runs as this user. Only root can ask for it. */
  user?: { uid: number; gid: number }
}

/** Resolves when the process does what it is for. The signal aborts when nobody waits any more. */
export type HealthCheck = (signal: AbortSignal, process: ManagedProcess) => Promise<unknown>

/** A running process which ends, with its own children, at the latest when our process does. */
export interface ManagedProcess {
  readonly name: string
  readonly pid: number
  readonly logFile: string
  /** Resolves when the process has ended, however that came about; never rejects. */
  readonly ended: Promise<Ending>
  readonly isRunning: boolean
  /** Sends a signal to the process and its children. Does nothing when it has ended. */
  kill(signal: NodeJS.Signals): void
  /** Asks it to end, insists after its grace, and resolves when it has ended. */
  stop(): Promise<Ending>
  /** Reads the end of its log, for error messages. */
  lastLines(count?: number): Promise<string>
}

/** Variables of our environment that programs need to find things. No credentials are among them. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ', 'XDG_CACHE_HOME', 'ZKPOW_CACHE'] as const

/** Where a log's end is read from, in bytes. */
const LOG_TAIL_BYTES = 16_384

/**
 * Starts a process and waits until its health check succeeds. Throws `SpawnError`, `ProcessEndedError` or
 * `ProcessNotReadyError`.
 */
export async function startProcess(options: ProcessOptions): Promise<ManagedProcess> {
  const managed = await spawnSupervised(options)
  if (!options.ready) return managed
  try {
    await untilReady(managed, options.ready, options.readyTimeoutMs ?? 60_000)
    return managed
  } catch (error) {
    await managed.stop()
    throw error
  }
}

/**
 * Runs a process to its end, which an abort of `signal` brings about early. Throws `SpawnError`, or `ProcessEndedError`
 * unless it exits with 0.
 */
export async function runProcess(
  options: Omit<ProcessOptions, 'ready' | 'readyTimeoutMs'> & { signal?: AbortSignal },
): Promise<void> {
  options.signal?.throwIfAborted()
  const managed = await spawnSupervised(options)
  const stop = () => void managed.stop()
  options.signal?.addEventListener('abort', stop)
  if (options.signal?.aborted) stop() // called off while it was started
  const ending = await managed.ended
  options.signal?.removeEventListener('abort', stop)
  if (ending.exitCode !== 0) throw await endedError(managed, ending)
}

/** Gives the part of our environment that every process gets. */
function baseEnv(): Record<string, string> {
  return Object.fromEntries(
    INHERITED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  )
}

async function spawnSupervised(options: ProcessOptions): Promise<ManagedProcess> {
  const { name, command, logFile } = options
  await mkdir(dirname(logFile), { recursive: true })
  const supervised = await supervise(
    {
      command,
      args: options.args ?? [],
      env: { ...baseEnv(), ...options.env },
      cwd: options.cwd ?? process.cwd(),
      logFile,
      stopSignal: options.stopSignal ?? 'SIGTERM',
      graceMs: options.graceMs ?? 10_000,
      ...(options.user && { user: options.user }),
    },
    (reason) => new SpawnError({ process: name, command, reason }),
  )
  let isRunning = true
  void supervised.ended.then(() => {
    isRunning = false
  })
  return {
    ...supervised,
    name,
    logFile,
    get isRunning() {
      return isRunning
    },
    kill: (signal) => {
      if (isRunning) signalGroup(supervised.pid, signal)
    },
    lastLines: (count) => lastLines(logFile, count),
  }
}

async function untilReady(managed: ManagedProcess, ready: HealthCheck, timeoutMs: number): Promise<void> {
  const given = new AbortController()
  const endedFirst = managed.ended.then(async (ending) => {
    throw await endedError(managed, ending)
  })
  try {
    await Promise.race([
      endedFirst,
      pollUntil((signal) => ready(signal, managed), {
        timeoutMs,
        signal: given.signal,
        onTimeout: (cause) => notReady(managed, timeoutMs, cause),
      }),
    ])
  } finally {
    given.abort()
    endedFirst.catch(() => {}) // it will end one day, and nobody waits for that here any more
  }
}

function notReady(managed: ManagedProcess, timeoutMs: number, cause: unknown): Error {
  return new ProcessNotReadyError({ process: managed.name, timeoutMs, logFile: managed.logFile, cause })
}

async function endedError(managed: ManagedProcess, ending: Ending): Promise<ProcessEndedError> {
  const how = ending.signal ? `signal ${ending.signal}` : `exit code ${ending.exitCode}`
  return new ProcessEndedError({
    process: managed.name,
    ending: how,
    logFile: managed.logFile,
    lastLines: await managed.lastLines(),
  })
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // ESRCH: it ended a moment ago, and the report of it is on its way.
  }
}

async function lastLines(logFile: string, count = 20): Promise<string> {
  const file = await open(logFile, 'r')
  try {
    const { size } = await file.stat()
    const from = Math.max(0, size - LOG_TAIL_BYTES)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LOG_TAIL_BYTES), 0, LOG_TAIL_BYTES, from)
    return buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n').slice(-count).join('\n')
  } finally {
    await file.close()
  }
}
