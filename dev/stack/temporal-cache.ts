import { readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheDir } from '../setup/cache.ts'
import { type CachedFolder, cachedFolder } from '../setup/cached-folder.ts'
import { buildTemporal } from './temporal-build.ts'
import { downloadTemporal } from './temporal-download.ts'

/** What puts the program into a folder. */
export interface TemporalTarget {
  /** Folder that gets the program, under the name `temporal`. */
  dir: string
  /** Version of the command line, such as `v1.8.2`. */
  version: string
  report: (fraction: number | undefined, text: string) => void
  signal: AbortSignal
}

/** The dev server's place in the cache, and how it gets there: downloaded, or else built. The Go module states the version. */
export function temporalFolder(): CachedFolder {
  const version = pinnedVersion()
  return cachedFolder({
    id: 'temporal',
    title: "Temporal's dev server",
    cacheDir: cacheDir(),
    inputs: { version, platform: process.platform, arch: process.arch },
    async build(dir, report, signal) {
      const target = { dir, version, report, signal }
      if (!(await downloadTemporal(target))) await buildTemporal(target)
    },
    async describe(dir) {
      const { size } = await stat(join(dir, 'temporal'))
      return `${version}, ${Math.round(size / 1e6)} MB, ${dir}`
    },
  })
}

function pinnedVersion(): string {
  const file = fileURLToPath(new URL('../temporal/go.mod', import.meta.url))
  const [, version] = /^(?:require)?\s*github\.com\/temporalio\/cli (v\S+)/m.exec(readFileSync(file, 'utf8')) ?? []
  if (version === undefined) throw new Error(`${file} doesn't require github.com/temporalio/cli`)
  return version
}
