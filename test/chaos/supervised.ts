import { setTimeout as delay } from 'node:timers/promises'
import type { ManagedProcess } from '../../dev/stack/process.ts'
import type { Timeline } from './timeline.ts'

/** One of our processes as a service manager keeps it: whenever it ends, it is started again. */
export interface Supervised {
  readonly name: string
  kill(): void
  /** Kills it for good: what it might still tidy up, nobody looks at. */
  stop(): Promise<void>
}

/** Pause before a start, ms: what service managers wait too. */
const PAUSE_MS = 500

export function supervise(name: string, start: () => Promise<ManagedProcess>, timeline: Timeline): Supervised {
  const stopped = new AbortController()
  let current: ManagedProcess | undefined
  const running = (async () => {
    while (!stopped.signal.aborted) {
      current = await start()
      const ending = await current.ended
      if (stopped.signal.aborted) return
      timeline.note(`${name} ended (${ending.exitCode ?? ending.signal}) and is started again`)
      await delay(PAUSE_MS, undefined, { signal: stopped.signal }).catch(() => {})
    }
  })()
  return {
    name,
    kill: () => current?.kill('SIGKILL'),
    stop: async () => {
      stopped.abort()
      current?.kill('SIGKILL')
      await running
    },
  }
}
