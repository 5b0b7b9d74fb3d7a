import { randomBytes } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { storeAttempt } from '../../../db/attempts/attempts.ts'
import { type Db, inTransaction } from '../../../db/connection/connect.ts'
import { setHold } from '../../../db/decisions/holds.ts'
import { recordRefusal } from '../../../db/decisions/refusals.ts'
import { recordSequence } from '../../../db/decisions/sequences.ts'
import { assertMigrated, migrate } from '../../../db/deployment/migrate.ts'
import { createProverLogin, findSurplus } from '../../../db/deployment/roles.ts'
import { putBlob, readBlob } from '../../../db/proofs/blobs.ts'
import { recordProof } from '../../../db/proofs/proofs.ts'
import {
  listOpenBytes,
  listOpenUploads,
  OPEN_BYTES_LIMIT,
  releaseUploads,
  UPLOAD_BYTES_LIMIT,
  uploadProof,
} from '../../../db/proofs/uploads.ts'
import { createTestDatabase } from '../../support/database.ts'
import { uniqueName } from '../../support/names.ts'
import { attempt, bytesOf, failureOf, finalProof, gate, hash, openAs, openTestDatabase } from '../fixtures.ts'

const PROVER = { name: uniqueName('prover'), password: `p'w@/:%${randomBytes(6).toString('hex')}` }
const RIVAL = { name: uniqueName('rival'), password: 'rival' }
const upload = (proof: Uint8Array) => ({ taskId: hash(1), proof, prover: 'p1', durationMs: 10, peakMemoryBytes: 20 })

let admin: Db
let prover: Db
let rival: Db
let url: string

beforeAll(async () => {
  ;({ db: admin, url } = await openTestDatabase())
  for (const login of [PROVER, RIVAL]) await createProverLogin(admin, login)
  ;[prover, rival] = [openAs(url, PROVER), openAs(url, RIVAL)]
})

describe('a prover may', () => {
  test('read inputs, upload proofs, the same one twice, and ask for the version', async () => {
    await assertMigrated(prover)
    const input = await putBlob(admin, bytesOf('input'))
    expect(await readBlob(prover, input.sha256)).toEqual(bytesOf('input'))
    const first = await uploadProof(prover, upload(bytesOf('proof')))
    expect(await uploadProof(prover, upload(bytesOf('proof')))).toEqual(first)
    expect(await listOpenUploads(admin, hash(1))).toEqual([{ ...first, login: PROVER.name }])
  })

  test('upload up to 4 MiB, which provers know; the aggregator may store more', async () => {
    expect(UPLOAD_BYTES_LIMIT).toBe(4 * 1024 * 1024)
    const tooBig = new Uint8Array(UPLOAD_BYTES_LIMIT + 1)
    await uploadProof(prover, upload(tooBig.subarray(1)))
    await expect(uploadProof(prover, upload(tooBig))).rejects.toMatchObject({ name: 'DatabaseAccessError' })
    await putBlob(admin, tooBig)
  })

  test('have 1 GiB of uploads open, however it uploads them, until their tasks are proved', async () => {
    const hoarder = { name: uniqueName('hoarder'), password: 'hoarder' }
    await createProverLogin(admin, hoarder)
    const db = openAs(url, hoarder)
    const [task, most] = [hash(77), OPEN_BYTES_LIMIT / 65_536] // the smallest counts for as much
    const rows = (
      first: number,
      last: number,
    ) => sql`${task}, '0x' || encode(sha256(int4send(n)), 'hex'), 4, int4send(n), 'p', 1, 1
      from generate_series(${first}::int, ${last}::int) n`
    const columns = sql.raw('task_id, sha256, size, bytes, prover, duration_ms, peak_memory_bytes')
    const insert = (first: number, last: number) =>
      db.execute(sql`insert into zkpow.proof_uploads (${columns}) select ${rows(first, last)}`)
    await admin.execute(
      sql`insert into zkpow.proof_uploads (login, ${columns}) select ${hoarder.name}, ${rows(1, most - 5)}`,
    )
    // One statement holds one too many.
    await expect(failureOf(insert(most - 4, most + 1))).resolves.toMatchObject({ cause: { code: '53400' } })
    await insert(most - 4, most)
    await expect(uploadProof(db, upload(bytesOf('more')))).rejects.toMatchObject({ name: 'DatabaseBusyError' })
    expect(await listOpenBytes(admin)).toContainEqual({ login: hoarder.name, bytes: OPEN_BYTES_LIMIT, uploads: most })
    await putBlob(admin, bytesOf('proved'))
    await recordProof(admin, finalProof(bytesOf('proved'), { taskId: task }))
    await releaseUploads(admin)
    expect(await uploadProof(db, upload(bytesOf('more')))).toMatchObject({ size: 4 })
  })

  test('keep nobody waiting with an open transaction: not the aggregator, not another login', async () => {
    const input = bytesOf('the next input, which everybody can make')
    const [release, released] = gate()
    const [begun, hasBegun] = gate()
    const holder = inTransaction(prover, async (tx) => {
      await uploadProof(tx, upload(input))
      begun()
      await released
    })
    await hasBegun
    await putBlob(admin, input)
    await uploadProof(rival, upload(input))
    release()
    await holder
  })
})

describe('a prover may not', () => {
  beforeAll(async () => {
    const proof = bytesOf('stored')
    await putBlob(admin, proof)
    await recordProof(admin, finalProof(proof))
    await storeAttempt(admin, attempt())
    await setHold(admin, { rollup: 'payments', key: null, hold: 'paused', reason: 'r', who: 'w' })
    await recordRefusal(admin, { taskId: hash(1), prover: 'p9', sha256: hash(2), reason: 'r', isReported: true })
    await recordSequence(admin, {
      sequence: { rollup: 'payments', from: 1, to: 3, accInputHash: hash(3) },
      phase: 'proving',
      text: '',
    })
    await uploadProof(rival, upload(bytesOf('of the rival')))
  })

  const tables =
    'attempts batches deployments holds proof_refusals proof_uploads proofs replays rollup_floors sequences snapshots task_quarantines'.split(
      ' ',
    )
  test.each([
    ...tables.map((table) => `select * from zkpow.${table}`),
    ...[...tables, 'blobs'].flatMap((table) => [`delete from zkpow.${table}`, `truncate zkpow.${table} cascade`]),
    `update zkpow.blobs set bytes = bytes`,
    `update zkpow.proof_uploads set prover = 'p2'`,
    `update zkpow.proofs set sha256 = sha256`,
    `update zkpow.attempts set is_final = true`,
    `update zkpow.holds set lifted_at = now()`,
    `insert into zkpow.proofs (task_id) values ('x')`,
    `insert into zkpow.attempts (chain_id) values (1)`,
    `insert into zkpow.holds (rollup) values ('x')`,
    `insert into zkpow.sequences (rollup) values ('x')`,
    `insert into zkpow.proof_refusals (task_id) values ('x')`,
    `insert into zkpow.batches (rollup) values ('x')`,
    `insert into zkpow.blobs (sha256, size, bytes) values ('x', 0, '')`,
    `insert into zkpow.proof_uploads (task_id, sha256, prover, duration_ms, size, peak_memory_bytes, login) values ('x', 'y', 'z', 1, 1, 1, 'rival')`,
    `insert into zkpow.proof_uploads (task_id, sha256, prover, duration_ms, peak_memory_bytes) values ('x', 'y', 'z', 1, 1)
       on conflict (task_id, sha256, login) do update set prover = 'z'`,
    `insert into zkpow_migrations.applied (hash, created_at) values ('x', 1)`,
    `create table zkpow.mine (id int)`,
    `create table public.mine (id int)`,
    `create role mine`,
    `alter table zkpow.blobs disable row level security`,
    `alter role zkpow_prover superuser`,
    `select pg_read_file('/etc/hostname')`,
    `create temporary table mine (id int)`,
    `select lo_creat(-1)`,
    `select lo_create(0)`,
    `select lo_from_bytea(0, 'x')`,
    `set temp_file_limit = -1`,
    `alter role current_user connection limit -1`,
    `alter role current_user set temp_file_limit = -1`,
  ])('%s', async (statement) => {
    await expect(
      prover.execute(sql.raw(statement)).catch((error) => Promise.reject(error.cause)),
    ).rejects.toMatchObject({ code: '42501' })
  })

  test('store bytes under a false address, or a false size', async () => {
    const insert = (sha256: string, size: number) =>
      prover.execute(sql`insert into zkpow.proof_uploads (task_id, sha256, size, bytes, prover, duration_ms, peak_memory_bytes)
        values (${hash(1)}, ${sha256}, ${size}, ${bytesOf('x')}, 'p', 1, 1) on conflict do nothing`)
    const { sha256 } = await uploadProof(prover, upload(bytesOf('x')))
    await expect(failureOf(insert(hash(1), 1))).resolves.toMatchObject({
      cause: { constraint_name: 'proof_uploads_address_is_hash' },
    })
    await expect(failureOf(insert(sha256, 2))).resolves.toMatchObject({
      cause: { constraint_name: 'proof_uploads_size_is_length' },
    })
  })

  test('upload no bytes', async () => {
    const none =
      prover.execute(sql`insert into zkpow.proof_uploads (task_id, sha256, size, prover, duration_ms, peak_memory_bytes)
      values (${hash(1)}, ${hash(2)}, 1, 'p', 1, 1)`)
    await expect(failureOf(none)).resolves.toMatchObject({ cause: { code: '42501' } })
  })

  test("overwrite another prover's upload; who uploaded is what Postgres says", async () => {
    await uploadProof(prover, { ...upload(bytesOf('of the rival')), prover: 'somebody else' })
    const rows = await admin.execute(
      sql`select prover, login from zkpow.proof_uploads where bytes = ${bytesOf('of the rival')} order by uploaded_at`,
    )
    // biome-ignore format: a row
    expect(rows).toEqual([{ prover: 'p1', login: RIVAL.name }, { prover: 'somebody else', login: PROVER.name }])
  })
})

describe('logins', () => {
  test('nobody but the owner and provers of this database may connect to it', async () => {
    const other = { name: uniqueName('other'), password: 'other' }
    await admin.execute(sql.raw(`create role ${other.name} login password '${other.password}'`))
    await expect(failureOf(assertMigrated(openAs(url, other)))).resolves.toMatchObject({
      message: expect.stringContaining('42501'),
    })
    await assertMigrated(openAs(url, PROVER))
  })

  test('a transaction that stands still is ended, and connections are limited', async () => {
    const rows = await admin.execute(sql`select rolconnlimit, rolconfig from pg_roles where rolname = ${PROVER.name}`)
    const settings = '{statement_timeout=5min,idle_in_transaction_session_timeout=1min,temp_file_limit=64MB}'
    expect(rows).toEqual([{ rolconnlimit: 32, rolconfig: settings }])
  })

  test('what only a superuser may take from them is found', async () => {
    expect(await findSurplus(admin, PROVER.name)).toMatchObject({
      mayMakeLargeObjects: false,
      hasUnlimitedTempFiles: false,
    })
    expect((await findSurplus(admin, PROVER.name)).databases).toContain('postgres')
    const { owner, name } = await ownedDatabase()
    await migrate(owner)
    await createProverLogin(openAs(owner), { name, password: 'x' })
    expect(await findSurplus(openAs(owner), name)).toMatchObject({
      mayMakeLargeObjects: true,
      hasUnlimitedTempFiles: true,
    })
    await assertMigrated(openAs(owner, { name, password: 'x' }))
  })

  test('the same name again gets the new password', async () => {
    const name = uniqueName('prover')
    await createProverLogin(admin, { name, password: 'old' })
    await createProverLogin(admin, { name, password: 'new' })
    await assertMigrated(openAs(url, { name, password: 'new' }))
    await expect(assertMigrated(openAs(url, { name, password: 'old' }))).rejects.toMatchObject({
      name: 'DatabaseAccessError',
    })
  })

  test.each([
    { name: 'postgres', why: "exists and isn't a prover's" },
    { name: "x'; drop role postgres; --", why: 'is not a plain name' },
    { name: 'zkpow_prover', why: "exists and isn't a prover's" },
  ])('$name is refused: $why', async ({ name, why }) => {
    await expect(createProverLogin(admin, { name, password: 'x' })).rejects.toThrow(why)
  })
})

/** Makes an empty database whose owner is no superuser: it gives the owner's address, and a name for a prover. */
async function ownedDatabase(): Promise<{ owner: string; name: string }> {
  const address = new URL(await createTestDatabase())
  const name = uniqueName('owner')
  await admin.execute(sql.raw(`create role ${name} login createrole password 'owner'`))
  await admin.execute(sql.raw(`grant zkpow_prover to ${name} with admin option, inherit false`))
  await admin.execute(sql.raw(`alter database ${address.pathname.slice(1)} owner to ${name}`))
  return { owner: Object.assign(address, { username: name, password: 'owner' }).href, name: uniqueName('prover') }
}
