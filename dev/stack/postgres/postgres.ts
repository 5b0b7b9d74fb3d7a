import postgres from 'postgres'
import { ProcessEndedError } from '../errors.ts'
import { managedPart, startAndPrepare } from '../managed-part.ts'
import type { StackPart } from '../part.ts'
import { freePort } from '../ports.ts'
import { type ManagedProcess, startProcess } from '../processes/process.ts'
import { type Cluster, openCluster, programOptions } from './cluster.ts'

export interface PostgresOptions {
  /** @default a free one */
  port?: number
  /** Database that is made at the first start. @default zkpow */
  database?: string
  /**
   * Writes safely to disk. Without it a crash of the machine (not of a process) can lose data, but tests are faster.
   * @default true
   */
  fsync?: boolean
  /** Connections for several aggregators and provers, each with a pool. @default 200 */
  maxConnections?: number
}

export interface PostgresPart extends StackPart {
  /** Address of the database, with the superuser's password in it: a secret. */
  readonly url: string
}

interface Launch {
  cluster: Cluster
  port: number
  fsync: boolean
  maxConnections: number
  adminUrl: string
}

/** Starts Postgres on `<dataDir>/postgres`, reachable at 127.0.0.1 only. */
export async function startPostgres(dataDir: string, options: PostgresOptions = {}): Promise<PostgresPart> {
  const cluster = await openCluster(dataDir)
  const port = await freePort(options.port)
  const urlOf = (database: string) => `postgres://postgres:${cluster.password}@127.0.0.1:${port}/${database}`
  const { fsync = true, maxConnections = 200 } = options
  const launch = { cluster, port, fsync, maxConnections, adminUrl: urlOf('postgres') }
  const part = managedPart({ name: 'postgres', launch: () => launchAgain(launch) })
  const database = options.database ?? 'zkpow'
  await startAndPrepare(part, () => createDatabase(launch.adminUrl, database))
  return Object.assign(part, { url: urlOf(database) })
}

/** Creates a database unless it exists. */
export async function createDatabase(adminUrl: string, name: string): Promise<void> {
  await withAdmin(adminUrl, async (sql) => {
    const [existing] = await sql`select 1 from pg_database where datname = ${name}`
    if (!existing) await sql`create database ${sql(name)}`
  })
}

/** Starts again until it works: after a SIGKILL the old children live on, and Postgres refuses to start beside them. */
async function launchAgain(p: Launch, triesLeft = 20): Promise<ManagedProcess> {
  try {
    return await launchPostgres(p)
  } catch (error) {
    if (triesLeft === 0 || !(error instanceof ProcessEndedError)) throw error
    return launchAgain(p, triesLeft - 1)
  }
}

function launchPostgres({ cluster, port, fsync, maxConnections, adminUrl }: Launch): Promise<ManagedProcess> {
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: fsync ? 'on' : 'off',
    log_min_error_statement: 'panic', // a statement that fails may hold a password
    max_connections: maxConnections,
  }
  const args = ['-D', cluster.folder, ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])]
  return startProcess({
    ...programOptions(cluster, 'postgres', args),
    ready: () => withAdmin(adminUrl, (sql) => sql`select 1`),
    stopSignal: 'SIGINT', // this fast shutdown ends connections instead of waiting for them
  })
}

async function withAdmin<T>(adminUrl: string, use: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {}, fetch_types: false })
  try {
    return await use(sql)
  } finally {
    await sql.end({ timeout: 1 })
  }
}
