import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { provingSetup } from '../../../dev/setup/proving-steps.ts'

const TINY_CIRCUITS = fileURLToPath(new URL('../circuits', import.meta.url))

/**
 * Artifacts of circuits with the real ABI that only compare a few numbers: milliseconds instead of seconds. Development
 * reference string.
 */
export const tinyArtifacts = (): Promise<string> => build(TINY_CIRCUITS)

/** Artifacts of the real circuits. Development reference string. */
export const realArtifacts = (): Promise<string> => build()

/** Reuses the cache: a second run only looks. */
async function build(circuitsDir?: string): Promise<string> {
  const { steps, artifactsDir } = await provingSetup('development', circuitsDir)
  for (const step of steps) if (!(await step.isDone())) await step.run(() => undefined, new AbortController().signal)
  return artifactsDir
}

/**
 * The tiny artifacts with a script of test/provers/fixtures in place of `bb`, in a folder of its own that the caller
 * removes.
 */
export async function artifactsWithFakeBb(fixture: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'zkpow-fake-bb-'))
  await cp(await tinyArtifacts(), dir, { recursive: true, filter: (path) => !path.endsWith('.dat') })
  await rm(join(dir, 'bb'))
  await cp(fileURLToPath(new URL(`../fixtures/${fixture}`, import.meta.url)), join(dir, 'bb'))
  return dir
}
