import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator'
import { type Db, database, openClient } from './connect.ts'
import { DatabaseSchemaError, MigrationBlockedError } from './errors.ts'
import { migrationFiles } from './migration-files.ts'
import { postgresCode, query } from './translate-errors.ts'

const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url))

/** Where Drizzle notes what it applied; a schema of its own, because it is made before the first migration makes `zkpow`. */
const JOURNAL = {
  migrationsSchema: 'zkpow_migrations',
  migrationsTable: 'applied',
}

const APPLIED = `${JOURNAL.migrationsSchema}.${JOURNAL.migrationsTable}`

/** Any number, the same for all versions of zkpow: two starts that migrate at once wait for each other. */
const LOCK = 7_264_917_035

/** A migration takes a second. Any session of the database may hold what we need, a prover's too: then better told than waited for. */
const LOCK_TIMEOUT_MS = 10_000

/** `lock_not_available`: what a lock time-out gives. */
const LOCK_NOT_AVAILABLE = '55P03'

/**
 * Brings the database to this version's tables and roles. Idempotent; needs the right to create schemas, and roles the first time.
 * @param options.folder of the migrations, for tests of other checkouts.
 * @throws DatabaseSchemaError when the database is newer, before anything is changed.
 * @throws MigrationBlockedError when another session keeps the migration's lock, or one of the tables, for 10 s.
 */
export const migrate = query('migrating the database', async (url: string, { folder = MIGRATIONS } = {}): Promise<void> => {
  const connection = { lock_timeout: LOCK_TIMEOUT_MS }
  const client = openClient(url, { max: 1, connect_timeout: 10, onnotice: () => {}, connection })
  const db = database(client)
  try {
    await db.execute(sql`select pg_advisory_lock(${LOCK})`) // held by the connection, so it ends with it however we end
    assertNoneUnknown(await appliedMigrations(db))
    await applyMigrations(db as Parameters<typeof applyMigrations>[0], { ...JOURNAL, migrationsFolder: folder })
    await noteAsStored(db, folder)
    await assertMigrated(db)
  } catch (error) {
    if (postgresCode(error) !== LOCK_NOT_AVAILABLE) throw error
    throw new MigrationBlockedError(await lockHolders(db))
  } finally {
    await client.end({ timeout: 5 })
  }
})

/** @throws DatabaseSchemaError unless exactly this version's migrations were applied. */
export const assertMigrated = query('checking the migrations', async (db: Db): Promise<void> => {
  const applied = await appliedMigrations(db)
  assertNoneUnknown(applied)
  const missing = migrationFiles(MIGRATIONS).filter(({ hashes }) => !hashes.some((hash) => applied.includes(hash))).length
  if (missing === 0) return
  throw new DatabaseSchemaError(`The database lacks ${missing} of this version's migrations.`, { remedy: 'run `zkpow migrate`.' })
})

/** By hash: Drizzle itself compares dates only, so it would pass over an edited migration and one that was merged late. */
function assertNoneUnknown(applied: string[]): void {
  const known = migrationFiles(MIGRATIONS).flatMap(({ hashes }) => hashes)
  const unknown = applied.filter((hash) => !known.includes(hash)).length
  if (unknown === 0) return
  throw new DatabaseSchemaError(`The database has ${unknown} migrations that this version of zkpow doesn't know.`, {
    remedy: 'run the version of zkpow that migrated it, or a newer one; or use another database.',
  })
}

/** Drizzle notes the hash of a file as it is checked out, and another checkout may have other line ends. */
async function noteAsStored(db: Db, folder: string): Promise<void> {
  for (const { hash, hashHere } of migrationFiles(folder)) {
    if (hash !== hashHere) await db.execute(sql`update ${sql.raw(APPLIED)} set hash = ${hash} where hash = ${hashHere}`)
  }
}

async function appliedMigrations(db: Db): Promise<string[]> {
  const [found] = await db.execute<{ exists: boolean }>(sql`select to_regclass(${APPLIED}) is not null as exists`)
  if (!found?.exists) return []
  const rows = await db.execute<{ hash: string }>(sql`select hash from ${sql.raw(APPLIED)}`)
  return rows.map(({ hash }) => hash)
}

/** Other sessions that hold the migration's lock, or a lock on our tables, as `process 17 of login "machine_1"`. */
async function lockHolders(db: Db): Promise<string[]> {
  const rows = await db.execute<{ pid: number; login: string }>(sql`
    select distinct pid, usename as login from pg_locks join pg_stat_activity using (pid)
    where granted and pid <> pg_backend_pid() and database = (select oid from pg_database where datname = current_database())
      and (locktype = 'advisory' and (classid::bigint << 32 | objid::bigint) = ${LOCK} and objsubid = 1
        or relation in (select oid from pg_class where relnamespace in (select oid from pg_namespace where nspname in ('zkpow', 'zkpow_migrations'))))
    order by pid`)
  return rows.map(({ pid, login }) => `process ${pid} of login "${login}"`)
}
