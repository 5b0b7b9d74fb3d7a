import type { ChildProcess } from 'node:child_process'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

// Linux keeps the high-water mark itself, so only growth in the last moment before the end can be missed.
const SAMPLE_MS = 100

/**
 * Watches a process until it ends. @returns a function that gives the highest resident memory seen, in bytes; 0 if it
 * ended before the first look.
 */
export function watchPeakMemory(child: ChildProcess): () => number {
  let peak = 0
  const sample = async () => {
    const bytes = await residentBytes(child.pid)
    peak = Math.max(peak, bytes)
  }
  const timer = setInterval(() => void sample(), SAMPLE_MS)
  void sample()
  child.once('exit', () => clearInterval(timer))
  return () => peak
}

/**
 * Gives the highest resident memory of this process so far, in bytes. On Linux it isn't read from `resourceUsage`: the
 * kernel carries that maximum over from the process that forked this one, so that it would be its worker's.
 */
export function ownPeakBytes(): number {
  try {
    return markIn(readFileSync('/proc/self/status', 'utf8'))
  } catch {
    return process.resourceUsage().maxRSS * 1024 // such a system has no /proc
  }
}

const residentBytes = (pid: number | undefined): Promise<number> => {
  if (pid === undefined) return Promise.resolve(0)
  return process.platform === 'linux' ? highWaterMark(pid) : residentNow(pid)
}

/** Gives the highest resident memory of a running process so far, bytes; 0 where the system has no /proc. */
export const highWaterMark = async (pid: number): Promise<number> =>
  markIn(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''))

/** Reads the mark of this program alone, which starts anew with each. */
const markIn = (status: string): number => Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024

/** Asks `ps`, for systems without /proc. */
const residentNow = (pid: number): Promise<number> =>
  new Promise((resolve) => {
    execFile('ps', ['-o', 'rss=', '-p', String(pid)], (error, stdout) =>
      resolve(error ? 0 : Number(stdout.trim()) * 1024),
    )
  })
