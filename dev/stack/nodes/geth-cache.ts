import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cacheDir } from '../../setup/cache.ts'
import { type CachedFolder, cachedFolder } from '../../setup/cached-folder.ts'
import type { SetupReport, SetupStep } from '../../setup/step.ts'
import { GethUnavailableError } from '../errors.ts'
import { buildGoProgram, type GoProgram, pinnedVersion, whyNotBuilt } from '../go-build.ts'

const PROGRAM: GoProgram = {
  folder: 'geth',
  module: 'github.com/ethereum/go-ethereum',
  package: 'github.com/ethereum/go-ethereum/cmd/geth',
  takes: '3 minutes',
}

/**
 * Makes the set-up step that builds geth with Go. Without both it is left out, since only some tests and `--node geth`
 * need it.
 */
export function gethStep(): SetupStep {
  return { ...requiredGethStep(), whyNot: whyNoGeth }
}

/** Makes the same step for whoever can't do without geth. Without Go it fails. */
export function requiredGethStep(): SetupStep {
  return gethFolder()
}

/** Tells why there is no geth on this machine and none can be made; undefined: there is or can be. */
export async function whyNoGeth(): Promise<string | undefined> {
  if (await gethFolder().isDone()) return undefined
  const scratch = await mkdtemp(join(tmpdir(), 'zkpow-go-'))
  try {
    return await whyNotBuilt(PROGRAM, { logFile: join(scratch, 'go.log'), signal: new AbortController().signal })
  } finally {
    await rm(scratch, { recursive: true })
  }
}

/** Gives the path of geth in the cache, where it is built if it is missing. @throws GethUnavailableError */
export async function obtainGeth(report: SetupReport, signal: AbortSignal): Promise<string> {
  const folder = gethFolder()
  await folder.run(report, signal)
  return join(folder.dir, 'geth')
}

function gethFolder(): CachedFolder {
  const version = pinnedVersion(PROGRAM)
  return cachedFolder({
    id: 'geth',
    title: 'geth, a real execution client',
    cacheDir: cacheDir(),
    inputs: { version, platform: process.platform, arch: process.arch },
    build: (dir, report, signal) =>
      buildGoProgram(PROGRAM, { dir, report, signal }, (reason, cause) => new GethUnavailableError({ reason, cause })),
    async describe(dir) {
      const { size } = await stat(join(dir, 'geth'))
      return `${version}, ${Math.round(size / 1e6)} MB, ${dir}`
    },
  })
}
