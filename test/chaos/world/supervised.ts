import { setTimeout as delay } from 'node:timers/promises'
import type { ManagedProcess } from '../../../dev/stack/processes/process.ts'
import type { Timeline } from '../report/timeline.ts'

/** One of our processes as a service manager keeps it: whenever it ends, it is started again. */
export interface Supervised {
  readonly name: string
  signal(signal: NodeJS.Signals): void
  /** Tells the process id of the one that was started last. */
  pid(): number | undefined
  /** Kills it and starts no other until the answered function is called. */
  takeDown(): Promise<() => void>
  /** Kills it for good: what it might still tidy up, nobody looks at. */
  stop(): Promise<void>
}

/** Pause before a start, ms: what service managers wait too. */
const PAUSE_MS = 500

export function supervise(name: string, start: () => Promise<ManagedProcess>, timeline: Timeline): Supervised {
  const stopped = new AbortController()
  const isStopped = new Promise<void>((resolve) => stopped.signal.addEventListener('abort', () => resolve()))
  const downs = new Set<Promise<void>>()
  let current: ManagedProcess | undefined
  const running = (async () => {
    while (!stopped.signal.aborted) {
      while (downs.size > 0 && !stopped.signal.aborted) await Promise.race([isStopped, Promise.all(downs)])
      if (stopped.signal.aborted) return
      current = await start()
      const ending = await current.ended
      if (stopped.signal.aborted) return
      timeline.note(`${name} ended (${ending.exitCode ?? ending.signal}) and is started again`)
      await delay(PAUSE_MS, undefined, { signal: stopped.signal }).catch(() => {})
    }
  })()
  return {
    name,
    signal: (signal) => current?.kill(signal),
    pid: () => current?.pid,
    takeDown: async () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      downs.add(promise)
      current?.kill('SIGKILL')
      await current?.ended
      return () => {
        downs.delete(promise)
        resolve()
      }
    },
    stop: async () => {
      stopped.abort()
      current?.kill('SIGKILL')
      await running
    },
  }
}
