import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import postgres from 'postgres'
import { createTestClient, http, publicActions } from 'viem'
import { foundry } from 'viem/chains'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Stack, type StackOptions, startStack } from '../../../dev/stack/stack.ts'
import { searchAttributeTypes } from '../../../protocol/temporal/attributes.ts'

vi.setConfig({ testTimeout: 90_000 }) // whole stacks start on a busy machine

const ACCOUNT = '0x00000000000000000000000000000000000000a1'

let options: StackOptions
let stack: Stack

beforeAll(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'zkpow-test-'))
  options = { dataDir, temporal: { namespace: 'zkpow', searchAttributes: searchAttributeTypes } }
  stack = await startStack(options)
})

afterAll(async () => {
  await stack.stop()
  await rm(options.dataDir, { recursive: true })
})

test('Postgres has what was committed before it was killed, and its children are no obstacle', async () => {
  await query('create table kept (id integer)')
  await stack.postgres.kill('SIGKILL')
  expect(stack.postgres.isRunning).toBe(false)
  await stack.postgres.start()
  expect(await query('select count(*)::int as rows from kept')).toEqual([{ rows: 0 }])
})

test('anvil has every block and the states of earlier blocks after it was killed', async () => {
  await chain().setBalance({ address: ACCOUNT, value: 7n })
  await chain().mine({ blocks: 3 })
  await chain().setBalance({ address: ACCOUNT, value: 8n })
  await chain().mine({ blocks: 1 })
  await stack.node.kill('SIGKILL')
  await stack.node.start()
  expect(await chain().getBlockNumber()).toBe(4n)
  expect(await chain().getBalance({ address: ACCOUNT, blockNumber: 2n })).toBe(7n)
  expect(await chain().getBalance({ address: ACCOUNT })).toBe(8n)
})

test('Temporal has its workflows after it was killed', async () => {
  await withTemporal((client) =>
    client.workflow.start('nobodyRunsThis', {
      taskQueue: 'none',
      workflowId: 'kept',
      searchAttributes: { ZkpowPhase: ['waiting'] },
    }),
  )
  await stack.temporal.kill('SIGKILL')
  await stack.temporal.start()
  const { searchAttributes } = await withTemporal((client) => client.workflow.getHandle('kept').describe())
  expect(searchAttributes).toMatchObject({ ZkpowPhase: ['waiting'] })
})

test('a second start on the same folder goes on with all of it', async () => {
  await stack.stop()
  stack = await startStack(options)
  expect(await query('select count(*)::int as rows from kept')).toEqual([{ rows: 0 }])
  expect(await chain().getBalance({ address: ACCOUNT })).toBe(8n)
  const { status } = await withTemporal((client) => client.workflow.getHandle('kept').describe())
  expect(status.name).toBe('RUNNING')
})

test('only we can read the database password', async () => {
  const { mode } = await stat(join(options.dataDir, 'postgres.password'))
  expect(mode & 0o777).toBe(0o600)
})

test('the Web UI is served without internet', async () => {
  const page = await fetch(stack.temporalUiUrl ?? '')
  const script = /(?:src|href|import\()\s*=?\s*"(\/[^"]+\.js)"/.exec(await page.text())?.[1]
  expect((await fetch(new URL(script ?? '', stack.temporalUiUrl))).status).toBe(200)
})

async function query(text: string) {
  const sql = postgres(stack.postgresUrl, { max: 1 })
  try {
    return [...(await sql.unsafe(text))]
  } finally {
    await sql.end()
  }
}

function chain() {
  return createTestClient({ chain: foundry, mode: 'anvil', transport: http(stack.rpcUrl) }).extend(publicActions)
}

async function withTemporal<T>(use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: stack.temporalAddress })
  try {
    return await use(new Client({ connection, namespace: stack.temporal.namespace }))
  } finally {
    await connection.close()
  }
}
