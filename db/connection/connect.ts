import type { PgDatabase } from 'drizzle-orm/pg-core'
import { drizzle, type PostgresJsQueryResultHKT } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { parseAddress } from './address.ts'
import { guardTransactions } from './guard-transactions.ts'
import { limitStatements } from './limit-statements.ts'
import { query } from './translate-errors.ts'

/** A connection pool's database, or a transaction of it. */
export type Db = PgDatabase<PostgresJsQueryResultHKT>

/** An open pool. Nothing is asked of Postgres until the first query. */
interface DatabaseConnection {
  readonly db: Db
  /** Ends all connections, after what runs or 5 s. */
  close(): Promise<void>
}

interface ConnectOptions {
  /** Queries beyond these wait for a free connection. @default 10 */
  maxConnections?: number
  /** What `pg_stat_activity` shows. @default zkpow */
  applicationName?: string
  /** What takes so long is cancelled. @default 30 000 */
  statementTimeoutMs?: number
}

/**
 * A query of ours takes milliseconds; what takes so long is stuck behind a lock or a sick disk, and better asked again.
 */
const STATEMENT_TIMEOUT_MS = 30_000

/**
 * Opens a pool to Postgres; it reconnects by itself.
 * @param url `postgres://user:password@host:port/database`; never shown.
 * @throws DatabaseAddressError when it can't be one.
 */
export function connect(
  url: string,
  { maxConnections = 10, applicationName = 'zkpow', statementTimeoutMs = STATEMENT_TIMEOUT_MS }: ConnectOptions = {},
): DatabaseConnection {
  const client = openClient(url, {
    max: maxConnections,
    connect_timeout: 10, // seconds
    backoff: pauseBeforeConnecting,
    onnotice: () => {},
    connection: { application_name: applicationName },
  })
  return { db: database(limitStatements(client, statementTimeoutMs)), close: () => client.end({ timeout: 5 }) }
}

/**
 * Says how long to wait, in seconds, by failures so far of all connections together. The driver's own pause goes up to
 * 20 s, which after a short restart is a long time of a window.
 */
const pauseBeforeConnecting = (failures: number): number => Math.min(0.05 * 2 ** failures, 2)

/** Makes the database of a client. Names of columns follow from those of fields: `accInputHash`, `acc_input_hash`. */
export const database = (client: postgres.Sql): Db => drizzle(guardTransactions(client), { casing: 'snake_case' })

/** @throws DatabaseAddressError */
export function openClient(
  url: string,
  { connection, ...options }: postgres.Options<Record<string, never>>,
): postgres.Sql {
  const { connection: asked, ...address } = parseAddress(url)
  // Array types, which we don't use, aren't looked for: a connection that is lost meanwhile would end the process, too.
  return postgres({ ...options, ...address, connection: { ...connection, ...asked }, fetch_types: false })
}

/** Does all that `use` does, or nothing. Within a transaction it is a savepoint. */
export const inTransaction = query(
  'running a transaction',
  <T>(db: Db, use: (tx: Db) => Promise<T>): Promise<T> => db.transaction(use),
)
