import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { messageOf, RetryableError } from '../protocol/base/errors.ts'
import { EXIT_RETRY } from './exit-codes.ts'

/** Between two ticks, ms. */
const TICK_MS = 250

/**
 * A tick that is later by this, ms, is taken for a suspension. A workflow task times out at the server after 10 s: only
 * what lay unread for as long harms when it is worked on then, and a busy machine is late by seconds, too.
 */
const LATE_MS = 8_000

/**
 * How often a process starts anew within this time, ms. A machine that is late more often is too busy, and starting
 * anew would make it busier.
 */
const MAX_STARTS = 3
const STARTS_WITHIN_MS = 10 * 60_000

/** Moments at which the process has started itself anew, ms since the epoch, with commas in between. */
const STARTS_ENV = 'ZKPOW_STARTED_ANEW'

/** How long the process was suspended that this one took the place of, ms. */
const SUSPENDED_ENV = 'ZKPOW_SUSPENDED_MS'

/**
 * The pause before an aggregator that has started itself anew looks again at what is away, ms: the network comes back
 * later than the process.
 */
const AWAY_MS = 2_000

export interface Clocks {
  /** Gives ms since the epoch. They go on while a machine sleeps, and a monotonic clock mostly doesn't. */
  wall(): number
  /** Gives ms. They go on while a process is stopped, whatever anybody does to the wall clock. */
  monotonic(): number
}

const CLOCKS: Clocks = { wall: () => Date.now(), monotonic: () => performance.now() }

/**
 * Notices that the process, or its machine, was suspended.
 * @param onSuspended hears how late a tick was, ms.
 * @returns what ends it.
 */
export function watchSuspension(
  onSuspended: (lateMs: number) => void,
  { wall, monotonic }: Clocks = CLOCKS,
): () => void {
  let last = { wall: wall(), monotonic: monotonic() }
  const ticks = setInterval(() => {
    const now = { wall: wall(), monotonic: monotonic() }
    const lateMs = Math.max(now.wall - last.wall, now.monotonic - last.monotonic) - TICK_MS
    last = now
    if (lateMs >= LATE_MS) onSuspended(lateMs)
  }, TICK_MS)
  return () => clearInterval(ticks)
}

/** Tells whether the process may start itself anew once more, and what to tell its successor. */
export function nextStart(before: string | undefined, nowMs: number): { mayStart: boolean; starts: string } {
  const recent = (before ?? '').split(',').filter((at) => at !== '' && nowMs - Number(at) < STARTS_WITHIN_MS)
  return { mayStart: recent.length < MAX_STARTS, starts: [...recent, nowMs].join(',') }
}

/**
 * Puts a fresh process in the place of this one, at once and with the same id: after a suspension Temporal's core works
 * on tasks that have long been given to others, and may then go on with a workflow whose history it has got wrong.
 * Whatever it is about to do must not come about. Where the system can't replace a process, this one ends.
 */
export function startAnew(log: Logger, lateMs: number): void {
  const { mayStart, starts } = nextStart(process.env[STARTS_ENV], Date.now())
  if (!mayStart) {
    log.warn(
      `suspended for ${seconds(lateMs)}, or too busy: it started anew ${MAX_STARTS} times within minutes, and goes on as it is`,
    )
    return
  }
  try {
    const args = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
    const told = { [STARTS_ENV]: starts, [SUSPENDED_ENV]: String(lateMs) }
    process.execve?.(process.execPath, args, { ...process.env, ...told })
    log.error(`suspended for ${seconds(lateMs)}, and this system has no way to start anew: start it again`)
  } catch (error) {
    log.error(`suspended for ${seconds(lateMs)}, and can't start anew: start it again: ${messageOf(error)}`)
  }
  process.exit(EXIT_RETRY)
}

/**
 * Says that the process has started itself anew. Its predecessor can't: the log writes in a thread, which ends with it,
 * and waiting for that would let the rest of the process go on.
 */
export function tellStart(log: Logger): void {
  const suspendedMs = process.env[SUSPENDED_ENV]
  if (suspendedMs !== undefined) log.warn(`suspended for ${seconds(Number(suspendedMs))}: started anew`)
}

/**
 * Tries a start again and again where the process has started itself anew: nobody else might start it.
 * @param stop ends that.
 * @throws what the start throws; in a process that has started itself anew no RetryableError before it is stopped.
 */
export async function untilStarted<T>(log: Logger, stop: AbortSignal, start: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await start()
    } catch (error) {
      const isAnew = process.env[STARTS_ENV] !== undefined
      if (!isAnew || !(error instanceof RetryableError) || stop.aborted) throw error
      log.warn(`can't start yet: ${error.describe()}`)
      await delay(AWAY_MS, undefined, { signal: stop }).catch(() => {})
      if (stop.aborted) throw error
    }
  }
}

const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`
