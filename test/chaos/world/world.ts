import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { type Address, isAddressEqual } from 'viem'
import { createLocalDeployment, DEMO_RULES, type LocalDeployment } from '../../../dev/deployment/local-deployment.ts'
import { startAggregator, startProver, untilReady } from '../../../dev/deployment/processes.ts'
import { type Stack, startStack } from '../../../dev/stack/stack.ts'
import { searchAttributeTypes } from '../../../protocol/temporal/attributes.ts'
import { uniqueName } from '../../support/names.ts'
import type { DatabaseFacts, Disturbance } from '../invariants/facts.ts'
import { readDatabase } from '../invariants/read-database.ts'
import { startBlocks } from '../nodes/blocks.ts'
import { NODES } from '../nodes/index.ts'
import type { ChainControl } from '../nodes/node.ts'
import type { ReplacedTransaction } from '../nodes/replace-blocks.ts'
import { createRpcFaults, type RpcFaults } from '../nodes/rpc-endpoints.ts'
import { asksForTag } from '../plans/habits.ts'
import type { Plan } from '../plans/plan.ts'
import { WINDOWS } from '../plans/windows.ts'
import type { Timeline } from '../report/timeline.ts'
import { createLock, type Lock } from './lock.ts'
import type { Prepared } from './prepared.ts'
import { type Supervised, supervise } from './supervised.ts'
import { createUndo, type Undo } from './undo.ts'

const RULES = { ...DEMO_RULES, ...WINDOWS, lateProofBlocks: 30 }

/** Connections for two aggregators and three provers with full pools, and the harness. A crowd has few to take. */
const MAX_CONNECTIONS = 60

/** Everything that a run has at hand. */
export interface World {
  plan: Plan
  stack: Stack
  deployment: LocalDeployment
  control: ChainControl
  /** Held by whoever posts or acts as owner, and by whoever takes the chain away from them. */
  chainLock: Lock
  /** Held while a server is killed or started. Whoever needs both locks takes this one last. */
  serverLock: Lock
  rpc: RpcFaults
  /** Set while the processes run. */
  aggregator: Supervised
  provers: Supervised[]
  timeline: Timeline
  sql: postgres.Sql
  /** What plans took away on purpose, for the invariants to know. */
  disturbances: Disturbance[]
  /** What stood in blocks that reorgs replaced. */
  replaced: ReplacedTransaction[]
  /** Is called just before the database is emptied: what it held is judged with the rest. */
  rememberDatabase(): Promise<void>
  readonly databasesBefore: readonly DatabaseFacts[]
  /** What must be found nowhere, by what it is. */
  secrets: Record<string, string>
  stopProcesses(): Promise<void>
  /** @param keepsData leaves the folder with databases, chain and logs for whoever has to look. */
  close(keepsData: boolean): Promise<void>
}

/** Tells whether an address is that of an account that our miner sends from. */
export const isMiner = ({ deployment }: Pick<World, 'deployment'>, address: Address): boolean =>
  deployment.rollups.some(({ miner }) => isAddressEqual(miner.walletClient.account.address, address))

/**
 * Makes a fresh stack, deployment and processes for one run.
 * @throws Error when they can't be had; then nothing of them is left
 */
export async function createWorld(plan: Plan, timeline: Timeline, prepared: Prepared): Promise<World> {
  const dataDir = await mkdtemp(join(tmpdir(), `zkpow-chaos-${plan.seed}-`))
  const undo = createUndo()
  const close = async (keepsData: boolean) => {
    await undo.all()
    if (!keepsData) await rm(dataDir, { recursive: true, force: true })
  }
  try {
    return { ...(await startWorld({ plan, timeline, prepared, dataDir, undo })), close }
  } catch (error) {
    await close(false).catch((also) => timeline.note(`of a world that failed something is left: ${also}`))
    throw error
  }
}

interface Beginning {
  plan: Plan
  timeline: Timeline
  prepared: Prepared
  dataDir: string
  undo: Undo
}

/** @param undo gets what ends each part, as soon as that has begun. */
async function startWorld({
  plan,
  timeline,
  prepared: { artifacts, env },
  dataDir,
  undo,
}: Beginning): Promise<Omit<World, 'close'>> {
  const node = NODES[plan.node ?? 'anvil']
  const stack = await startStack({
    dataDir,
    postgres: { fsync: false, maxConnections: MAX_CONNECTIONS },
    ...node.stackOptions,
    temporal: { searchAttributes: searchAttributeTypes },
  })
  undo.add(stack.stop)
  const control = node.control(stack.rpcUrl)
  await control.setAutomine(true)
  const canaries = {
    'path of an RPC URL': uniqueName('canary-path'),
    'query of an RPC URL': uniqueName('canary-query'),
    'header of an RPC URL': uniqueName('canary-header'), // what stands before the @ goes out as an Authorization header
  }
  const rpc = await createRpcFaults(stack.rpcUrl, plan)
  undo.add(rpc.close)
  const rpcUrls = rpc.urls.map((url) => {
    const secret = new URL(`${url}/v3/${canaries['path of an RPC URL']}?key=${canaries['query of an RPC URL']}`)
    return Object.assign(secret, { username: 'miner', password: canaries['header of an RPC URL'] }).href
  })
  const rollups = Array.from({ length: plan.rollups }, (_, i) => `rollup-${i}`)
  const local = await createLocalDeployment(stack, {
    ...{
      artifactsDir: null,
      artifacts,
      rollups,
      of2023: rollups.filter((_, i) => plan.of2023?.includes(i)),
      sharesAccount: plan.sharesAccount,
      rules: RULES,
      rpcUrls,
      finalityBlocks: asksForTag(plan.habits) ? null : plan.finalityBlocks,
    },
  })
  const settings = { ...local.settings, env }
  const deployment = { ...local, settings }
  await control.mine(plan.finalityBlocks) // no reorg reaches the deployment
  await control.setAutomine(false)
  undo.add(startBlocks(control).stop)
  const sql = postgres(stack.postgresUrl, {
    ...{ max: 2, onnotice: () => {}, fetch_types: false, backoff: false }, // it is back at once when a fault is over
    connection: { application_name: 'chaos' },
  })
  undo.add(() => sql.end({ timeout: 1 }))
  const aggregator = supervise('aggregator', () => startAggregator(settings), timeline)
  const provers = Array.from({ length: plan.provers }, (_, i) => `prover-${i}`).map((name) =>
    supervise(name, () => startProver(settings, name), timeline),
  )
  const stopProcesses = async () => {
    await Promise.all([aggregator, ...provers].map((process) => process.stop()))
  }
  undo.add(stopProcesses)
  // Faults are to meet processes at work. Those that hit processes as they start come later, when they are started
  // again.
  await Promise.all([aggregator, ...provers].map(({ name }) => untilReady(join(settings.logFolder, `${name}.log`))))
  const databasesBefore: DatabaseFacts[] = []
  return {
    ...{
      plan,
      stack,
      deployment,
      control,
      chainLock: createLock(),
      serverLock: createLock(),
      rpc,
      aggregator,
      provers,
      timeline,
      sql,
      stopProcesses,
      disturbances: [],
      replaced: [],
      databasesBefore,
    },
    rememberDatabase: async () => {
      databasesBefore.push(await readDatabase({ sql, stack, deployment }))
    },
    secrets: {
      ...canaries,
      ...Object.fromEntries(Object.entries(settings.minerKeys).map(([name, key]) => [`key in ${name}`, key.slice(2)])),
      'password of the database': new URL(stack.postgresUrl).password,
      "password of the provers' login": new URL(settings.proverDatabaseUrl).password,
    },
  }
}
