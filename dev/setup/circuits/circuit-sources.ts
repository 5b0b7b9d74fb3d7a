import { createHash } from 'node:crypto'
import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Hex } from '../../../protocol/base/ranges.ts'
import { SetupStepError } from '../errors.ts'

/** Constants of circuits/<stage>/src/keys.nr, by the stage whose key they hold. */
const KEY_CONSTANT = { batch: 'BATCH_KEY_HASH', aggregate: 'AGGREGATE_KEY_HASH' } as const

/** Packages of a circuits folder; anything else in it (tests, notes) doesn't concern the keys. */
const PACKAGES = ['lib', 'batch', 'aggregate', 'final']

/** Hashes (sha256) paths and contents of all sources, in the order of their paths. */
export async function hashCircuitSources(circuitsDir: string): Promise<string> {
  const hash = createHash('sha256')
  for (const path of await sourcePaths(circuitsDir))
    hash
      .update(`${path}\0`)
      .update(await readFile(join(circuitsDir, path)))
      .update('\0')
  return hash.digest('hex')
}

/** Copies the sources, because keys are written into the copy. */
export async function copyCircuitSources(circuitsDir: string, to: string): Promise<void> {
  for (const path of await sourcePaths(circuitsDir)) await cp(join(circuitsDir, path), join(to, path))
}

/** Writes the key hash of one stage into the sources of another. */
export async function writeKeyConstant(
  sourcesDir: string,
  p: { into: 'aggregate' | 'final'; of: keyof typeof KEY_CONSTANT; hash: Hex },
): Promise<void> {
  const path = join(sourcesDir, p.into, 'src', 'keys.nr')
  const line = (value: string) => `pub global ${KEY_CONSTANT[p.of]}: Field = ${value};`
  const pieces = (await readFile(path, 'utf8')).split(line('0'))
  if (pieces.length !== 2)
    throw new SetupStepError(`${path} does not hold the line "${line('0')}" exactly once.`, {
      remedy: 'see "Key constants" in circuits/README.md.',
    })
  await writeFile(path, pieces.join(line(p.hash)))
}

async function sourcePaths(circuitsDir: string): Promise<string[]> {
  const lists = await Promise.all(
    PACKAGES.map(async (name) =>
      (await readdir(join(circuitsDir, name), { recursive: true })).map((path) => join(name, path)),
    ),
  )
  return lists
    .flat()
    .filter((path) => path.endsWith('.nr') || path.endsWith('Nargo.toml'))
    .sort()
}
