import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Makes a new folder which is removed when the running test is over, after what was registered later. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'zkpow-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
