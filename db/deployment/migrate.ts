import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import { type Db, database, openClient } from '../connection/connect.ts'
import { postgresCode, query } from '../connection/translate-errors.ts'
import { DatabaseSchemaError, MigrationBlockedError } from '../errors.ts'
import { migrationFiles } from './migration-files.ts'

const MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url))

/**
 * Where it is noted what was applied, by hash; a schema of its own, because it is made before the first migration makes
 * `zkpow`.
 */
const JOURNAL = { schema: 'zkpow_migrations', table: 'applied' }
const APPLIED = `${JOURNAL.schema}.${JOURNAL.table}`

/** Any number, the same for all versions of zkpow: two starts that migrate at once wait for each other. */
const LOCK = 7_264_917_035

/**
 * A migration takes a second. Any session of the database may hold what we need, a prover's too: it is better to tell
 * of that than to wait for it.
 */
const LOCK_TIMEOUT_MS = 10_000

/** `lock_not_available`: what a lock time-out gives. */
const LOCK_NOT_AVAILABLE = '55P03'

/**
 * Brings the database to this version's tables and roles. It is idempotent, and needs the right to create schemas, and
 * roles the first time.
 * @param options.folder of the migrations, for tests of other checkouts.
 * @throws DatabaseSchemaError when the database is newer, before anything is changed.
 * @throws MigrationBlockedError when another session keeps the migration's lock, or one of the tables, for 10 s.
 */
export const migrate = query(
  'migrating the database',
  async (url: string, { folder = MIGRATIONS } = {}): Promise<void> => {
    const client = openClient(url, { max: 1, connect_timeout: 10, onnotice: () => {} })
    const db = database(client)
    try {
      // It is one transaction, so that it is all or nothing, ends with us however we end, and is one session to a
      // pooler, too.
      await db.transaction((tx) => applyMissing(tx, folder))
    } catch (error) {
      if (postgresCode(error) !== LOCK_NOT_AVAILABLE) throw error
      throw new MigrationBlockedError(await lockHolders(db))
    } finally {
      await client.end({ timeout: 5 })
    }
  },
)

async function applyMissing(tx: Db, folder: string): Promise<void> {
  await tx.execute(sql.raw(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`))
  await tx.execute(sql`select pg_advisory_xact_lock(${LOCK})`)
  const applied = await appliedMigrations(tx)
  assertNoneUnknown(applied)
  const missing = migrationFiles(folder).filter(({ hashes }) => !hashes.some((hash) => applied.includes(hash)))
  if (missing.length === 0) return
  await tx.execute(sql.raw(`create schema if not exists ${JOURNAL.schema}`))
  await tx.execute(
    sql.raw(`create table if not exists ${APPLIED} (id serial primary key, hash text not null, created_at bigint)`),
  )
  for (const { statements, hash, madeAt } of missing) {
    for (const statement of statements) await tx.execute(sql.raw(statement))
    await tx.execute(sql`insert into ${sql.raw(APPLIED)} (hash, created_at) values (${hash}, ${madeAt})`)
  }
}

/** @throws DatabaseSchemaError unless exactly this version's migrations were applied. */
export const assertMigrated = query('checking the migrations', async (db: Db): Promise<void> => {
  const applied = await appliedMigrations(db)
  assertNoneUnknown(applied)
  const missing = migrationFiles(MIGRATIONS).filter(
    ({ hashes }) => !hashes.some((hash) => applied.includes(hash)),
  ).length
  if (missing === 0) return
  throw new DatabaseSchemaError(`The database lacks ${missing} of this version's migrations.`, {
    remedy: 'run `zkpow migrate`.',
  })
})

/** Compares by hash: a migration that was edited after it ran is as unknown as one of a newer version. */
function assertNoneUnknown(applied: string[]): void {
  const known = migrationFiles(MIGRATIONS).flatMap(({ hashes }) => hashes)
  const unknown = applied.filter((hash) => !known.includes(hash)).length
  if (unknown === 0) return
  throw new DatabaseSchemaError(`The database has ${unknown} migrations that this version of zkpow doesn't know.`, {
    remedy: 'run the version of zkpow that migrated it, or a newer one; or use another database.',
  })
}

async function appliedMigrations(db: Db): Promise<string[]> {
  const [found] = await db.execute<{ exists: boolean }>(sql`select to_regclass(${APPLIED}) is not null as exists`)
  if (!found?.exists) return []
  const rows = await db.execute<{ hash: string }>(sql`select hash from ${sql.raw(APPLIED)}`)
  return rows.map(({ hash }) => hash)
}

/**
 * Lists other sessions that hold the migration's lock, or a lock on our tables, as `process 17 of login "machine_1"`.
 */
async function lockHolders(db: Db): Promise<string[]> {
  const rows = await db.execute<{ pid: number; login: string }>(sql`
    select distinct pid, usename as login from pg_locks join pg_stat_activity using (pid)
    where granted and pid <> pg_backend_pid() and database = (select oid from pg_database where datname = current_database())
      and (locktype = 'advisory' and (classid::bigint << 32 | objid::bigint) = ${LOCK} and objsubid = 1
        or relation in (select oid from pg_class where relnamespace in (select oid from pg_namespace where nspname in ('zkpow', 'zkpow_migrations'))))
    order by pid`)
  return rows.map(({ pid, login }) => `process ${pid} of login "${login}"`)
}
