import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import type { SetupReport, SetupStep } from '../../setup/step.ts'
import { StackUsageError } from '../errors.ts'
import { temporalFolder } from './cache.ts'

/** Where the dev server comes from: one that runs already, or a program to start. */
export type TemporalSource = { kind: 'address'; address: string } | { kind: 'program'; path: string; from: string }

/** The first server with priorities and fairness. */
const OLDEST = { major: 1, minor: 29 }

/**
 * Takes the first that is there of `TEMPORAL_ADDRESS`, `TEMPORAL_CLI_PATH`, `temporal` on the PATH and our cache.
 * Otherwise the dev server is made and put into the cache.
 */
export async function obtainTemporal(report: SetupReport, signal: AbortSignal): Promise<TemporalSource> {
  const found = await findTemporal()
  if (found) return found
  const folder = temporalFolder()
  await folder.run(report, signal)
  return fromCache(folder.dir)
}

/** Makes the set-up step for the dev server. */
export function temporalStep(): SetupStep {
  return {
    id: 'temporal',
    title: "Temporal's dev server",
    isDone: async () => (await findTemporal()) !== undefined,
    run: async (report, signal) => void (await obtainTemporal(report, signal)),
    reused: async () => {
      const source = await findTemporal()
      if (source?.kind === 'address') return `the server at ${source.address}, as TEMPORAL_ADDRESS says`
      if (source?.from === 'the cache') return temporalFolder().reused()
      return source ? `${source.path}, found by ${source.from}` : 'nothing'
    },
  }
}

async function findTemporal(): Promise<TemporalSource | undefined> {
  const { TEMPORAL_ADDRESS, TEMPORAL_CLI_PATH } = process.env
  if (TEMPORAL_ADDRESS) return { kind: 'address', address: TEMPORAL_ADDRESS }
  if (TEMPORAL_CLI_PATH)
    return { kind: 'program', path: await checkedCliPath(TEMPORAL_CLI_PATH), from: 'TEMPORAL_CLI_PATH' }
  const installed = await programOnPath()
  if (installed) return { kind: 'program', path: installed, from: 'the PATH' }
  const folder = temporalFolder()
  return (await folder.isDone()) ? fromCache(folder.dir) : undefined
}

function fromCache(dir: string): TemporalSource {
  return { kind: 'program', path: join(dir, 'temporal'), from: 'the cache' }
}

/** Uses or refuses what was named on purpose, and never passes it over. */
async function checkedCliPath(path: string): Promise<string> {
  if (await isRecentEnough(path)) return path
  throw new StackUsageError(
    `TEMPORAL_CLI_PATH is ${path}: no Temporal command line with server ${OLDEST.major}.${OLDEST.minor} or later.`,
    {
      remedy: 'name a newer one, or unset TEMPORAL_CLI_PATH.',
    },
  )
}

/** Looks on the PATH, and passes an old `temporal` over: nobody said that it should be used. */
async function programOnPath(): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, 'temporal')
    if (folder !== '' && (await isExecutable(path)) && (await isRecentEnough(path))) return path
  }
  return undefined
}

async function isRecentEnough(path: string): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 20_000 })
    const [, major, minor] = /Server (\d+)\.(\d+)/.exec(stdout)?.map(Number) ?? []
    return (
      major !== undefined &&
      minor !== undefined &&
      (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor))
    )
  } catch {
    return false // it is no such program, or not Temporal's
  }
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
