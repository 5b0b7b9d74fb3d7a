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

test('a sequence whose proofs were being made when the phase got its name is proving', async () => {
  const url = await createTestDatabase()
  await migrate(url)
  await openAs(url).execute(sql`
    insert into zkpow.sequences (rollup, from_batch, to_batch, acc_input_hash, phase, text)
    values ('pay', 1, 1, ${`0x${'00'.repeat(32)}`}, 'prove', ''), ('pay', 2, 2, ${`0x${'01'.repeat(32)}`}, 'submit', '')`)
  await openAs(url).execute(sql`delete from zkpow_migrations.applied where id = 15`)
  await migrate(url)
  const phases = await openAs(url).execute(sql`select phase from zkpow.sequences order by to_batch`)
  expect(phases).toEqual([{ phase: 'proving' }, { phase: 'submit' }])
})

test('a checkout whose lines end otherwise has the same migrations', async () => {
  const [url, before] = [await createTestDatabase(), await createTestDatabase()]
  const folder = await checkoutWith('\r\n')
  expect(migrationFiles(folder).map(({ hash }) => hash)).toEqual(migrationFiles(MIGRATIONS).map(({ hash }) => hash))
  await migrate(url, { folder })
  await assertMigrated(openAs(url)) // its migrations count as those of this checkout
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

test('each migration is known by the hash that databases hold, so none of them may ever change, not by a letter of a comment', () => {
  expect(migrationFiles(MIGRATIONS).map(({ hash }) => hash)).toEqual([
    'af85490d6a8bcdfcff7542e9226c5c9918da02e9d49ad2de01b05d2b30e3d1a1',
    '94ec39a2a0f1a2a35980dd97cb4cddfd67538cdc8b75ac007ccff81ef91f156c',
    '5575b50c1629ce0f0f2ef45e7c2f4b004cbb0fc121dc8ad0fd6607c75817f8bf',
    '9169360531fbca1c5a9cf56e29b1639b0f69c13333989fa8057728cbb47d4b53',
    '30f45793095e309be795e48f4444dca43f11d022a885e7b420adcc2491da9645',
    '58160558e34f158a25729aa23e368bb9b2713710cf9b77f67631c556cc9389c2',
    '0a3e94309951bbf405797080b87676a21e5ca4b5840522747d4e19c7a69d9bb5',
    '5ac8a48e73c3e7f3cf78cd0ada2f0676e095cefd8eb59784aa6a72be71ceb763',
    '5e8dbf0fd33cd78c546fa0f65cddb5af6b25f30c3adb648ad1b3f3e623548c66',
    '085f43381657a582d558d9a853cff030977e0251dbc1fadc15a8d2f7716d5972',
    '049905fa831b638bac9aa66a76857f536f6fd33133891150758eb2c8cc6f75b7',
    'ffd9ab84e103442cb60e2a5a4c3af5584542e4b3b941e3cc8d885851d23c1789',
    '9a8279047ea636ea6fac6ecf329c9711878e5d14f81658bfa9dee6711ebd1694',
    '6fc6dba373dd9d1b86cffd2e52ae4cb07d0b31f87c9f10a148ffd0a808d72ed5',
    '515ecfb054f31715e4a8054244149a882754ddbbc218e07fde83fda63aa1ea65',
    'f69bdc420fb212b19a34737cac3480f376cc0683a49b158e40bfb94e60502daa',
  ])
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
    const blocked = {
      code: 'ZKPOW-DB-MIGRATION-BLOCKED',
      message: expect.stringMatching(/process \d+ of login "postgres"/),
    }
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
    await expect(refused).rejects.toMatchObject({
      name: 'DatabaseSchemaError',
      remedy: expect.stringContaining('newer'),
    })
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
  const journal = JSON.parse(
    readFileSync(new URL('../../../db/migrations/meta/_journal.json', import.meta.url), 'utf8'),
  )
  const last = String(journal.entries.at(-1).idx).padStart(4, '0')
  const migrated = JSON.parse(
    readFileSync(new URL(`../../../db/migrations/meta/${last}_snapshot.json`, import.meta.url), 'utf8'),
  )
  const folder = new URL('../../../db/schema/', import.meta.url)
  const modules = await Promise.all(
    readdirSync(folder)
      .filter((file) => file.endsWith('.ts'))
      .map((file) => import(new URL(file, folder).href)),
  )
  const tables = Object.assign({}, ...modules)
  expect(await generateMigration(migrated, generateDrizzleJson(tables, migrated.id, undefined, 'snake_case'))).toEqual(
    [],
  )
})

/** Copies the migrations as a checkout with other line ends has them. */
async function checkoutWith(lineEnd: string): Promise<string> {
  const folder = await scratchFolder()
  await cp(MIGRATIONS, folder, { recursive: true })
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.sql'))) {
    const path = join(folder, file)
    await writeFile(path, readFileSync(path, 'utf8').replaceAll('\n', lineEnd))
  }
  return folder
}
