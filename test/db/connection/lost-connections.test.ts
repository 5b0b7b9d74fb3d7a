import { sql } from 'drizzle-orm'
import { expect, test, vi } from 'vitest'
import { type Db, inTransaction } from '../../../db/connection/connect.ts'
import { assertMigrated } from '../../../db/deployment/migrate.ts'
import { SOON } from '../../support/patience.ts'
import { openAs, openTestDatabase } from '../fixtures.ts'

/** What the driver throws past its caller would end a process; here it would fail the run. */
test.each<{ when: string; lose: (tx: Db, end: () => Promise<void>) => Promise<unknown> }>([
  {
    when: 'in the middle of a statement',
    lose: (tx) => tx.execute(sql`select pg_terminate_backend(pg_backend_pid())`),
  },
  { when: 'between two statements', lose: (tx, end) => end().then(() => ask(tx)) },
  { when: 'before the commit', lose: (_, end) => end() },
  { when: 'and the caller has failed anyway', lose: (_, end) => end().then(fail) },
  { when: 'in a transaction within it', lose: (tx, end) => inTransaction(tx, (inner) => end().then(() => ask(inner))) },
  { when: 'before a transaction within it', lose: (tx, end) => end().then(() => inTransaction(tx, ask)) },
])('a connection that is lost $when ends its transaction, and nothing else', async ({ lose }) => {
  const { db, url } = await openTestDatabase()
  const pool = openAs(url)
  const asked = inTransaction(pool, async (tx) => {
    const [own] = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`)
    await lose(tx, () => endBackend(db, own?.pid))
  })
  await expect(asked).rejects.toMatchObject({ name: 'DatabaseUnreachableError' })
  await vi.waitFor(() => assertMigrated(pool), SOON)
  await expect(inTransaction(pool, ask)).resolves.toEqual([{ one: 1 }])
})

test('an error of the caller rolls back, in a transaction and within one', async () => {
  const { db } = await openTestDatabase()
  await db.execute(sql`create table numbers (n int)`)
  const refusing = (tx: Db) =>
    inTransaction(tx, (inner) => inner.execute(sql`insert into numbers values (1)`).then(fail))
  await expect(refusing(db)).rejects.toThrow('refused')
  await inTransaction(db, async (tx) => {
    await tx.execute(sql`insert into numbers values (2)`)
    await expect(refusing(tx)).rejects.toThrow('refused')
  })
  expect(await db.execute(sql`select n from numbers`)).toEqual([{ n: 2 }])
})

const ask = async (tx: Db) => tx.execute(sql`select 1 as one`)

/** Ends another connection, and looks until the server has none of it. */
async function endBackend(db: Db, pid: number | undefined): Promise<void> {
  await db.execute(sql`select pg_terminate_backend(${pid ?? 0})`)
  await vi.waitFor(async () =>
    expect(await db.execute(sql`select 1 from pg_stat_activity where pid = ${pid ?? 0}`)).toHaveLength(0),
  )
}

function fail(): never {
  throw new Error('refused')
}
