import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import postgres from 'postgres'
import { parse, stringify } from 'yaml'
import {
  createLocalDeployment,
  DEMO_RULES,
  type LocalDeployment,
  type LocalRollup,
} from '../../dev/deployment/local-deployment.ts'
import { startAggregator, startProver, untilReady } from '../../dev/deployment/processes.ts'
import type { ManagedProcess } from '../../dev/stack/processes/process.ts'
import { type Stack, startStack } from '../../dev/stack/stack.ts'
import { searchAttributeTypes } from '../../protocol/temporal/attributes.ts'
import { type Parts, serversOn } from './cpu.ts'
import type { StageTimes } from './scheduling/list-schedule.ts'

/** Provers of a measurement. */
export interface Machines {
  processes: number
  /** Proofs that each process makes at a time. */
  slots: number
  /** How long simulated proofs take. */
  times?: StageTimes
  /** Threads of a real proof. @default processors divided by slots */
  threads?: number
}

/** A miner's deployment that is measured: servers, contract, aggregator, and whatever provers are wanted. */
export interface Bed {
  rollup: LocalRollup
  rpcUrl: string
  temporal: Client
  sql: postgres.Sql
  /** What a naive fan-out on the same server takes. */
  naive: { temporal: Client; address: string; logFolder: string }
  readonly aggregator: ManagedProcess
  /** Kills the aggregator and starts it again. Resolves when the new one's process runs. */
  restartAggregator(): Promise<void>
  /** Where the aggregator's probe writes. */
  probeFile: string
  /** Replaces the provers that ran before. */
  startProvers(machines: Machines): Promise<void>
  parts(): Parts
  /** Rejects when a process ends that should go on. */
  failed(): Promise<never>
  close(): Promise<void>
}

/** Windows in which a hash waits for all sequences before it. */
const RULES = { ...DEMO_RULES, commitBlocks: 8, proveBlocks: 200, lateProofBlocks: 6 }

/** All sequences may be under way. */
const LIMITS = { maxUnproved: 1_000, maxCommitAhead: 1_000, blocksPerSequence: 1, marginBlocks: 1 }

const PROBE = new URL('./probe.ts', import.meta.url).href

/** What a deployment is measured with. */
export interface BedOptions {
  /** Blocks on top of a posting before it is worked on: postings up to then are taken up at once. */
  confirmations: number
  /** Circuits and keys of real proofs. @default null: proofs are simulated */
  artifactsDir?: string | null
}

export async function openBed(p: BedOptions): Promise<Bed> {
  const dataDir = await mkdtemp(join(tmpdir(), 'zkpow-bench-'))
  const stack = await startStack({
    dataDir,
    anvil: { keepsHistory: false },
    temporal: { searchAttributes: searchAttributeTypes },
  })
  const ends: (() => Promise<unknown>)[] = [() => rm(dataDir, { recursive: true, force: true }), () => stack.stop()]
  const close = async () => {
    for (const end of ends.reverse()) await end()
  }
  try {
    return Object.assign(await prepareBed(stack, p, ends), { close })
  } catch (error) {
    await close()
    throw error
  }
}

async function prepareBed(
  stack: Stack,
  { confirmations, artifactsDir = null }: BedOptions,
  ends: (() => Promise<unknown>)[],
): Promise<Omit<Bed, 'close'>> {
  const name = 'measured'
  const deployment = await createLocalDeployment(stack, { artifactsDir, rollups: [name], rules: RULES })
  const [rollup] = deployment.rollups
  if (rollup === undefined) throw new Error('No rollup was deployed.')
  const { configFile } = deployment.settings
  await changeConfig(configFile, (config) => {
    for (const chain of Object.values(config.chains)) chain.confirmations = confirmations
    Object.assign(config.rollups[name] ?? {}, { limits: LIMITS })
  })
  const connection = await Connection.connect({ address: stack.temporalAddress })
  ends.push(() => connection.close())
  const sql = postgres(stack.postgresUrl, { max: 1, onnotice: () => {}, fetch_types: false })
  ends.push(() => sql.end({ timeout: 1 }))
  const probeFile = join(stack.dataDir, 'probe.json')
  const { ZKPOW_BENCH_PROFILE } = process.env
  const env = { NODE_OPTIONS: `--import=${PROBE}`, ZKPOW_BENCH_PROBE: probeFile }
  const start = () =>
    startAggregator({
      ...deployment.settings,
      env: { ...env, ...(ZKPOW_BENCH_PROFILE !== undefined && { ZKPOW_BENCH_PROFILE }) },
    })
  let aggregator = await start()
  ends.push(() => aggregator.stop())
  await untilReady(aggregator.logFile)
  const provers = createProvers(deployment)
  ends.push(provers.stop)
  const temporal = new Client({ connection })
  return {
    ...{ rollup, rpcUrl: stack.rpcUrl, temporal, sql, probeFile },
    get aggregator() {
      return aggregator
    },
    restartAggregator: async () => {
      aggregator.kill('SIGKILL')
      await aggregator.ended
      aggregator = await start()
    },
    naive: { temporal, address: stack.temporalAddress, logFolder: deployment.settings.logFolder },
    startProvers: provers.start,
    parts: () => ({
      aggregator: [aggregator.pid],
      "Temporal's dev server": serversOn(stack.dataDir, 'start-dev'),
      Postgres: serversOn(stack.dataDir, ' -D '),
      provers: provers.running().map(({ pid }) => pid),
      anvil: serversOn(stack.dataDir, '--state'),
    }),
    failed: () => firstEnd([aggregator, ...provers.running()]),
  }
}

function createProvers({ settings }: LocalDeployment) {
  let running: ManagedProcess[] = []
  let generation = 0
  const stop = async () => {
    await Promise.all(running.map((process) => process.stop()))
    running = []
  }
  const start = async ({ processes, slots, times, threads }: Machines) => {
    await stop()
    generation += 1
    const options = {
      concurrency: slots,
      ...(threads !== undefined && { threads }),
      ...(times !== undefined && {
        simulated: { batchMs: times.batch, aggregateMs: times.aggregate, finalMs: times.final },
      }),
    }
    await changeConfig(settings.configFile, ({ prover }) => Object.assign(prover, options))
    const names = Array.from({ length: processes }, (_, i) => `machine-${generation}-${i + 1}`)
    for (const name of names) running.push(await startProver(settings, name))
    for (const { logFile } of running) await untilReady(logFile)
  }
  return { start, stop, running: () => running }
}

interface ConfigFile {
  chains: Record<string, { confirmations: number }>
  rollups: Record<string, { limits?: object }>
  prover: object
}

/** Changes the file that dev/deployment/write-config.ts wrote. */
export async function changeConfig(file: string, change: (config: ConfigFile) => void): Promise<void> {
  const config: ConfigFile = parse(await readFile(file, 'utf8'))
  change(config)
  await writeFile(file, stringify(config))
}

async function firstEnd(processes: readonly ManagedProcess[]): Promise<never> {
  const process = await Promise.race(processes.map(async (one) => one.ended.then(() => one)))
  throw new Error(`${process.name} ended.\n${await process.lastLines(20)}`)
}
