import { readdirSync, readFileSync } from 'node:fs'
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api'
import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { inTransaction } from '../../db/connect.ts'
import { DatabaseSchemaError } from '../../db/errors.ts'
import { assertMigrated, migrate } from '../../db/migrate.ts'
import { createTestDatabase } from '../support/database.ts'
import { gate, openAs } from './fixtures.ts'

test('an empty database is refused until it is migrated; migrating again changes nothing', async () => {
  const url = await createTestDatabase()
  const db = openAs(url)
  await expect(assertMigrated(db)).rejects.toThrow(DatabaseSchemaError)
  await migrate(url)
  await assertMigrated(db)
  const before = await db.execute(sql`select * from zkpow_migrations.applied`)
  await migrate(url)
  expect(await db.execute(sql`select * from zkpow_migrations.applied`)).toEqual(before)
})

test('starts that migrate at once wait for each other, also those of two databases that share the role', async () => {
  const [one, other] = [await createTestDatabase(), await createTestDatabase()]
  await Promise.all([one, other, one, other, one].map(migrate))
  await Promise.all([one, other].map((url) => assertMigrated(openAs(url))))
})

test.concurrent.each([
  { why: "the migrations' own lock", hold: sql`select pg_advisory_lock(7264917035)` },
  { why: 'a table', hold: sql`lock table zkpow_migrations.applied in access exclusive mode` },
])(
  'whoever holds $why is named, soon',
  async ({ hold }) => {
    const url = await createTestDatabase()
    await migrate(url)
    const [release, released] = gate()
    const [held, isHeld] = gate()
    const holder = inTransaction(openAs(url), async (tx) => {
      await tx.execute(hold)
      held()
      await released
    })
    await isHeld
    const blocked = { code: 'ZKPOW-DB-MIGRATION-BLOCKED', message: expect.stringMatching(/process \d+ of login "postgres"/) }
    await expect(migrate(url)).rejects.toMatchObject(blocked)
    release()
    await holder
  },
  60_000,
)

test('a database of a newer version is refused before anything is changed', async () => {
  const url = await createTestDatabase()
  await migrate(url)
  const db = openAs(url)
  await db.execute(sql`insert into zkpow_migrations.applied (hash, created_at) values ('of the future', 9999999999999)`)
  for (const refused of [assertMigrated(db), migrate(url)]) {
    await expect(refused).rejects.toMatchObject({ name: 'DatabaseSchemaError', remedy: expect.stringContaining('newer') })
  }
})

test('a migration that was edited after it ran is noticed, although Drizzle compares dates only', async () => {
  const url = await createTestDatabase()
  await migrate(url)
  const db = openAs(url)
  await db.execute(sql`update zkpow_migrations.applied set hash = 'before the edit' where id = 1`)
  await expect(migrate(url)).rejects.toThrow(DatabaseSchemaError)
})

test('the migrations make what the schema says', async () => {
  const journal = JSON.parse(readFileSync(new URL('../../db/migrations/meta/_journal.json', import.meta.url), 'utf8'))
  const last = String(journal.entries.at(-1).idx).padStart(4, '0')
  const migrated = JSON.parse(readFileSync(new URL(`../../db/migrations/meta/${last}_snapshot.json`, import.meta.url), 'utf8'))
  const folder = new URL('../../db/schema/', import.meta.url)
  const modules = await Promise.all(readdirSync(folder).map((file) => import(new URL(file, folder).href)))
  const tables = Object.assign({}, ...modules)
  expect(await generateMigration(migrated, generateDrizzleJson(tables, migrated.id, undefined, 'snake_case'))).toEqual([])
})
