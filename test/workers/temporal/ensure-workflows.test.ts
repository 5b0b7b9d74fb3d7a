import { Client, Connection } from '@temporalio/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureWorkflows, keepWorkflows, type Served } from '../../../workers/temporal/ensure-workflows.ts'
import { eventually } from '../../support/eventually.ts'
import { createTestNamespace } from '../../support/temporal.ts'

const MINER = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const SERVED: Served = { chainIds: [1, 5], rollups: ['payments'], accounts: [{ chainId: 1, account: MINER }] }
const IDS = ['chain/1', 'chain/5', 'rollup/payments', `sender/1/${MINER}`]

let client: Client

beforeAll(async () => {
  const { address, namespace } = await createTestNamespace()
  client = new Client({ connection: await Connection.connect({ address }), namespace })
})

afterAll(() => client.connection.close())

test('every start of an aggregator finds its workflows running, and leaves alone those that run', async () => {
  await ensureWorkflows(client, SERVED)
  const before = await runIds()
  await ensureWorkflows(client, SERVED)
  expect(await runIds()).toEqual(before)
  await client.workflow.getHandle('rollup/payments').terminate('a test')
  await ensureWorkflows(client, SERVED)
  const after = await runIds()
  expect(after.map((runId, i) => runId !== before[i])).toEqual([false, false, true, false])
})

test('of two aggregators that start at once, one starts them', async () => {
  const rollups = ['one', 'two', 'three']
  await Promise.all([1, 2, 3, 4].map(() => ensureWorkflows(client, { ...SERVED, rollups })))
  const states = await Promise.all(rollups.map((rollup) => client.workflow.getHandle(`rollup/${rollup}`).describe()))
  expect(states.map(({ status }) => status.name)).toEqual(['RUNNING', 'RUNNING', 'RUNNING'])
})

test('while an aggregator runs, what Temporal has lost of it is started again, and a Temporal that is away is told of once', async () => {
  const served: Served = { ...SERVED, rollups: ['lost'] }
  const handle = client.workflow.getHandle('rollup/lost')
  const ended = new AbortController()
  const failures: unknown[] = []
  const kept = keepWorkflows(client, served, {
    signal: ended.signal,
    everyMs: 50,
    onFailure: (error) => failures.push(error),
    onLost: () => {},
  })
  const runs = () =>
    eventually('it runs', async () => (await handle.describe().catch(() => undefined))?.status.name === 'RUNNING')
  await runs()
  await handle.terminate('as if it had never been')
  await runs()
  ended.abort()
  await kept
  expect(failures).toEqual([])

  const away = new Client({ connection: Connection.lazy({ address: 'localhost:1' }), namespace: 'away' })
  const given = new AbortController()
  const tries = keepWorkflows(away, served, {
    signal: given.signal,
    everyMs: 50,
    onFailure: (error) => failures.push(error),
    onLost: () => {},
  })
  await eventually('it is told', async () => failures.length > 0)
  given.abort()
  await tries
  expect(failures).toHaveLength(1)
  await away.connection.close()
})

const runIds = () => Promise.all(IDS.map(async (id) => (await client.workflow.getHandle(id).describe()).runId))
