import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { createLocalDeployment, type LocalRollup } from '../../../dev/deployment/local-deployment.ts'
import { startAggregator, startProver } from '../../../dev/deployment/processes.ts'
import type { ManagedProcess } from '../../../dev/stack/processes/process.ts'
import { type Stack, startStack } from '../../../dev/stack/stack.ts'
import { pollUntil } from '../../../dev/stack/wait.ts'
import { searchAttributeTypes } from '../../../protocol/temporal/attributes.ts'
import { changeConfig } from '../bed.ts'

/** What runs, and what is killed. */
export interface Place {
  stack: Stack
  rollup: LocalRollup
  aggregator: Restartable
  prover: Restartable
  /** Connections as the database's owner. */
  sql: postgres.Sql
  /** Batches up to which sequences were posted. */
  posted: number
}

/** A process of ours. It doesn't run until it is started. */
interface Restartable {
  /** Kills it with SIGKILL. Resolves when it is gone. */
  kill(): Promise<void>
  /** Does nothing while it runs. */
  start(): Promise<void>
}

const ROLLUP = 'payments'

/**
 * Makes a fresh deployment with simulated proofs, for as long as `use` takes. Then all of it ends, and its data goes.
 */
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
  await changeConfig(deployment.settings.configFile, ({ rollups }) => {
    for (const one of Object.values(rollups)) one.limits = { maxUnproved: 100 } // all are under way at once
  })
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

/** Longest wait for anything, ms. */
const MOST_MS = 120_000

/** Looks until there is something to see; a look that fails saw nothing. @throws Error after two minutes. */
export const until = <T>(what: string, look: () => Promise<T | null>): Promise<T> =>
  pollUntil(
    async () => {
      const seen = await look()
      if (seen === null) throw new Error('There is nothing yet.')
      return seen
    },
    {
      timeoutMs: MOST_MS,
      signal: new AbortController().signal,
      onTimeout: (cause) => new Error(`Waited for ${MOST_MS} ms: ${what}.`, { cause }),
    },
  )
