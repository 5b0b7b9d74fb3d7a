import { createHash } from 'node:crypto'
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { withLock } from './lock.ts'
import type { SetupReport, SetupStep } from './step.ts'

/** A set-up step whose result is a folder that exists only when it is complete. */
export interface CachedFolder extends SetupStep {
  /** Where the result is, or will be. */
  readonly dir: string
}

export interface CachedFolderDefinition {
  id: string
  title: string
  cacheDir: string
  /** Everything that the result depends on: source hashes, versions, names. Another value is another folder. */
  inputs: Record<string, string>
  /** Writes the result into an empty folder, which is moved into place afterwards: a crash leaves nothing half made. */
  build(dir: string, report: SetupReport, signal: AbortSignal): Promise<void>
  /** Tells what is worth knowing of a finished result. */
  describe(dir: string): Promise<string>
}

/**
 * Makes a step of a folder in the cache, keyed by what it is made from. When two processes run it at once, one builds
 * and the other waits for it.
 */
export function cachedFolder({ id, title, cacheDir, inputs, build, describe }: CachedFolderDefinition): CachedFolder {
  const dir = join(cacheDir, `${id}-${contentKey(inputs)}`)
  const isDone = () => exists(dir)
  return {
    id,
    title,
    dir,
    isDone,
    reused: () => describe(dir),
    async run(report, signal) {
      await mkdir(cacheDir, { recursive: true })
      const onWait = () => report(undefined, 'waiting for another process that makes this')
      await withLock({ path: `${dir}.lock`, onWait, signal }, async () => {
        if (!(await isDone())) await buildInto(dir, (scratch) => build(scratch, report, signal))
      })
    },
  }
}

/** Makes 16 hex digits that change with any name or value of the inputs, whatever their order. */
function contentKey(inputs: Record<string, string>): string {
  const sorted = Object.entries(inputs).sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 16)
}

async function buildInto(dir: string, build: (scratch: string) => Promise<void>): Promise<void> {
  await removeAbandoned(dir)
  const scratch = await mkdtemp(`${dir}.tmp-`)
  try {
    await build(scratch)
    await rename(scratch, dir)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Removes what killed builds left behind: whoever holds the lock is the only one that builds. */
async function removeAbandoned(dir: string): Promise<void> {
  const abandoned = (await readdir(dirname(dir))).filter((name) => name.startsWith(`${basename(dir)}.tmp-`))
  for (const name of abandoned) await rm(join(dirname(dir), name), { recursive: true, force: true })
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
