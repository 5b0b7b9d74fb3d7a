import { Connection } from '@temporalio/client'
import { NativeConnection, Worker } from '@temporalio/worker'
import { sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createChain } from '../../chain/create-chain.ts'
import { Secret } from '../../config/keys/secret.ts'
import type { AggregatorConfig } from '../../config/types.ts'
import { connect, type Db } from '../../db/connection/connect.ts'
import { createSimulatedVerifier } from '../../provers/simulated/verifier.ts'
import { runAggregator } from '../../workers/aggregator.ts'
import { anvilKeys } from '../chain/anvil-keys.ts'
import { CONTRACT, MINER, migratedDatabase, NOBODY, operatorConfig } from '../client/support.ts'
import { Harness } from '../contracts/harness.ts'
import { eventually } from '../support/eventually.ts'
import { hang } from '../support/rpc/rpc-faults.ts'
import { startRpcProxy } from '../support/rpc/rpc-proxy.ts'
import { startTcpProxy } from '../support/rpc/tcp-proxy.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { createTestNamespace } from '../support/temporal.ts'

// An aggregator opens things once, checks them as opened, and closes them, however its start ends.

vi.mock('../../chain/create-chain.ts', { spy: true })
vi.mock('../../db/connection/connect.ts', { spy: true })
vi.mock('../../provers/simulated/verifier.ts', { spy: true })

/** Before anybody counts its calls. */
const createWorker = Worker.create.bind(Worker)

let first: Harness
let second: Harness
beforeAll(async () => {
  first = await Harness.start()
  second = await first.beside()
})
afterAll(() => first?.anvil.stop())

let made: ReturnType<typeof countsMade>
beforeEach(() => {
  made = countsMade()
})
afterEach(() => vi.restoreAllMocks())

test('one that works: two rollups of a kind, on one chain', async () => {
  const { config, openConnections } = await configured()
  const ended = runAggregator(config)
  await eventually('its workers run', async () => (await workers()).some((one) => one.getState() === 'RUNNING'))
  for (const worker of await workers()) if (worker.getState() === 'RUNNING') worker.shutdown()
  await ended
  expect(made()).toEqual({ databases: 1, chains: 1, kinds: 1, temporals: 1, closedTemporals: 1 })
  expect(await openConnections()).toBe(0)
})

test.each([
  {
    what: 'a check fails',
    change: (config: AggregatorConfig) => ({
      ...config,
      rollups: config.rollups.map((rollup) => ({ ...rollup, contract: CONTRACT }) as const),
    }),
    code: 'ZKPOW-CHAIN-NO-CONTRACT',
  },
  {
    what: 'the database is away',
    change: (config: AggregatorConfig) => ({
      ...config,
      database: { ...config.database, url: new Secret(`postgres://user@${NOBODY}/zkpow`) },
    }),
    code: 'ZKPOW-DB-UNREACHABLE',
  },
])('$what', async ({ change, code }) => {
  const { config, openConnections } = await configured()
  await expect(runAggregator(change(config))).rejects.toMatchObject({ code })
  expect(made()).toEqual({ databases: 1, chains: 1, kinds: 1, temporals: 1, closedTemporals: 1 })
  expect(await openConnections()).toBe(0)
})

test('Temporal is away', async () => {
  const { config, openConnections } = await configured()
  const away = { ...config, temporal: { ...config.temporal, address: NOBODY } }
  await expect(runAggregator(away)).rejects.toMatchObject({ code: 'ZKPOW-TEMPORAL-UNREACHABLE' })
  expect(made()).toEqual({ databases: 1, chains: 1, kinds: 1, temporals: 1, closedTemporals: 0 })
  expect(await openConnections()).toBe(0)
})

test('Temporal takes the connection and says nothing, until later', async () => {
  const { config } = await configured()
  const { promise: from, resolve: passOn } = Promise.withResolvers<void>()
  const address = await startTcpProxy(config.temporal.address, { from })
  const away = { ...config, temporal: { ...config.temporal, address } }
  await expect(runAggregator(away)).rejects.toMatchObject({ code: 'ZKPOW-TEMPORAL-UNREACHABLE' })
  expect(made()).toMatchObject({ temporals: 1, closedTemporals: 0 })
  passOn()
  await eventually('the late connection is closed', async () => made().closedTemporals === 1)
})

test('a worker can’t be made: the one that is made ends, and lets go of the connection', async () => {
  const { config, openConnections } = await configured()
  const refused = new Error('no second worker')
  vi.mocked(Worker.create).mockImplementationOnce(createWorker).mockRejectedValueOnce(refused)
  await expect(runAggregator(config)).rejects.toBe(refused)
  expect(Worker.create).toHaveBeenCalledTimes(2)
  expect(made()).toEqual({ databases: 1, chains: 1, kinds: 1, temporals: 1, closedTemporals: 1 })
  expect(await openConnections()).toBe(0)
})

test('it is told to stop while it looks', async () => {
  const proxy = await startRpcProxy(first.anvil.url)
  onTestFinished(() => proxy.close())
  let isAsked = false
  proxy.fault = () => {
    isAsked = true
    return hang()
  }
  const { config, openConnections } = await configured(proxy.url)
  const ended = runAggregator(config)
  await eventually('it asks the chain', async () => isAsked)
  process.emit('SIGTERM', 'SIGTERM')
  await ended
  expect(made()).toEqual({ databases: 1, chains: 1, kinds: 1, temporals: 1, closedTemporals: 1 })
  expect(await workers()).toEqual([])
  expect(await openConnections()).toBe(0)
})

/** Counts how often each thing is made from now on that takes a connection or a long time. */
function countsMade() {
  vi.spyOn(Worker, 'create')
  const mocks = {
    databases: [vi.mocked(connect).mock],
    chains: [vi.mocked(createChain).mock],
    kinds: [vi.mocked(createSimulatedVerifier).mock],
    temporals: [vi.spyOn(NativeConnection, 'connect').mock, vi.spyOn(Connection, 'connect').mock],
    closedTemporals: [vi.spyOn(NativeConnection.prototype, 'close').mock],
  }
  const count = () => Object.entries(mocks).map(([what, of]) => [what, of.flatMap(callsOf).length] as const)
  const before = Object.fromEntries(count())
  return () => Object.fromEntries(count().map(([what, calls]) => [what, calls - (before[what] ?? 0)]))
}

const callsOf = ({ calls }: { calls: readonly unknown[] }) => calls

const workers = (): Promise<Worker[]> => Promise.all(vi.mocked(Worker.create).mock.results.map(({ value }) => value))

/** Configures two rollups of one miner and kind. */
async function configured(rpcUrl = first.anvil.url) {
  const { url, db } = await migratedDatabase()
  const operator = operatorConfig({ databaseUrl: url, temporal: await createTestNamespace(), rpcUrl })
  const account = { name: 'miner', address: MINER as `0x${string}`, privateKey: new Secret(anvilKeys[0]) }
  const config: AggregatorConfig = {
    ...operator,
    archiveFolder: await scratchFolder(),
    logging: { level: 'error' },
    rollups: operator.rollups.flatMap((rollup) =>
      [first, second].map((harness, i) => ({
        ...{ ...rollup, account, name: `payments-${i}`, kind: 'simulated-payments', contract: harness.rollup },
      })),
    ),
  }
  made = countsMade() // it leaves out what the test itself has opened
  return { config, openConnections: () => countConnections(db) }
}

/** Counts the connections to the test's database, but for the one that asks. */
async function countConnections(db: Db): Promise<number> {
  const [row] = await db.execute(
    sql`select count(*)::int as others from pg_stat_activity where datname = current_database() and application_name like 'zkpow-%'`,
  )
  return Number(row?.others)
}
