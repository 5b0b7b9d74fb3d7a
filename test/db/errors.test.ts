import { inspect } from 'node:util'
import { sql } from 'drizzle-orm'
import { expect, test, vi } from 'vitest'
import { connect, inTransaction } from '../../db/connection/connect.ts'
import { query, translateError } from '../../db/connection/translate-errors.ts'
import { listSequences, recordSequence } from '../../db/decisions/sequences.ts'
import { assertMigrated, migrate } from '../../db/deployment/migrate.ts'
import { createProverLogin } from '../../db/deployment/roles.ts'
import { blobRef, hasBlob } from '../../db/proofs/blobs.ts'
import { uploadProof } from '../../db/proofs/uploads.ts'
import { freePort } from '../../dev/stack/ports.ts'
import { FatalError, RetryableError } from '../../protocol/base/errors.ts'
import { uniqueName } from '../support/names.ts'
import { SOON } from '../support/patience.ts'
import { bytesOf, failureOf, gate, hash, openAs, openTestDatabase } from './fixtures.ts'

const SECRET = 'hunter2-secret'
const REF = { rollup: 'payments', from: 1, to: 1, accInputHash: hash(1) }

test.each([
  {
    address: async () => `postgres://zk:${SECRET}@127.0.0.1:${await freePort()}/zk`,
    name: 'DatabaseUnreachableError',
    why: 'nothing listens',
  },
  {
    address: async () => `postgres://zk:${SECRET}@no.such.host.invalid/zk`,
    name: 'DatabaseUnreachableError',
    why: 'no such host',
  },
  { address: async () => `${SECRET}@host`, name: 'DatabaseAddressError', why: 'not a URL' },
  { address: async () => `postgres://zk:${SECRET}#/@host:port/zk`, name: 'DatabaseAddressError', why: 'not encoded' },
  {
    address: async () => withPassword((await openTestDatabase()).url),
    name: 'DatabaseAccessError',
    why: 'a wrong password',
  },
  {
    address: async () => (await openTestDatabase()).url.replace(/[^/]*$/, 'nowhere'),
    name: 'DatabaseAccessError',
    why: 'no such database',
  },
])('$why: $name, without the password', async ({ address, name }) => {
  const error = await failureOf(migrate(await address()))
  expect(error).toMatchObject({ name, remedy: expect.any(String) })
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(SECRET)
})

test('neither bytes nor statement of a refused query are kept', async () => {
  const { db } = await openTestDatabase()
  const ask = query('asking', () =>
    inTransaction(db, (tx) => tx.execute(sql`insert into zkpow.blobs (sha256, size, bytes) values (${SECRET}, 1, '')`)),
  )
  const error = await failureOf(ask())
  expect(error).toMatchObject({ name: 'DatabaseRefusedError' })
  expect(error.cause).toBeUndefined()
  expect(error.message).toContain('23514')
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(SECRET)
})

test('a login that has no connection left is told to wait, and goes on when there is one', async () => {
  const { db, url } = await openTestDatabase()
  const login = { name: uniqueName('prover'), password: SECRET }
  await createProverLogin(db, { ...login, maxConnections: 1 })
  const [holder, other] = [connect(loginUrl(url, login)), openAs(url, login)]
  await assertMigrated(holder.db) // its pool keeps the connection
  const refused = {
    name: 'DatabaseBusyError',
    message: expect.stringContaining('53300'),
    remedy: expect.stringContaining('max_connections'),
  }
  await expect(assertMigrated(other)).rejects.toMatchObject(refused)
  await holder.close()
  await vi.waitFor(() => assertMigrated(other), SOON) // the server notices the end a moment later
})

test('a pool with all connections in use makes others wait, and loses none of them', async () => {
  const { url } = await openTestDatabase()
  const { db, close } = connect(url, { maxConnections: 2 })
  const [release, released] = gate()
  const holders = [1, 2].map(() => inTransaction(db, () => released))
  const waiting = [1, 2, 3, 4, 5].map((to) =>
    recordSequence(db, { sequence: { ...REF, from: to, to }, phase: 'proving', text: '' }),
  )
  release()
  await Promise.all([...holders, ...waiting])
  expect(await listSequences(db, {})).toHaveLength(5)
  await close()
})

test('a full disk is named with what helps, nothing is left of the statement, and work goes on when there is space', async () => {
  const { db } = await openTestDatabase()
  // Postgres says it so (`could not extend file …: No space left on device`, hint `Check free disk space.`), here at a
  // table of ours.
  await db.execute(sql`create function zkpow.no_space() returns trigger language plpgsql as
    $$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$`)
  await db.execute(sql`create trigger no_space after insert on zkpow.proof_uploads execute function zkpow.no_space()`)
  const upload = () =>
    uploadProof(db, { taskId: hash(1), proof: bytesOf('a proof'), prover: 'p1', durationMs: 1, peakMemoryBytes: 1 })
  await expect(upload()).rejects.toMatchObject({
    name: 'DatabaseFullError',
    remedy: expect.stringContaining('disk space'),
  })
  expect(await hasBlob(db, blobRef(bytesOf('a proof')).sha256)).toBe(false)
  await db.execute(sql`drop trigger no_space on zkpow.proof_uploads`)
  expect(await upload()).toMatchObject({ prover: 'p1' })
})

test('a database that is emptied while it is used says how to migrate, and is used on when it is migrated', async () => {
  const { db, url } = await openTestDatabase()
  const record = () => recordSequence(db, { sequence: REF, phase: 'proving', text: '' })
  await record()
  await db.execute(sql`drop schema zkpow, zkpow_migrations cascade`)
  const gone = { name: 'DatabaseTablesMissingError', remedy: expect.stringContaining('`zkpow migrate`') }
  await expect(record()).rejects.toMatchObject(gone)
  await expect(listSequences(db, {})).rejects.toMatchObject(gone)
  await migrate(url)
  await record()
  expect(await listSequences(db, {})).toHaveLength(1)
})

test('a pool whose connections were ended asks again by itself', async () => {
  const { db, url } = await openTestDatabase()
  const other = openAs(url)
  const cut = query('asking', () => other.execute(sql`select pg_terminate_backend(pg_backend_pid())`))
  await expect(cut()).rejects.toMatchObject({ name: 'DatabaseUnreachableError' })
  await vi.waitFor(() => assertMigrated(other), SOON) // the driver may try the dying connection once more
  await assertMigrated(db)
})

test.each([
  { code: '53100', name: 'DatabaseFullError', retry: true },
  { code: '53300', name: 'DatabaseBusyError', retry: true },
  { code: 'XX001', name: 'DatabaseDamagedError', retry: false },
  { code: '40P01', name: 'DatabaseBusyError', retry: true },
  { code: '57014', name: 'DatabaseBusyError', retry: true },
  { code: '57P01', name: 'DatabaseUnreachableError', retry: true },
  { code: '57P03', name: 'DatabaseUnreachableError', retry: true },
  { code: '25006', name: 'DatabaseUnreachableError', retry: true },
  { code: 'CONNECT_TIMEOUT', name: 'DatabaseUnreachableError', retry: true },
  { code: 'CONNECTION_ENDED', name: 'DatabaseUnreachableError', retry: true },
  { code: '28P01', name: 'DatabaseAccessError', retry: false },
  { code: '42501', name: 'DatabaseAccessError', retry: false },
  { code: '42P01', name: 'DatabaseTablesMissingError', retry: true },
  { code: '23505', name: 'DatabaseRefusedError', retry: false },
])('$code becomes $name', ({ code, name, retry }) => {
  const wrapped = new Error(`Failed query: select\nparams: ${SECRET}`, {
    cause: Object.assign(new Error('as the server says'), { code }),
  })
  const error = translateError(wrapped, 'asking')
  expect(error).toMatchObject({ name })
  expect(error).toBeInstanceOf(retry ? RetryableError : FatalError)
  expect(inspect(error)).not.toContain(SECRET)
})

test.each([
  { code: '57014', says: 'took too long', remedy: 'another session holds a lock' },
  { code: '55P03', says: 'took too long', remedy: 'another session holds a lock' },
  { code: '53300', says: 'too busy', remedy: 'max_connections' },
  { code: '53400', says: 'too busy', remedy: '`zkpow check` shows' },
])('$code says "$says" and what helps against that', ({ code, says, remedy }) => {
  const error = translateError(Object.assign(new Error('as the server says'), { code }), 'asking')
  expect(error).toMatchObject({ message: expect.stringContaining(says), remedy: expect.stringContaining(remedy) })
})

test('what is not from the driver passes as it is', () => {
  const bug = new TypeError('x is not a function')
  expect(translateError(bug, 'asking')).toBe(bug)
})

function loginUrl(url: string, { name, password }: { name: string; password: string }): string {
  return Object.assign(new URL(url), { username: name, password }).href
}

function withPassword(url: string): string {
  const address = new URL(url)
  address.password = SECRET
  return address.href
}
