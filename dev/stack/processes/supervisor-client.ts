import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { SpawnOrder, SupervisorOrder, SupervisorReport } from './supervisor-messages.ts'

/** How a process ended. `exitCode` is null if a signal ended it. */
export interface Ending {
  exitCode: number | null
  signal: NodeJS.Signals | null
}

/** A process held by the supervisor. */
export interface Supervised {
  readonly pid: number
  readonly ended: Promise<Ending>
  /** Asks the process to end, and insists after its grace. Resolves when it has ended. */
  stop(): Promise<Ending>
}

interface Entry {
  pid?: number
  onSpawned: (pid: number) => void
  onFailed: (reason: string) => void
  onEnded: (ending: Ending) => void
}

const entries = new Map<number, Entry>()
let supervisor: ChildProcess | undefined
let nextId = 1

/**
 * Starts a process under the supervisor, which is started with the first one and ends with the last one.
 * @param onFailed makes the error to throw from the operating system's reason, if the process can't be started
 */
export async function supervise(
  order: Omit<SpawnOrder, 'type' | 'id'>,
  onFailed: (reason: string) => Error,
): Promise<Supervised> {
  const id = nextId++
  const ended = Promise.withResolvers<Ending>()
  const spawned = Promise.withResolvers<number>()
  entries.set(id, {
    onSpawned: spawned.resolve,
    onFailed: (reason) => spawned.reject(onFailed(reason)),
    onEnded: ended.resolve,
  })
  send({ ...order, type: 'spawn', id })
  const pid = await spawned.promise
  const stop = () => {
    if (entries.has(id)) send({ type: 'stop', id })
    return ended.promise
  }
  return { pid, ended: ended.promise, stop }
}

function send(order: SupervisorOrder): void {
  supervisor ??= startSupervisor()
  supervisor.send(order)
}

function startSupervisor(): ChildProcess {
  const child = fork(fileURLToPath(new URL('./supervisor.ts', import.meta.url)), [], {
    detached: true,
    execArgv: [],
    env: {},
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  child.on('message', (report: SupervisorReport) => handle(report))
  child.once('exit', () => handleLostSupervisor(child))
  return child
}

function handle(report: SupervisorReport): void {
  const entry = entries.get(report.id)
  if (!entry) return
  if (report.type === 'spawned') {
    entry.pid = report.pid
    entry.onSpawned(report.pid)
    return
  }
  entries.delete(report.id)
  if (report.type === 'failed') entry.onFailed(report.reason)
  else entry.onEnded({ exitCode: report.exitCode, signal: report.signal })
  if (entries.size === 0) release()
}

/** Lets the supervisor go when nothing runs, so that it doesn't keep our own process alive. */
function release(): void {
  supervisor?.disconnect()
  supervisor = undefined
}

/** Ends what a killed supervisor held from here, so that nothing is left behind and nobody waits for ever. */
function handleLostSupervisor(lost: ChildProcess): void {
  if (supervisor !== lost) return
  supervisor = undefined
  for (const entry of entries.values()) {
    if (entry.pid === undefined) entry.onFailed('the supervisor process was killed')
    else killGroup(entry.pid)
    entry.onEnded({ exitCode: null, signal: 'SIGKILL' })
  }
  entries.clear()
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // ESRCH: it has ended already
  }
}
