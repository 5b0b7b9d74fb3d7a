import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheDir } from '../../setup/cache.ts'
import { type CachedFolder, cachedFolder } from '../../setup/cached-folder.ts'
import { TemporalUnavailableError } from '../errors.ts'
import { type BuildTarget, buildGoProgram, type GoProgram, pinnedVersion } from '../go-build.ts'
import { downloadTemporal } from './download.ts'

const PROGRAM: GoProgram = {
  folder: 'temporal',
  module: 'github.com/temporalio/cli',
  package: 'github.com/temporalio/cli/cmd/temporal',
  takes: '6 minutes',
}

/**
 * Tells the dev server's place in the cache, and how it gets there: downloaded, or else built. The Go module states the
 * version.
 */
export function temporalFolder(): CachedFolder {
  const version = pinnedVersion(PROGRAM)
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

/** Puts the dev server into a folder, under the name `temporal`. @throws TemporalUnavailableError */
export function buildTemporal(target: BuildTarget): Promise<void> {
  return buildGoProgram(
    PROGRAM,
    target,
    (reason, cause) => new TemporalUnavailableError({ reason: `it can not be downloaded here, and ${reason}`, cause }),
  )
}
