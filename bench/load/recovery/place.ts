import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import postgres from 'postgres'
import { parse, stringify } from 'yaml'
import { createLocalDeployment, type LocalRollup } from '../../../dev/deployment/local-deployment.ts'
import { startAggregator, startProver } from '../../../dev/deployment/processes.ts'
import type { ManagedProcess } from '../../../dev/stack/processes/process.ts'
import { type Stack, startStack } from '../../../dev/stack/stack.ts'
import { searchAttributeTypes } from '../../../protocol/temporal/attributes.ts'

/** What runs, and what is killed. */
export interface Place {
  stack: Stack
  rollup: LocalRollup
  aggregator: Restartable
  prover: Restartable
  /** As the database's owner. */
  sql: postgres.Sql
  /** Batches up to which sequences were posted. */
  posted: number
}

/** A process of ours. It doesn't run until it is started. */
interface Restartable {
  /** With SIGKILL. Resolves when it is gone. */
  kill(): Promise<void>
  /** Does nothing while it runs. */
  start(): Promise<void>
}

const ROLLUP = 'payments'

/** A fresh deployment with simulated proofs, for as long as `use` takes: then all of it ends, and its data goes. */
export async function withPlace<T>(use: (place: Place) => Promise<T>): Promise<T> {
  const ends: (() => Promise<unknown>)[] = []
  try {
    return await use(await createPlace(ends))
  } finally {
    for (const end of ends.reverse()) await end()
  }
}

/** @param ends gets what ends each part, as soon as it has begun. */
async function createPlace(ends: (() => Promise<unknown>)[]): Promise<Place> {
  const dataDir = await mkdtemp(join(tmpdir(), 'zkpow-bench-'))
  ends.push(() => rm(dataDir, { recursive: true, force: true }))
  const stack = await startStack({
    dataDir,
    anvil: { blockTimeSeconds: 1, keepsHistory: false },
    temporal: { searchAttributes: searchAttributeTypes },
  })
  ends.push(stack.stop)
  const deployment = await createLocalDeployment(stack, { artifactsDir: null, rollups: [ROLLUP] })
  const [rollup] = deployment.rollups
  if (rollup === undefined) throw new Error('The deployment has no rollup.')
  await raiseLimit(deployment.settings.configFile)
  const sql = postgres(stack.postgresUrl, { max: 1, onnotice: () => {}, fetch_types: false, backoff: false })
  ends.push(() => sql.end({ timeout: 1 }))
  const aggregator = restartable(() => startAggregator(deployment.settings), ends)
  const prover = restartable(() => startProver(deployment.settings, 'prover'), ends)
  return { stack, rollup, aggregator, prover, sql, posted: 0 }
}

function restartable(start: () => Promise<ManagedProcess>, ends: (() => Promise<unknown>)[]): Restartable {
  let current: ManagedProcess | undefined
  ends.push(async () => current?.stop())
  return {
    async kill() {
      current?.kill('SIGKILL')
      await current?.ended
    },
    async start() {
      if (current?.isRunning !== true) current = await start()
    },
  }
}

/** All sequences are under way at once. */
async function raiseLimit(configFile: string): Promise<void> {
  const config = parse(await readFile(configFile, 'utf8'))
  for (const rollup of Object.values<{ limits?: object }>(config.rollups)) rollup.limits = { maxUnproved: 100 }
  await writeFile(configFile, stringify(config))
}

/** Between two looks, ms: short beside what is measured, long enough to leave the machine to it. */
const LOOK_MS = 25

/** Longest wait for anything, ms. */
const MOST_MS = 120_000

/** Looks until there is something to see; a look that fails saw nothing. @throws Error after two minutes. */
export async function until<T>(what: string, look: () => Promise<T | null>): Promise<T> {
  const deadline = Date.now() + MOST_MS
  let trouble: unknown
  while (Date.now() < deadline) {
    try {
      const seen = await look()
      if (seen !== null) return seen
    } catch (error) {
      trouble = error
    }
    await delay(LOOK_MS)
  }
  throw new Error(`Waited for ${MOST_MS} ms: ${what}.`, { cause: trouble })
}
