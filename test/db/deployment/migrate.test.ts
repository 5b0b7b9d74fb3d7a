import { readdirSync, readFileSync } from 'node:fs'
import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api'
import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { inTransaction } from '../../../db/connection/connect.ts'
import { assertMigrated, migrate } from '../../../db/deployment/migrate.ts'
import { migrationFiles } from '../../../db/deployment/migration-files.ts'
import { DatabaseSchemaError } from '../../../db/errors.ts'
import { createTestDatabase } from '../../support/database.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { gate, openAs } from '../fixtures.ts'

const MIGRATIONS = fileURLToPath(new URL('../../../db/migrations', import.meta.url))

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

test('a checkout whose lines end otherwise has the same migrations', async () => {
  const [url, before] = [await createTestDatabase(), await createTestDatabase()]
  const folder = await checkoutWith('\r\n')
  expect(migrationFiles(folder).map(({ hash }) => hash)).toEqual(migrationFiles(MIGRATIONS).map(({ hash }) => hash))
  await migrate(url, { folder })
  await assertMigrated(openAs(url)) // that of this checkout
  await migrate(before)
  const applied = sql`select hash from zkpow_migrations.applied order by id`
  expect(await openAs(url).execute(applied)).toEqual(await openAs(before).execute(applied))
})

test('a database that such a checkout migrated when hashes were those of its own files is known', async () => {
  const url = await createTestDatabase()
  await migrate(url)
  for (const { hash, hashes } of migrationFiles(MIGRATIONS))
    await openAs(url).execute(sql`update zkpow_migrations.applied set hash = ${hashes[1]} where hash = ${hash}`)
  await assertMigrated(openAs(url))
  await migrate(url)
})

test('a migration is known by the hash that databases hold', () => {
  expect(migrationFiles(MIGRATIONS)[0]?.hash).toBe('af85490d6a8bcdfcff7542e9226c5c9918da02e9d49ad2de01b05d2b30e3d1a1')
})

test('starts that migrate at once wait for each other, also those of two databases that share the role', async () => {
  const [one, other] = [await createTestDatabase(), await createTestDatabase()]
  await Promise.all([one, other, one, other, one].map((url) => migrate(url)))
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
  const journal = JSON.parse(readFileSync(new URL('../../../db/migrations/meta/_journal.json', import.meta.url), 'utf8'))
  const last = String(journal.entries.at(-1).idx).padStart(4, '0')
  const migrated = JSON.parse(readFileSync(new URL(`../../../db/migrations/meta/${last}_snapshot.json`, import.meta.url), 'utf8'))
  const folder = new URL('../../../db/schema/', import.meta.url)
  const modules = await Promise.all(
    readdirSync(folder)
      .filter((file) => file.endsWith('.ts'))
      .map((file) => import(new URL(file, folder).href)),
  )
  const tables = Object.assign({}, ...modules)
  expect(await generateMigration(migrated, generateDrizzleJson(tables, migrated.id, undefined, 'snake_case'))).toEqual([])
})

// Helpers

/** The migrations as a checkout with other line ends has them. */
async function checkoutWith(lineEnd: string): Promise<string> {
  const folder = await scratchFolder()
  await cp(MIGRATIONS, folder, { recursive: true })
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.sql'))) {
    const path = join(folder, file)
    await writeFile(path, readFileSync(path, 'utf8').replaceAll('\n', lineEnd))
  }
  return folder
}
