import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SpawnError, TemporalUnavailableError } from './errors.ts'
import { type ProcessOptions, runProcess } from './process.ts'
import type { TemporalTarget } from './temporal-cache.ts'

const MODULE = fileURLToPath(new URL('../temporal/', import.meta.url))
const PACKAGE = 'github.com/temporalio/cli/cmd/temporal'

/** How often progress is read from the compiler's log, in ms. */
const REPORT_MS = 500

/** Compiles the program from source: 5 to 7 minutes on two cores, and seconds where Go has compiled it before. */
export async function buildTemporal(target: TemporalTarget): Promise<void> {
  const packages = await listPackages(target)
  const logFile = join(target.dir, 'build.log')
  const progress = setInterval(() => void reportCompiled(target, logFile, packages), REPORT_MS)
  try {
    // -v names each package when it is compiled.
    await runGo(target, logFile, ['build', '-v', '-ldflags', '-s -w', '-o', join(target.dir, 'temporal'), PACKAGE])
  } finally {
    clearInterval(progress)
  }
}

/** Downloads the sources and counts the packages to compile. */
async function listPackages(target: TemporalTarget): Promise<number> {
  target.report(undefined, 'getting the sources with Go')
  const logFile = join(target.dir, 'packages.log')
  await runGo(target, logFile, ['list', '-deps', PACKAGE])
  return countPackages(logFile)
}

async function runGo(target: TemporalTarget, logFile: string, args: string[]): Promise<void> {
  try {
    await runProcess({ name: 'go', command: 'go', args, cwd: MODULE, env: goEnv(), logFile, signal: target.signal })
  } catch (cause) {
    target.signal.throwIfAborted()
    const missing = 'it can not be downloaded here, and there is no Go to build it'
    const reason = cause instanceof SpawnError ? missing : `it can not be downloaded here, and the build with Go failed: ${cause}`
    throw new TemporalUnavailableError({ reason, cause })
  }
}

/** Go's own settings (module proxy, caches) are passed on; they decide where the sources come from. */
function goEnv(): NonNullable<ProcessOptions['env']> {
  const settings = Object.entries(process.env).flatMap(([name, value]) =>
    value !== undefined && /^(GO|HTTPS?_PROXY|NO_PROXY)/i.test(name) ? [[name, value]] : [],
  )
  return { ...Object.fromEntries(settings), CGO_ENABLED: '0' }
}

async function reportCompiled(target: TemporalTarget, logFile: string, packages: number): Promise<void> {
  const compiled = await countPackages(logFile).catch(() => 0) // the log is not there before the compiler is
  target.report(
    Math.min(0.99, compiled / packages),
    `building from source, about 6 minutes, once: ${compiled} of at most ${packages} packages`,
  )
}

/** A line each, among Go's own messages such as "go: downloading …". */
async function countPackages(logFile: string): Promise<number> {
  return (await readFile(logFile, 'utf8')).split('\n').filter((line) => line !== '' && !line.startsWith('go: ')).length
}
