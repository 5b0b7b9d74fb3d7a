import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { provingSetup } from '../../../dev/setup/proving-steps.ts'

const TINY_CIRCUITS = fileURLToPath(new URL('../circuits', import.meta.url))

/**
 * Makes artifacts of circuits with the real ABI that only compare a few numbers, which takes milliseconds instead of
 * seconds. They are under the development reference string.
 */
export const tinyArtifacts = (): Promise<string> => build(TINY_CIRCUITS)

/** Makes artifacts of the real circuits, under the development reference string. */
export const realArtifacts = (): Promise<string> => build()

/** Builds artifacts, or reuses the cache: a second run only looks. */
async function build(circuitsDir?: string): Promise<string> {
  const { steps, artifactsDir } = await provingSetup('development', circuitsDir)
  for (const step of steps) if (!(await step.isDone())) await step.run(() => undefined, new AbortController().signal)
  return artifactsDir
}

/**
 * Copies the tiny artifacts with a script of test/provers/fixtures in place of `bb`, into a folder of its own that the
 * caller removes.
 */
export async function artifactsWithFakeBb(fixture: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'zkpow-fake-bb-'))
  await cp(await tinyArtifacts(), dir, { recursive: true, filter: (path) => !path.endsWith('.dat') })
  await rm(join(dir, 'bb'))
  await cp(fileURLToPath(new URL(`../fixtures/${fixture}`, import.meta.url)), join(dir, 'bb'))
  return dir
}
