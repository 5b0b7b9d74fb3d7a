import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'

// The end of what a process wrote is what explains its end; the rest is noise that could fill memory.
const TAIL_CHARS = 4_000
/** Between SIGTERM and SIGKILL, ms. */
export const DEFAULT_GRACE_MS = 5_000

export interface RunProcessOptions {
  file: string
  args: string[]
  /** The whole environment. */
  env: Record<string, string>
  /** Asks the process to end. */
  signal?: AbortSignal
  timeoutMs: number
  /** Between SIGTERM and SIGKILL. @default 5000 */
  graceMs?: number
  /** Opens an IPC channel: sends this first, and gets what the process sends back. */
  ipc?: { request: object; onMessage(message: unknown): void }
}

/** How a process ended; the first reason wins. */
export type ProcessEnd =
  | { ended: 'ok' | 'timeout' | 'aborted' }
  | { ended: 'signal'; signal: NodeJS.Signals }
  | { ended: 'crash'; exitCode: number }

/** How it ended, and the last of what it wrote. */
export type ProcessResult = ProcessEnd & { stdoutTail: string; stderrTail: string }

/**
 * Runs a program in a process group of its own, so that ending it ends whatever it started. Resolves when all of it has
 * ended, however that came.
 * @throws only when the program can't be started.
 */
export function runProcess(options: RunProcessOptions): Promise<ProcessResult> {
  const { file, args, env, signal, ipc } = options
  if (signal?.aborted) return Promise.resolve({ ended: 'aborted', stdoutTail: '', stderrTail: '' })
  const child = spawn(file, args, {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
  })
  const stdout = keepTail(child.stdout)
  const stderr = keepTail(child.stderr)
  if (ipc) {
    child.on('message', ipc.onMessage)
    child.send(ipc.request, () => undefined) // a child that is gone already reports its own end
  }
  return waitForEnd(child, options).then((end) => ({ ...end, stdoutTail: stdout(), stderrTail: stderr() }))
}

function waitForEnd(
  child: ChildProcess,
  { signal, timeoutMs, graceMs = DEFAULT_GRACE_MS }: RunProcessOptions,
): Promise<ProcessEnd> {
  let stopped: 'timeout' | 'aborted' | undefined
  let insist: NodeJS.Timeout | undefined
  const stop = (reason: 'timeout' | 'aborted') => {
    if (stopped) return
    stopped = reason
    killGroup(child, 'SIGTERM')
    insist = setTimeout(() => killGroup(child, 'SIGKILL'), graceMs)
  }
  const onAbort = () => stop('aborted')
  const timeout = setTimeout(() => stop('timeout'), timeoutMs)
  signal?.addEventListener('abort', onAbort)
  // Whatever the process left behind in its group would keep the pipes open, and run on.
  child.once('exit', () => killGroup(child, 'SIGKILL'))
  return new Promise<ProcessEnd>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (exitCode, endedBy) => resolve(stopped ? { ended: stopped } : describeEnd(exitCode, endedBy)))
  }).finally(() => {
    clearTimeout(timeout)
    clearTimeout(insist)
    signal?.removeEventListener('abort', onAbort)
  })
}

function describeEnd(exitCode: number | null, signal: NodeJS.Signals | null): ProcessEnd {
  if (signal !== null) return { ended: 'signal', signal }
  return exitCode === 0 ? { ended: 'ok' } : { ended: 'crash', exitCode: exitCode ?? -1 }
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // no process of the group is left
  }
}

function keepTail(stream: NodeJS.ReadableStream | null): () => string {
  let tail = ''
  stream?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-TAIL_CHARS)
  })
  return () => tail
}
