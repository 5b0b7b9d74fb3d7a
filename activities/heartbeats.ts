import { AsyncLocalStorage } from 'node:async_hooks'
import { activityInfo, heartbeat } from '@temporalio/activity'

/**
 * Time between two beats, ms: a fifth of the workflows' shortest heartbeat timeout. They come also while nothing is
 * reported, because a machine that beats is alive.
 */
const HEARTBEAT_MS = 2_000

/**
 * Beats from a timer, so that a long silent phase doesn't look like a dead machine. @param first what is reported until
 * `report` is called.
 */
export function startHeartbeats<T extends object>(first: T) {
  const startedAt = Date.now()
  let progress = first
  const beat = () => heartbeat({ ...progress, elapsedMs: Date.now() - startedAt, attempt: activityInfo().attempt })
  const timer = setInterval(AsyncLocalStorage.bind(beat), HEARTBEAT_MS)
  return {
    report(next: T): void {
      progress = next
      beat()
    },
    stop: () => clearInterval(timer),
  }
}

/** Makes activities that beat while they run. */
export function withHeartbeats<T extends object>(activities: T): T {
  const entries = Object.entries(activities).map(([name, activity]) => [name, beating(activity)])
  return Object.fromEntries(entries) as T
}

const beating =
  (activity: (...args: unknown[]) => Promise<unknown>) =>
  async (...args: unknown[]): Promise<unknown> => {
    const beats = startHeartbeats({})
    try {
      return await activity(...args)
    } finally {
      beats.stop()
    }
  }
