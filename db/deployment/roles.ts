import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Db } from '../connection/connect.ts'
import { query } from '../connection/translate-errors.ts'
import { DatabaseLoginError } from '../errors.ts'

/** Made by the migrations: may read blobs, insert uploads, and nothing else. */
const PROVER_ROLE = 'zkpow_prover'

/**
 * They are against mishaps, such as a machine that stands still: a login may raise these itself. A proof is uploaded in
 * seconds, and between the statements of a transaction nothing is waited for.
 */
const TIMEOUTS = { statement_timeout: '5min', idle_in_transaction_session_timeout: '1min' }

/**
 * Space for sorting, which no query of a prover's needs. Only a superuser, or whom one has granted it, may set or raise
 * it.
 */
const TEMP_FILE_LIMIT = '64MB'

interface ProverLogin {
  name: string
  /** Any text; only a verifier of it is sent. */
  password: string
  /** So that provers can't take all connections of the server. @default 32 */
  maxConnections?: number
}

/**
 * Creates a login for prover machines, or gives the one of that name another password.
 * @param adminDb as a user that may create roles.
 * @throws DatabaseLoginError when the name is no plain one, or is a user that isn't a prover.
 */
export const createProverLogin = query(
  'making a login',
  async (adminDb: Db, { name, password, maxConnections = 32 }: ProverLogin) => {
    if (!/^[a-z][a-z0-9_]{0,62}$/.test(name)) throw new DatabaseLoginError(name, 'is not a plain name (a-z, 0-9, _)')
    await adminDb.transaction(async (tx) => {
      const [role] = await tx.execute<{ is_prover: boolean }>(sql`
      select rolcanlogin and not rolsuper and pg_has_role(oid, ${PROVER_ROLE}, 'member') as is_prover from pg_roles where rolname = ${name}`)
      if (role && !role.is_prover) throw new DatabaseLoginError(name, "exists and isn't a prover's")
      // Statements about roles take no parameters; name, verifier and number are safe as they are.
      const options = `LOGIN PASSWORD '${scramVerifier(password)}' CONNECTION LIMIT ${Math.trunc(maxConnections)}`
      await tx.execute(
        sql.raw(role ? `ALTER ROLE ${name} ${options}` : `CREATE ROLE ${name} ${options} IN ROLE ${PROVER_ROLE}`),
      )
      for (const [setting, value] of Object.entries(await settingsFor(tx)))
        await tx.execute(sql.raw(`ALTER ROLE ${name} SET ${setting} = '${value}'`))
    })
  },
)

async function settingsFor(db: Db): Promise<Record<string, string>> {
  const [may] = await db.execute<{ limit: boolean }>(
    sql`select has_parameter_privilege('temp_file_limit', 'set') as limit`,
  )
  return may?.limit ? { ...TIMEOUTS, temp_file_limit: TEMP_FILE_LIMIT } : TIMEOUTS
}

/** What an administrator of the server can still take from a login, and the owner of the database can't. */
interface Surplus {
  /** Other databases that it may connect to. */
  databases: string[]
  mayMakeLargeObjects: boolean
  hasUnlimitedTempFiles: boolean
}

/** Finds what a prover's login may do beyond its work, as the cluster is set up. */
export const findSurplus = query('looking at a login', async (db: Db, login: string): Promise<Surplus> => {
  const databases = await db.execute<{ name: string }>(sql`
    select datname as name from pg_database
    where datallowconn and datname <> current_database() and has_database_privilege(${login}, oid, 'connect') order by datname`)
  const [may] = await db.execute<{ large: boolean; unlimited: boolean }>(sql`
    select has_function_privilege(${login}, 'lo_create(oid)', 'execute') as large,
      not exists (select from pg_roles, unnest(rolconfig) one where rolname = ${login} and one like 'temp_file_limit=%') as unlimited`)
  return {
    databases: databases.map(({ name }) => name),
    mayMakeLargeObjects: may?.large === true,
    hasUnlimitedTempFiles: may?.unlimited === true,
  }
})

/**
 * Makes what Postgres stores of a password (RFC 5803), made here so that the password itself appears in no log of
 * statements.
 */
function scramVerifier(password: string): string {
  const salt = randomBytes(16)
  const iterations = 4096
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, iterations, 32, 'sha256')
  const keyOf = (text: string) => createHmac('sha256', salted).update(text).digest()
  const storedKey = createHash('sha256').update(keyOf('Client Key')).digest('base64')
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${keyOf('Server Key').toString('base64')}`
}
