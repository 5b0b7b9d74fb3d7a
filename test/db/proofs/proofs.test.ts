import { sql } from 'drizzle-orm'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Db, inTransaction } from '../../../db/connection/connect.ts'
import {
  liftTaskQuarantine,
  listTaskQuarantines,
  quarantineTask,
  recordRefusal,
} from '../../../db/decisions/refusals.ts'
import { findTaskState } from '../../../db/decisions/task-state.ts'
import { hasBlob, putBlob, readBlob } from '../../../db/proofs/blobs.ts'
import { findFinalProofs, findProof, listFinalProofs, recordProof } from '../../../db/proofs/proofs.ts'
import { listOpenUploads, uploadProof } from '../../../db/proofs/uploads.ts'
import type { Hex } from '../../../protocol/base/ranges.ts'
import type { ProofTask } from '../../../protocol/proof/task.ts'
import { bytesOf, finalProof, hash, MINER, openAs, openTestDatabase } from '../fixtures.ts'

let db: Db
let url: string
beforeAll(async () => {
  ;({ db, url } = await openTestDatabase())
})
beforeEach(async () => {
  await db.execute(sql`truncate zkpow.blobs, zkpow.proof_uploads, zkpow.proof_refusals, zkpow.task_quarantines cascade`)
})

describe('bytes', () => {
  test('come back as they were, from none to many', async () => {
    for (const bytes of [new Uint8Array(), new Uint8Array([0, 255, 92, 0]), new Uint8Array(20_000).fill(7)]) {
      const ref = await putBlob(db, bytes)
      expect(await putBlob(db, bytes)).toEqual(ref)
      expect(await readBlob(db, ref.sha256)).toEqual(bytes)
      expect(await hasBlob(db, ref.sha256)).toBe(true)
    }
  })

  test('that are missing fail by the name that workflows match', async () => {
    expect(await hasBlob(db, hash(1))).toBe(false)
    await expect(readBlob(db, hash(1))).rejects.toMatchObject({
      name: 'BlobMissingError',
      code: 'ZKPOW-DB-BLOB-MISSING',
    })
  })

  test('that a bad disk changed are refused, not served', async () => {
    const { sha256 } = await putBlob(db, bytesOf('whole'))
    await inTransaction(db, async (tx) => {
      await tx.execute(sql`alter table zkpow.blobs drop constraint blobs_address_is_hash`)
      await tx.execute(sql`update zkpow.blobs set bytes = ${bytesOf('whola')}`)
    })
    await expect(readBlob(db, sha256)).rejects.toMatchObject({ name: 'BytesCorruptError' })
    await db.execute(sql`truncate zkpow.blobs cascade`)
    await db.execute(
      sql`alter table zkpow.blobs add constraint blobs_address_is_hash check (sha256 = '0x' || encode(sha256(bytes), 'hex'))`,
    )
  })
})

/** Tells who doesn't get a task. */
const excludedFrom = async (taskId: Hex) => (await findTaskState(db, { taskId })).excludedProvers

test('what is known of a task, in one statement', async () => {
  const taskId = hash(1)
  const nothing = { isProved: false, hasUploads: false, quarantine: null, excludedProvers: [], missing: [] }
  const stored = await putBlob(db, bytesOf('a child'))
  const needs = [hash(7), stored.sha256, hash(8)]
  expect(await findTaskState(db, { taskId, needs })).toEqual({ ...nothing, missing: [hash(7), hash(8)] })
  const said = { prover: 'p2', durationMs: 1, peakMemoryBytes: 1 }
  const upload = await uploadProof(db, { taskId, proof: bytesOf('a proof'), ...said })
  expect(await findTaskState(db, { taskId })).toEqual({ ...nothing, hasUploads: true })
  const refused = { taskId, sha256: upload.sha256, reason: 'it does not verify', isReported: true }
  for (const prover of ['p2', 'p1']) await recordRefusal(db, { ...refused, prover })
  expect(await findTaskState(db, { taskId })).toEqual({ ...nothing, excludedProvers: ['p1', 'p2'] })
  await recordProof(db, finalProof(bytesOf('a proof'), { taskId }), bytesOf('a proof'))
  expect(await findTaskState(db, { taskId, needs: [upload.sha256] })).toMatchObject({ isProved: true, missing: [] })
  expect(await findTaskState(db, { taskId: hash(2) })).toEqual(nothing)
})

describe('a verified proof', () => {
  test('the first of an identity stands, whoever comes at the same moment', async () => {
    const candidates = ['a', 'b', 'c', 'd'].map(bytesOf)
    const answers = await Promise.all(
      candidates.map((bytes, n) => recordProof(n % 2 ? db : openAs(url), finalProof(bytes), bytes)),
    )
    const standing = await findProof(db, hash(1))
    expect(answers).toEqual(answers.map(() => standing))
    expect(standing).toMatchObject({
      from: 1,
      to: 3,
      stage: 'final',
      miner: MINER,
      verifiedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    })
  })

  test('whose bytes are not stored is refused', async () => {
    await expect(recordProof(db, finalProof(bytesOf('nowhere')))).rejects.toMatchObject({
      name: 'DatabaseRefusedError',
    })
    expect(await findProof(db, hash(1))).toBeUndefined()
  })

  test('is refused when the archive could not read its record', async () => {
    await putBlob(db, bytesOf('final'))
    const refused = recordProof(db, finalProof(bytesOf('final'), { verificationKeyHash: '0xAB' }))
    await expect(refused).rejects.toMatchObject({
      name: 'ProofRecordError',
      message: expect.stringContaining('verificationKeyHash'),
    })
    expect(await findProof(db, hash(1))).toBeUndefined()
  })

  test('final ones are found by miner, also where the proof names none', async () => {
    const bytes = bytesOf('final')
    await putBlob(db, bytes)
    const checksummed = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
    await recordProof(db, finalProof(bytes, { taskId: hash(1), miner: checksummed }))
    await recordProof(db, finalProof(bytes, { taskId: hash(2), from: 4, to: 4, miner: null }))
    await recordProof(
      db,
      finalProof(bytes, { taskId: hash(3), from: 5, to: 6, miner: '0x1111111111111111111111111111111111111111' }),
    )
    const find = async (fromBatch: number) =>
      (await listFinalProofs(db, { rollup: 'payments', miner: checksummed, fromBatch })).map((p) => p.taskId)
    expect(await find(1)).toEqual([hash(1), hash(2)])
    expect(await find(4)).toEqual([hash(2)])
    const findOf = async (to: number) =>
      (await findFinalProofs(db, { rollup: 'payments', miner: checksummed, to })).map((p) => p.taskId)
    expect(await Promise.all([1, 3, 4, 6].map(findOf))).toEqual([[], [hash(1)], [hash(2)], []])
  })
})

describe('uploads', () => {
  const upload = (text: string, prover: string) => ({
    taskId: hash(1),
    proof: bytesOf(text),
    prover,
    durationMs: 1.6,
    peakMemoryBytes: 9,
  })

  test('wait in their order until they are refused, and then exclude their prover', async () => {
    const first = await uploadProof(db, upload('bad', 'p1'))
    const second = await uploadProof(db, upload('good', 'p2'))
    expect(await listOpenUploads(db, hash(1))).toMatchObject([first, second])
    for (let again = 0; again < 2; again++)
      await recordRefusal(db, {
        taskId: hash(1),
        prover: 'p1',
        sha256: first.sha256,
        reason: 'does not verify',
        isReported: true,
      })
    expect(await listOpenUploads(db, hash(1))).toMatchObject([second])
    expect(await excludedFrom(hash(1))).toEqual(['p1'])
    expect(await excludedFrom(hash(2))).toEqual([])
  })

  test('that were found do not exclude whom they name, until that prover reports them; nor again after it was forgiven', async () => {
    const refused = (isReported: boolean) =>
      recordRefusal(db, { taskId: hash(1), prover: 'p1', sha256: hash(5), reason: 'does not verify', isReported })
    const excluded: string[][] = []
    for (const isReported of [false, true, false]) {
      await refused(isReported)
      excluded.push(await excludedFrom(hash(1)))
    }
    await liftTaskQuarantine(db, { taskId: hash(1), who: 'ann' })
    await refused(false)
    expect([...excluded, await excludedFrom(hash(1))]).toEqual([[], ['p1'], ['p1'], []])
  })

  test('name their prover plainly, whoever wrote the row', async () => {
    const evil = `p\u001b[2J${'x'.repeat(300)}`
    await recordRefusal(db, {
      taskId: hash(1),
      prover: evil,
      sha256: hash(5),
      reason: `${evil} lies`,
      isReported: true,
    })
    const { sha256 } = await uploadProof(db, upload('bad', 'p1'))
    await db.execute(sql`update zkpow.proof_uploads set prover = ${evil.slice(0, 200)}`)
    await putBlob(db, bytesOf('bad'))
    await recordProof(db, { ...finalProof(bytesOf('bad')), prover: evil })
    const [open] = await listOpenUploads(db, hash(1))
    const names = [(await excludedFrom(hash(1)))[0], open?.prover, (await findProof(db, hash(1)))?.prover]
    expect(names).toEqual([1, 2, 3].map(() => expect.stringMatching(/^p \[2Jx{190,}…?$/)))
    expect(open?.sha256).toBe(sha256)
  })

  test('leave nothing when the claim is refused', async () => {
    const broken = { ...upload('half', 'p1'), taskId: `${hash(1)}00` as const }
    await expect(uploadProof(db, broken)).rejects.toMatchObject({ name: 'DatabaseRefusedError' })
    expect(await db.execute(sql`select from zkpow.proof_uploads`)).toHaveLength(0)
  })
})

test('a quarantined task keeps its first reason until it is lifted, which forgives its provers', async () => {
  const task = { id: hash(1), rollup: 'payments', stage: 'batch', from: 2, to: 2 } as ProofTask
  await recordRefusal(db, {
    taskId: task.id,
    prover: 'p1',
    sha256: hash(5),
    reason: 'does not verify',
    isReported: true,
  })
  const failures = [{ prover: 'p\u00001', why: 'crashed\u0000', times: 5, at: '2026-01-01T00:00:00.000Z' }]
  await quarantineTask(db, { task, reason: 'crashed\u0000 on \u001b[31mall provers', failures })
  await quarantineTask(db, { task, reason: 'again', failures: [] })
  expect((await findTaskState(db, { taskId: task.id })).quarantine).toBe('crashed  on  [31mall provers')
  expect(await listTaskQuarantines(db, { rollup: 'payments' })).toMatchObject([
    { taskId: task.id, from: 2, to: 2, stage: 'batch', failures: [{ prover: 'p 1', why: 'crashed', times: 5 }] },
  ])
  const lift = () => liftTaskQuarantine(db, { taskId: task.id, who: 'ann' })
  expect(await lift()).toBe(true)
  expect(await lift()).toBe(false)
  expect((await findTaskState(db, { taskId: task.id })).quarantine).toBeNull()
  expect(await listTaskQuarantines(db, { rollup: 'payments' })).toEqual([])
  expect(await excludedFrom(task.id)).toEqual([])
  await recordRefusal(db, {
    taskId: task.id,
    prover: 'p1',
    sha256: hash(5),
    reason: 'the same bytes again',
    isReported: true,
  })
  expect(await excludedFrom(task.id)).toEqual(['p1'])
  await quarantineTask(db, { task, reason: 'crashed once more', failures: [] })
  expect((await findTaskState(db, { taskId: task.id })).quarantine).toBe('crashed once more')
  const rows = await db.execute(
    sql`select reason, lifted_by, lifted_at is not null as is_lifted from zkpow.task_quarantines order by id`,
  )
  expect(rows).toMatchObject([
    { lifted_by: 'ann', is_lifted: true },
    { reason: 'crashed once more', lifted_by: null, is_lifted: false },
  ])
})
