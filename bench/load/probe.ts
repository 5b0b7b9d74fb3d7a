/**
 * Loaded into a process that is measured, before its own code (`--import`): keeps the longest pauses of its event loop
 * and, where asked, a profile of its main thread. The first SIGWINCH begins, the second one writes; at SIGUSR2
 * Temporal's SDK would end its workers.
 */
import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

/** Pause between two looks at the clock, ms; the histogram counts it as part of each pause. */
const RESOLUTION_MS = 5

const file = process.env.ZKPOW_BENCH_PROBE
const profileFile = process.env.ZKPOW_BENCH_PROFILE
if (isMainThread && file !== undefined) process.on('SIGWINCH', begin(file))

function begin(file: string): () => void {
  const pauses = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  const session = new Session()
  let hasBegun = false
  return () => {
    if (hasBegun) return end(file)
    hasBegun = true
    pauses.enable()
    if (profileFile === undefined) return
    session.connect()
    session.post('Profiler.enable')
    session.post('Profiler.start')
  }

  function end(file: string): void {
    pauses.disable()
    const ms = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS)
    writeFileSync(file, JSON.stringify({ longestMs: ms(pauses.max), p99Ms: ms(pauses.percentile(99)) }))
    if (profileFile === undefined) return
    session.post('Profiler.stop', (error, stopped) => {
      writeFileSync(profileFile, JSON.stringify(error ?? stopped.profile))
    })
  }
}
