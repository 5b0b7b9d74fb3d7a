import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SetupReport } from '../setup/step.ts'
import { ProcessEndedError, SpawnError } from './errors.ts'
import { type ProcessOptions, runProcess } from './processes/process.ts'

/** A program that a Go module of ours pins, to be compiled from source. */
export interface GoProgram {
  /** Folder below dev/ with go.mod and go.sum. */
  folder: 'temporal' | 'geth'
  /** Module that holds the program; its version is that of the program. */
  module: string
  /** Package of the command, which gets its last name. */
  package: string
  /** About how long the build takes on two cores, for whoever waits. */
  takes: string
}

/** Where a build goes, and who hears of it. */
export interface BuildTarget {
  /** Folder that gets the program. */
  dir: string
  report: SetupReport
  signal: AbortSignal
}

/** How often progress is read from the compiler's log, in ms. */
const REPORT_MS = 500

/** Reads the version that go.mod states, such as `v1.8.2`. */
export function pinnedVersion({ folder, module }: Pick<GoProgram, 'folder' | 'module'>): string {
  const file = join(moduleFolder(folder), 'go.mod')
  const line = readFileSync(file, 'utf8')
    .split('\n')
    .map((text) => text.replace(/^\s*require\s/, '').trim())
    .find((text) => text.startsWith(`${module} v`))
  if (line === undefined) throw new Error(`${file} doesn't require ${module}`)
  return line.split(' ')[1] ?? ''
}

/** Tells why Go can't build the program here; undefined: it can, as far as one can see without the sources. */
export async function whyNotBuilt(
  { folder }: GoProgram,
  p: { logFile: string; signal: AbortSignal },
): Promise<string | undefined> {
  try {
    // It reads go.mod, and refuses one that asks for a newer Go.
    await runGo(folder, p.logFile, p.signal, ['list', '-m'])
    return undefined
  } catch (error) {
    p.signal.throwIfAborted()
    if (error instanceof SpawnError) return 'there is no Go to build it'
    if (!(error instanceof ProcessEndedError)) throw error
    return (await readFile(p.logFile, 'utf8')).trim().split('\n').at(-1)
  }
}

/**
 * Compiles a program into `<dir>/<its name>`. It takes seconds where Go has compiled it before.
 * @param onFailed makes the error to throw from what is in the way.
 */
export async function buildGoProgram(
  program: GoProgram,
  target: BuildTarget,
  onFailed: (reason: string, cause: unknown) => Error,
): Promise<void> {
  const { dir, report, signal } = target
  const run = async (logFile: string, args: string[]) => {
    try {
      await runGo(program.folder, logFile, signal, args)
    } catch (cause) {
      signal.throwIfAborted()
      throw onFailed(
        cause instanceof SpawnError ? 'there is no Go to build it' : `the build with Go failed: ${cause}`,
        cause,
      )
    }
  }
  report(undefined, 'getting the sources with Go')
  const packagesLog = join(dir, 'packages.log')
  await run(packagesLog, ['list', '-deps', program.package])
  const packages = await countPackages(packagesLog)
  const buildLog = join(dir, 'build.log')
  const progress = setInterval(() => void reportCompiled(program, report, { logFile: buildLog, packages }), REPORT_MS)
  try {
    const output = join(dir, program.package.split('/').at(-1) ?? '')
    // -v names each package when it is compiled
    await run(buildLog, ['build', '-v', '-ldflags', '-s -w', '-o', output, program.package])
  } finally {
    clearInterval(progress)
  }
}

const moduleFolder = (folder: GoProgram['folder']): string => fileURLToPath(new URL(`../${folder}/`, import.meta.url))

function runGo(folder: GoProgram['folder'], logFile: string, signal: AbortSignal, args: string[]): Promise<void> {
  return runProcess({
    name: 'go',
    command: 'go',
    args,
    cwd: moduleFolder(folder),
    env: goEnv(dirname(logFile)),
    logFile,
    signal,
  })
}

/**
 * Passes Go's own settings (module proxy, caches) on, which decide where the sources come from. Linking takes space
 * that a small /tmp hasn't.
 */
function goEnv(scratch: string): NonNullable<ProcessOptions['env']> {
  const settings = Object.entries(process.env).flatMap(([name, value]) =>
    value !== undefined && /^(GO|HTTPS?_PROXY|NO_PROXY)/i.test(name) ? [[name, value]] : [],
  )
  return { GOTMPDIR: scratch, ...Object.fromEntries(settings), CGO_ENABLED: '0' }
}

async function reportCompiled(
  { takes }: GoProgram,
  report: SetupReport,
  p: { logFile: string; packages: number },
): Promise<void> {
  const compiled = await countPackages(p.logFile).catch(() => 0) // the log is not there before the compiler is
  report(
    Math.min(0.99, compiled / p.packages),
    `building from source, about ${takes}, once: ${compiled} of at most ${p.packages} packages`,
  )
}

/** Counts the packages: they have a line each, among Go's own messages such as "go: downloading …". */
async function countPackages(logFile: string): Promise<number> {
  return (await readFile(logFile, 'utf8')).split('\n').filter((line) => line !== '' && !line.startsWith('go: ')).length
}
