/**
 * Runs as a child process of whoever starts a stack, and is the real parent of every process of that stack. It holds
 * the IPC channel to its own parent; when that closes, for whatever reason (exit, exception, SIGKILL), it ends
 * everything it started. It sits in a session of its own, so Ctrl-C in a terminal or a signal to the parent's process
 * group doesn't reach it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import type { SpawnOrder, SupervisorOrder, SupervisorReport } from './supervisor-messages.ts'

/**
 * Once the parent is gone nobody waits for results: this grace, in ms, is for files to be left whole (anvil's state can
 * be 100 MB).
 */
const ORPHAN_GRACE_MS = 10_000

interface Supervised {
  child: ChildProcess
  order: SpawnOrder
  ended: Promise<void>
}

const running = new Map<number, Supervised>()

// The supervisor ends with its parent, never before it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
process.on('message', (order: SupervisorOrder) => {
  if (order.type === 'spawn') start(order)
  else void stop(order.id)
})
process.on('disconnect', () => void endAll())

function start(order: SpawnOrder): void {
  const log = openSync(order.logFile, 'a')
  try {
    // The child has a group of its own, so that it can be signalled together with its own children.
    const child = spawn(order.command, order.args, {
      cwd: order.cwd,
      env: order.env,
      detached: true,
      stdio: ['ignore', log, log],
      ...order.user,
    })
    supervise(child, order)
  } catch (cause) {
    report({ type: 'failed', id: order.id, reason: String(cause) })
  } finally {
    closeSync(log)
  }
}

function supervise(child: ChildProcess, order: SpawnOrder): void {
  const { id } = order
  if (child.pid === undefined) {
    child.once('error', (cause) => report({ type: 'failed', id, reason: cause.message }))
    return
  }
  const ended = new Promise<void>((resolve) => {
    child.once('exit', (exitCode, signal) => {
      signalGroup(child, 'SIGKILL') // what it started and left behind
      running.delete(id)
      report({ type: 'ended', id, exitCode, signal })
      resolve()
    })
  })
  running.set(id, { child, order, ended })
  report({ type: 'spawned', id, pid: child.pid })
}

async function stop(id: number, graceLimitMs = Number.POSITIVE_INFINITY): Promise<void> {
  const supervised = running.get(id)
  if (!supervised) return
  const { child, order, ended } = supervised
  signalGroup(child, order.stopSignal)
  signalGroup(child, 'SIGCONT') // a suspended process would not see the stop signal
  const insist = setTimeout(() => signalGroup(child, 'SIGKILL'), Math.min(order.graceMs, graceLimitMs))
  await ended
  clearTimeout(insist)
}

async function endAll(): Promise<void> {
  await Promise.all([...running.keys()].map((id) => stop(id, ORPHAN_GRACE_MS)))
  process.exit(0)
}

/** Signals a process and its children. It is no error when they are gone already. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal)
  } catch {
    // ESRCH: the whole group has ended
  }
}

function report(message: SupervisorReport): void {
  if (process.connected) process.send?.(message)
}
