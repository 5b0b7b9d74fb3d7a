import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'

// The holder touches the file far more often than others give it up, so only a dead holder looks stale.
const TOUCH_MS = 2_000
const STALE_MS = 30_000
const POLL_MS = 250

interface LockOptions {
  path: string
  /** Is called once if somebody else holds the lock. */
  onWait(): void
  /** Ends the waiting. */
  signal: AbortSignal
}

/**
 * Runs `work` while holding a lock file. What is built is moved into place atomically, so a lock that was wrongly taken
 * over costs a build, not correctness.
 */
export async function withLock<T>({ path, onWait, signal }: LockOptions, work: () => Promise<T>): Promise<T> {
  const owner = JSON.stringify({ host: hostname(), pid: process.pid })
  for (let waited = false; !(await tryCreate(path, owner)); waited = true) {
    if (await isAbandoned(path)) await rm(path, { force: true })
    else {
      if (!waited) onWait()
      await delay(POLL_MS, undefined, { signal })
    }
  }
  const touch = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => undefined), TOUCH_MS)
  try {
    return await work()
  } finally {
    clearInterval(touch)
    await rm(path, { force: true })
  }
}

async function tryCreate(path: string, owner: string): Promise<boolean> {
  try {
    await writeFile(path, owner, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(path)
    if (Date.now() - mtimeMs > STALE_MS) return true
    const owner = JSON.parse(await readFile(path, 'utf8')) as { host: string; pid: number }
    return owner.host === hostname() && !isAlive(owner.pid)
  } catch {
    return false // it is released or not yet written, so we look again
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
