import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ProcessEndedError } from '../errors.ts'
import type { BuildTarget } from '../go-build.ts'
import { runProcess } from '../processes/process.ts'

/**
 * Limit for about 40 MB, ms. Without internet the download fails at once; behind a firewall that swallows packets it
 * takes this long.
 */
const TIMEOUT_MS = 90_000

/**
 * Lets the Temporal SDK download the program, of a version such as `v1.8.2`, under the name `temporal`. Answers whether
 * that worked. A child process does it, since the SDK can't give up a download.
 */
export async function downloadTemporal({
  dir,
  version,
  report,
  signal,
}: BuildTarget & { version: string }): Promise<boolean> {
  report(undefined, `downloading, for at most ${TIMEOUT_MS / 1000} s`)
  const folder = join(dir, 'download')
  try {
    await runProcess({
      name: 'download of Temporal',
      command: process.execPath,
      args: [fileURLToPath(new URL('./download-child.ts', import.meta.url)), folder, version],
      logFile: join(dir, 'download.log'),
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    })
    const [program = ''] = await readdir(folder)
    await rename(join(folder, program), join(dir, 'temporal'))
    return true
  } catch (error) {
    if (!(error instanceof ProcessEndedError)) throw error
    signal.throwIfAborted()
    return false
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
