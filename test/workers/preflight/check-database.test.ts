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

test('one with fewer connections than the aggregator may open: how many there are, and what to do', async () => {
  const { db, url } = await migratedDatabase()
  const config = operatorConfig({ databaseUrl: url })
  const result = (poolSize: number) => resultOf('database', { ...config, database: { ...config.database, poolSize } })
  const [limits] = await db.execute<{ most: number; kept: number }>(sql`
    select current_setting('max_connections')::int as most, current_setting('superuser_reserved_connections')::int as kept`)
  if (limits === undefined) throw new Error('There are no limits.')
  const { most, kept } = limits
  expect(kept).toBeGreaterThan(0)
  const says = new RegExp(
    `poolSize is ${most}, .* of max_connections \\(${most}\\) ${kept} are reserved .* raise max_conn`,
  )
  expect(await result(most)).toMatchObject({ status: 'warning', text: expect.stringMatching(says) })
  await db.execute(sql.raw(`alter database ${new URL(url).pathname.slice(1)} connection limit 3`))
  expect(await result(3)).toMatchObject({ status: 'ok' })
  expect(await result(4)).toMatchObject({
    status: 'warning',
    text: expect.stringMatching(/poolSize is 4, and Postgres has 3 connections for it: the database may have no more/),
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
