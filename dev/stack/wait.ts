import { setTimeout as delay } from 'node:timers/promises'

/** Between two tries, in ms: short enough not to be noticed, long enough not to load the machine. */
const PAUSE_MS = 50

/**
 * Repeats `attempt` until it resolves. The time-out throws what `onTimeout` makes of the last failure; an abort throws
 * its reason.
 */
export async function pollUntil<T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  p: { timeoutMs: number; signal: AbortSignal; onTimeout: (lastFailure: unknown) => Error },
): Promise<T> {
  const deadline = AbortSignal.timeout(p.timeoutMs)
  const signal = AbortSignal.any([deadline, p.signal])
  let lastFailure: unknown
  while (!signal.aborted) {
    try {
      return await attempt(signal)
    } catch (failure) {
      if (!signal.aborted) lastFailure = failure
    }
    await delay(PAUSE_MS, undefined, { signal }).catch(() => {})
  }
  p.signal.throwIfAborted()
  throw p.onTimeout(lastFailure)
}
