import { writeFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { sql } from 'drizzle-orm'
import { expect, inject, onTestFinished, test } from 'vitest'
import { parseAddress } from '../../../db/connection/address.ts'
import { connect, type Db, inTransaction } from '../../../db/connection/connect.ts'
import { query } from '../../../db/connection/translate-errors.ts'
import { assertMigrated, migrate } from '../../../db/deployment/migrate.ts'
import { createProverLogin } from '../../../db/deployment/roles.ts'
import { putBlob, readBlob } from '../../../db/proofs/blobs.ts'
import { createDatabase } from '../../../dev/stack/postgres/postgres.ts'
import { createTestDatabase } from '../../support/database.ts'
import { uniqueName } from '../../support/names.ts'
import { startPooler } from '../../support/pooler.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { bytesOf, openAs } from '../fixtures.ts'

test('a pooler that refuses settings at the start, as PgBouncer does, is as good as Postgres', async () => {
  const url = await throughPooler(await createTestDatabase())
  await migrate(url)
  const { db } = open(url)
  await assertMigrated(db)
  const { sha256 } = await putBlob(db, bytesOf('through a pooler'))
  expect(await readBlob(db, sha256)).toEqual(bytesOf('through a pooler'))
})

test('a name of the database that has to be encoded, and a password likewise', async () => {
  const [name, password] = [uniqueName('zk pow/ü%'), 'p@ss/w:rd%#?']
  await createDatabase(inject('postgresAdminUrl'), name)
  const url = new URL(inject('postgresAdminUrl'))
  url.pathname = `/${encodeURIComponent(name)}`
  await migrate(url.href)
  const login = { name: uniqueName('prover'), password }
  await createProverLogin(openAs(url.href), login)
  await assertMigrated(openAs(url.href, login))
  const [found] = await openAs(url.href, login).execute(sql`select current_database() as name`)
  expect(found).toEqual({ name })
})

test('the longest name that a prover may have is taken for a session, by a pooler too', async () => {
  const url = await createTestDatabase()
  for (const address of [url, await throughPooler(url)]) {
    const { db } = open(address, { applicationName: '𝔭'.repeat(200) })
    await expect(db.execute(sql`select 1 as one`)).resolves.toEqual([{ one: 1 }])
  }
})

const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))

test.skipIf(!hasIpv6)('an IPv6 address in brackets', async () => {
  await migrate(await throughPooler(await createTestDatabase(), '::1'))
})

test.each([
  { query: '', ssl: undefined },
  { query: '?sslmode=disable', ssl: false },
  { query: '?sslmode=prefer', ssl: 'prefer' },
  { query: '?sslmode=require', ssl: 'require' },
  { query: '?sslmode=verify-full', ssl: { rejectUnauthorized: true } },
  { query: '?sslmode=require&channel_binding=prefer', ssl: 'require' },
  // A verified name guards against what binding does.
  { query: '?sslmode=require&channel_binding=require', ssl: { rejectUnauthorized: true } },
  { query: '?sslrootcert=system', ssl: { rejectUnauthorized: true } },
  { query: '?sslmode=verify-full&sslrootcert=CA', ssl: { rejectUnauthorized: true, ca: 'a certificate' } },
  {
    query: '?sslmode=require&sslrootcert=CA',
    ssl: { rejectUnauthorized: true, ca: 'a certificate', checkServerIdentity: expect.anything() },
  },
  { query: '?sslrootcert=CA', ssl: { rejectUnauthorized: false, ca: 'a certificate' } },
  {
    query: '?sslmode=verify-full&sslcert=CA&sslkey=CA',
    ssl: { rejectUnauthorized: true, cert: 'a certificate', key: 'a certificate' },
  },
])('TLS as libpq has it: $query', async ({ query: asked, ssl = false }) => {
  const file = join(await scratchFolder(), 'ca.pem')
  await writeFile(file, 'a certificate')
  const options = parseAddress(`postgres://u:p@h/d${asked.replaceAll('CA', encodeURIComponent(file))}`)
  expect(options).toEqual({
    host: ['h'],
    port: [5432],
    database: 'd',
    username: 'u',
    password: 'p',
    ssl,
    connection: {},
  })
})

test.each([
  {
    address: 'postgres://u@h:6432/d?application_name=x&search_path=y',
    read: { port: [6432], connection: { application_name: 'x', search_path: 'y' } },
  },
  {
    address: 'postgres://u@h/d?connect_timeout=3&pgbouncer=true&keepalives=1',
    read: { connect_timeout: 3, connection: {} },
  },
  { address: 'postgres://%2Fvar%2Frun/d', read: { path: '/var/run/.s.PGSQL.5432' } },
  { address: 'postgres://h/?dbname=d&user=u&password=p', read: { database: 'd', username: 'u', password: 'p' } },
])('$address', ({ address, read }) => expect(parseAddress(address)).toMatchObject(read))

test.each([
  { address: 'postgres://u:hunter2@h/d?sslmode=always', says: "has an sslmode that isn't one of disable, allow" },
  {
    address: 'postgres://u:hunter2@h/d?sslmode=verify-full&sslrootcert=/nowhere',
    says: "names a file in sslrootcert that can't be read (ENOENT)",
  },
  { address: 'postgres://u:hunter2@h/%zz', says: 'has a % that starts no percent-encoded character' },
  { address: 'mysql://u:hunter2@h/d', says: 'is no postgres:// URL' },
])('$says', ({ address, says }) => {
  const error = refusalOf(address)
  expect(error).toMatchObject({
    code: 'ZKPOW-DB-ADDRESS',
    message: expect.stringContaining(`The address of the database ${says}`),
  })
  expect(inspect(error)).not.toContain('hunter2')
})

test.each([
  { where: 'alone', ask: (db: Db) => db.execute(sql`select pg_sleep(30)`) },
  { where: 'in a transaction', ask: (db: Db) => inTransaction(db, (tx) => tx.execute(sql`select pg_sleep(30)`)) },
  {
    where: 'in one within another',
    ask: (db: Db) => inTransaction(db, (tx) => inTransaction(tx, (inner) => inner.execute(sql`select pg_sleep(30)`))),
  },
])('a statement that takes too long ends, by a pooler too: $where', async ({ ask }) => {
  const url = await createTestDatabase()
  for (const address of [url, await throughPooler(url)]) {
    const { db } = open(address, { statementTimeoutMs: 200 })
    await expect(query('asking', () => ask(db) as Promise<unknown>)()).rejects.toMatchObject({
      name: 'DatabaseBusyError',
      message: expect.stringContaining('57014'),
    })
    await db.execute(sql`select 1`)
  }
})

test('what waits for a connection is not taken for a statement that takes long', async () => {
  const { db } = open(await createTestDatabase(), { maxConnections: 1, statementTimeoutMs: 2_000 })
  const asked = Array.from({ length: 4 }, () => db.execute(sql`select pg_sleep(0.8)`))
  await expect(Promise.all(asked)).resolves.toHaveLength(4)
})

function refusalOf(address: string): unknown {
  try {
    return connect(address)
  } catch (error) {
    return error
  }
}

function open(url: string, options: Parameters<typeof connect>[1] = {}) {
  const connection = connect(url, { maxConnections: 2, ...options })
  onTestFinished(() => connection.close())
  return connection
}

/** Gives an address of the same database behind a pooler. */
async function throughPooler(url: string, host?: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const address = new URL(url)
  const pooler = await startPooler({ host: hostname, port: Number(port) }, host === undefined ? {} : { host })
  const at = pooler.lastIndexOf(':')
  address.hostname = host?.includes(':') ? `[${pooler.slice(0, at)}]` : pooler.slice(0, at)
  address.port = pooler.slice(at + 1)
  return address.href
}
