import { Client, Connection } from '@temporalio/client'
import postgres from 'postgres'
import { expect, test } from 'vitest'
import { createTestDatabase } from '../../support/database.ts'
import { createTestNamespace } from '../../support/temporal.ts'

test('two test databases are two empty databases', async () => {
  const [one, other] = [
    postgres(await createTestDatabase(), { max: 1 }),
    postgres(await createTestDatabase(), { max: 1 }),
  ]
  await one`create table only_in_one (id integer)`
  const tables = await other`select 1 from pg_tables where tablename = 'only_in_one'`
  expect(tables).toHaveLength(0)
  await Promise.all([one.end(), other.end()])
})

test('a test namespace takes workflows and knows our search attributes', async () => {
  const { address, namespace } = await createTestNamespace()
  const connection = await Connection.connect({ address })
  const client = new Client({ connection, namespace })
  const workflow = await client.workflow.start('nobodyRunsThis', {
    taskQueue: 'none',
    workflowId: 'one',
    searchAttributes: { ZkpowPhase: ['waiting'] },
  })
  const { searchAttributes } = await workflow.describe()
  expect(searchAttributes).toMatchObject({ ZkpowPhase: ['waiting'] })
  await connection.close()
})
