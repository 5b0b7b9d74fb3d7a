import { fileURLToPath } from 'node:url'
import type { Client } from '@temporalio/client'
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bringStake } from '../../../client/requests/stake.ts'
import type { OperatorConfig } from '../../../config/types.ts'
import { findStakeOrder, orderStake } from '../../../db/attempts/stake-orders.ts'
import { migrate } from '../../../db/deployment/migrate.ts'
import { senderWorkflowId } from '../../../protocol/temporal/ids.ts'
import { withDatabase } from '../../../workers/connections.ts'
import { connectTemporal } from '../../../workers/temporal/connect-temporal.ts'
import { Harness } from '../../contracts/harness.ts'
import { staking } from '../../contracts/miner-actions.ts'
import { createTestDatabase } from '../../support/database.ts'
import { createTestNamespace } from '../../support/temporal.ts'
import { MINER, operatorConfig } from '../support.ts'

let harness: Harness
let client: Client
let config: OperatorConfig
let stop: () => Promise<void>

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') })
  harness = await Harness.start()
  const { address, namespace } = await createTestNamespace()
  const databaseUrl = await createTestDatabase()
  await migrate(databaseUrl)
  const made = operatorConfig({ rpcUrl: harness.anvil.url, temporal: { address, namespace }, databaseUrl })
  config = { ...made, rollups: made.rollups.map((rollup) => ({ ...rollup, contract: harness.rollup })) }
  client = await connectTemporal({ address, namespace, tls: null, apiKey: null })
  const connection = await NativeConnection.connect({ address })
  const workflowsPath = fileURLToPath(new URL('../fixtures/answering-workflow.ts', import.meta.url))
  const worker = await Worker.create({ connection, namespace, taskQueue: 'answering', workflowsPath })
  const running = worker.run()
  stop = async () => {
    worker.shutdown()
    await running
    await connection.close()
    await client.connection.close()
  }
})

afterAll(async () => {
  await stop?.()
  await harness?.anvil.stop()
})

test('without a sender it says what to start', async () => {
  await expect(ask('5000')).rejects.toMatchObject({ code: 'ZKPOW-CLI-NO-SENDER' })
  await client.workflow.start('sender', { workflowId: senderWorkflowId(31337, MINER), taskQueue: 'answering' })
})

test('a refusal is handed on, and leaves no order', async () => {
  const refused = { code: 'ZKPOW-CLI-REFUSED', message: 'Nothing is sent: too little.' }
  await expect(ask('1')).rejects.toMatchObject(refused)
  expect(await ordered()).toBeNull()
  await withDatabase(config.database, (db) => orderStake(db, { rollup: 'payments', toWei: '7', who: 'ann' }))
  await expect(ask('1')).rejects.toMatchObject(refused)
  expect(await ordered()).toEqual({ toWei: '7', who: 'ann' })
})

test('what isn’t there in time is told with what it waits for, and goes on', async () => {
  const said: string[] = []
  await expect(ask('5000', { waitMs: 0, said })).rejects.toMatchObject({
    code: 'ZKPOW-CLI-STAKE-WAITS',
    message: "The stake isn't there yet: nonce 3: stake payments, attempt 0, sent at block 9.",
  })
  expect(await ordered()).toEqual({ toWei: '5000', who: 'ann' })
  expect(said).toEqual(['Deposits towards 5000.', 'nonce 3: stake payments, attempt 0, sent at block 9'])
})

test('what the sender has given up is told', async () => {
  await expect(ask('2')).rejects.toMatchObject({ message: expect.stringContaining('gave it up') })
})

test('done is what the contract says', async () => {
  const asked = ask('5000')
  await harness.send(staking(MINER, 5_000n))
  expect(await asked).toMatch(/^The stake of 0x\w+ in payments is 0.000000000000005, in block \d+\.$/)
})

test.each([
  { order: { rollup: 'other' }, why: 'name one of: payments' },
  { order: { rollup: 'payments' }, account: null, why: 'accounts.miner.address' },
])('$why', async ({ order, account }) => {
  const rollups = config.rollups.map((rollup) =>
    account === null ? { ...rollup, account: { name: 'miner', address: null } } : rollup,
  )
  const asked = bringStake({ ...config, rollups }, { ...order, toWei: '1', who: 'ann', waitMs: 0 }, () => {})
  await expect(asked).rejects.toMatchObject({ code: 'ZKPOW-CLI-USAGE' })
})

/** Reads what a sender will find of the order. */
const ordered = () => withDatabase(config.database, (db) => findStakeOrder(db, 'payments'))

const ask = (toWei: string, { waitMs = 20_000, said = [] as string[] } = {}): Promise<string> =>
  bringStake(config, { rollup: 'payments', toWei, who: 'ann', waitMs }, (text) => said.push(text))
