import { inspect } from 'node:util'
import { sql } from 'drizzle-orm'
import { expect, test, vi } from 'vitest'
import { inTransaction } from '../../db/connect.ts'
import { assertMigrated, migrate } from '../../db/migrate.ts'
import { createProverLogin } from '../../db/roles.ts'
import { query, translateError } from '../../db/translate-errors.ts'
import { freePort } from '../../dev/stack/ports.ts'
import { FatalError, RetryableError } from '../../protocol/errors.ts'
import { uniqueName } from '../support/names.ts'
import { failureOf, openAs, openTestDatabase } from './fixtures.ts'

const SECRET = 'hunter2-secret'

test.each([
  {
    address: async () => `postgres://zk:${SECRET}@127.0.0.1:${await freePort()}/zk`,
    name: 'DatabaseUnreachableError',
    why: 'nothing listens',
  },
  { address: async () => `postgres://zk:${SECRET}@no.such.host.invalid/zk`, name: 'DatabaseUnreachableError', why: 'no such host' },
  { address: async () => `${SECRET}@host`, name: 'DatabaseAddressError', why: 'not a URL' },
  { address: async () => `postgres://zk:${SECRET}#/@host:port/zk`, name: 'DatabaseAddressError', why: 'not encoded' },
  { address: async () => withPassword((await openTestDatabase()).url), name: 'DatabaseAccessError', why: 'a wrong password' },
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

test('a login that has no connection left is told to wait', async () => {
  const { db, url } = await openTestDatabase()
  const login = { name: uniqueName('prover'), password: SECRET }
  await createProverLogin(db, { ...login, maxConnections: 1 })
  const holder = openAs(url, login)
  await inTransaction(holder, async (tx) => {
    await assertMigrated(tx)
    await expect(assertMigrated(openAs(url, login))).rejects.toMatchObject({ name: 'DatabaseBusyError' })
  })
})

test('a pool whose connections were ended asks again by itself', async () => {
  const { db, url } = await openTestDatabase()
  const other = openAs(url)
  const cut = query('asking', () => other.execute(sql`select pg_terminate_backend(pg_backend_pid())`))
  await expect(cut()).rejects.toMatchObject({ name: 'DatabaseUnreachableError' })
  await vi.waitFor(() => assertMigrated(other)) // the driver may try the dying connection once more
  await assertMigrated(db)
})

test.each([
  { code: '53100', name: 'DatabaseFullError', retry: true },
  { code: '53300', name: 'DatabaseBusyError', retry: true },
  { code: '40P01', name: 'DatabaseBusyError', retry: true },
  { code: '57014', name: 'DatabaseBusyError', retry: true },
  { code: '57P01', name: 'DatabaseUnreachableError', retry: true },
  { code: '57P03', name: 'DatabaseUnreachableError', retry: true },
  { code: '25006', name: 'DatabaseUnreachableError', retry: true },
  { code: 'CONNECT_TIMEOUT', name: 'DatabaseUnreachableError', retry: true },
  { code: 'CONNECTION_ENDED', name: 'DatabaseUnreachableError', retry: true },
  { code: '28P01', name: 'DatabaseAccessError', retry: false },
  { code: '42501', name: 'DatabaseAccessError', retry: false },
  { code: '42P01', name: 'DatabaseSchemaError', retry: false },
  { code: '23505', name: 'DatabaseRefusedError', retry: false },
])('$code becomes $name', ({ code, name, retry }) => {
  const wrapped = new Error(`Failed query: select\nparams: ${SECRET}`, { cause: Object.assign(new Error('as the server says'), { code }) })
  const error = translateError(wrapped, 'asking')
  expect(error).toMatchObject({ name })
  expect(error).toBeInstanceOf(retry ? RetryableError : FatalError)
  expect(inspect(error)).not.toContain(SECRET)
})

test('what is not from the driver passes as it is', () => {
  const bug = new TypeError('x is not a function')
  expect(translateError(bug, 'asking')).toBe(bug)
})

function withPassword(url: string): string {
  const address = new URL(url)
  address.password = SECRET
  return address.href
}
