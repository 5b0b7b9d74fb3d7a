/** What a process needs to start. The environment is exactly `env`; nothing is inherited. */
export interface SpawnOrder {
  type: 'spawn'
  id: number
  command: string
  args: string[]
  env: Record<string, string>
  cwd: string
  logFile: string
  /** How this process is asked to end. Postgres, for example, takes SIGINT for a fast and orderly shutdown. */
  stopSignal: NodeJS.Signals
  /** Milliseconds from the stop signal to SIGKILL. */
  graceMs: number
  user?: { uid: number; gid: number }
}

/** An order from the parent to its supervisor. */
export type SupervisorOrder = SpawnOrder | { type: 'stop'; id: number }

/** A report from the supervisor to its parent. */
export type SupervisorReport =
  | { type: 'spawned'; id: number; pid: number }
  | { type: 'failed'; id: number; reason: string }
  | { type: 'ended'; id: number; exitCode: number | null; signal: NodeJS.Signals | null }
