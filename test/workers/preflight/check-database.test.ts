import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { migratedDatabase, operatorConfig } from '../../client/support.ts'
import { createTestDatabase } from '../../support/database.ts'
import { resultOf } from './support.ts'

test('one that is migrated', async () => {
  const { url } = await migratedDatabase()
  expect(await resultOf('database', operatorConfig({ databaseUrl: url }))).toMatchObject({
    status: 'ok',
    text: 'reachable and migrated',
  })
})

test('one with uploads that nobody accepts: whose, and from half of what a login may have on, what to do', async () => {
  const { db, url } = await migratedDatabase()
  const result = () => resultOf('database', operatorConfig({ databaseUrl: url }))
  const hoard = (uploads: number) =>
    db.execute(sql`insert into zkpow.proof_uploads (task_id, login, sha256, size, bytes, prover, duration_ms, peak_memory_bytes)
      select 'task', 'machine_1', '0x' || encode(sha256(int4send(n)), 'hex'), 4, int4send(n), 'p', 1, 1 from generate_series(1, ${uploads}::int) n
      on conflict do nothing`)
  await hoard(2)
  expect(await result()).toMatchObject({
    status: 'ok',
    text: expect.stringMatching(/2 of login machine_1 \(131\.1 kB\)$/),
  })
  await hoard(8_192)
  expect(await result()).toMatchObject({
    status: 'warning',
    text: expect.stringContaining("where login = '<login>'"),
  })
})

test('one that is empty: says how to migrate', async () => {
  const result = await resultOf('database', operatorConfig({ databaseUrl: await createTestDatabase() }))
  expect(result).toMatchObject({ status: 'failed', text: expect.stringContaining('run `zkpow migrate`') })
})

test('one that is away, without its password', async () => {
  const result = await resultOf('database', operatorConfig({}))
  expect(result).toMatchObject({ status: 'failed', text: expect.stringContaining('not reachable') })
  expect(result?.text).not.toContain('database-password')
})
