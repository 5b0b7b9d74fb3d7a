import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { listTaskQuarantines, quarantineTask } from '../../../db/decisions/refusals.ts'
import { findProof } from '../../../db/proofs/proofs.ts'
import { listOpenUploads } from '../../../db/proofs/uploads.ts'
import type { ProofUpload } from '../../../protocol/proof/task.ts'
import { bytesOf, hash, openTestDatabase } from '../../db/fixtures.ts'
import { ALL, only, prepareSequence, putInto } from './proof-scene.ts'

// Somebody who means harm has a prover's login and its reports. Nothing but bytes that verify is believed.

const { db } = await openTestDatabase()

describe('a valid final proof', () => {
  test.each([
    { durationMs: -1, why: 'negative' },
    { durationMs: 2 ** 60, why: 'more than a reader takes' },
    { peakMemoryBytes: 1.5, why: 'no whole number' },
    { peakMemoryBytes: null, why: 'nothing at all' },
    { prover: 7, why: 'a name that is no text' },
  ])('reported with figures of a liar ($why) is in both stores', async ({ why: _, ...lie }) => {
    const { accept, archive, open, valid } = await prepareSequence(db)
    const task = await open('final', ALL)
    const upload = await putInto(db, task, await valid('final', 3), 'liar')
    expect(await accept(task, { ...upload, ...lie } as unknown as ProofUpload)).toMatchObject({ status: 'verified' })
    expect(await archive.has(upload.sha256)).toBe(true)
  })

  test.each(['-1', '9007199254740992', '9223372036854775807'])(
    'found in the table with a duration of %s is in both stores',
    async (figure) => {
      const { db: own } = await openTestDatabase()
      // The constraint would be the first to refuse it.
      await own.execute(sql`alter table zkpow.proof_uploads drop constraint proof_uploads_words`)
      const { ask, archive, open, valid } = await prepareSequence(own)
      const task = await open('final', ALL)
      const { sha256, size } = await putInto(own, task, await valid('final', 3), 'liar')
      await own.execute(sql`update zkpow.proof_uploads set duration_ms = ${figure}, peak_memory_bytes = ${figure}`)
      expect(await ask('final', ALL)).toEqual({ status: 'proved', proof: { sha256, size } })
      expect(await archive.has(sha256)).toBe(true)
      expect(await ask('final', ALL)).toEqual({ status: 'proved', proof: { sha256, size } })
    },
  )
})

describe('a report that names no proof', () => {
  test.each([
    { what: 'null', report: null },
    { what: 'nothing', report: undefined },
    { what: 'a text', report: 'sha256' },
    { what: 'a number', report: 7 },
    { what: 'a list', report: [{ sha256: hash(1) }] },
    { what: 'marks of the workflow', report: { late: { sha256: hash(1), size: 1 }, status: 'verified' } },
    { what: 'a hash that is no text', report: { sha256: { toString: 1 }, prover: 'liar' }, by: 'liar' },
    { what: 'a hash that never ends', report: { sha256: 'f'.repeat(1_000_000), prover: 'liar' }, by: 'liar' },
    { what: 'a hash that Postgres would not take', report: { sha256: '0x\u0000', prover: 'liar' }, by: 'liar' },
  ])('is refused in few words: $what', async ({ report, by = '(unnamed)' }) => {
    const { accept, open } = await prepareSequence(db)
    const task = await open('batch', only(1))
    const verdict = await accept(task, report as unknown as ProofUpload)
    const said = new RegExp(`^the batch proof .{1,66} of prover ${by.replaceAll(/[()]/g, '.')} isn't in the store$`)
    expect(verdict).toEqual({ status: 'refused', reason: expect.stringMatching(said) })
    // A prover that is alone gets it again, and runs out of attempts.
    expect((await open('batch', only(1))).excludedProvers).toEqual([])
  })
})

describe('garbage under the name of another prover', () => {
  const bytes = bytesOf('nonsense')

  test('put into the table leaves that prover its tasks, and says whose login it was', async () => {
    const { ask, open } = await prepareSequence(db)
    const task = await open('batch', only(1))
    const { sha256 } = await putInto(db, task, bytes, 'honest-1')
    expect(await ask('batch', only(1))).toMatchObject({ status: 'open', task: { excludedProvers: [] } })
    expect(await listOpenUploads(db, task.id)).toEqual([])
    const [me] = await db.execute(sql`select session_user as login`)
    expect(
      await db.execute(sql`select prover, sha256, reason from zkpow.proof_refusals where task_id = ${task.id}`),
    ).toEqual([
      {
        prover: 'honest-1',
        sha256,
        reason: `the batch proof ${sha256} of prover honest-1, found in the store, put there by login ${me?.login}, does not verify`,
      },
    ])
  })

  test('put into the table does not protect its prover, which reports it then', async () => {
    const { accept, ask, open } = await prepareSequence(db)
    const task = await open('batch', only(1))
    const upload = await putInto(db, task, bytes, 'bad')
    await ask('batch', only(1)) // the proof is refused between upload and report
    expect(await accept(task, upload)).toMatchObject({ status: 'refused' })
    expect((await open('batch', only(1))).excludedProvers).toEqual(['bad'])
  })
})

describe('a name that would write on an operator’s terminal', () => {
  const EVIL = `p\u001b]0;owned\u0007\u001b[2J\n\u202e${'x'.repeat(300)}`
  const plain = /^p \]0;owned \[2J x{100,}…$/

  test('of a proof that verifies is plain and short in tables and archive', async () => {
    const { ask, accept, archive, deps, open, valid } = await prepareSequence(db)
    const [found, reported] = [await open('final', ALL), await open('batch', only(1))]
    await putInto(db, found, await valid('final', 3), 'p1')
    await db.execute(sql`update zkpow.proof_uploads set prover = ${EVIL.slice(0, 200)} where task_id = ${found.id}`)
    await ask('final', ALL)
    await accept(reported, { ...(await putInto(db, reported, await valid('batch', 1), 'p1')), prover: EVIL })
    expect((await findProof(db, reported.id))?.prover).toMatch(plain)
    expect((await findProof(db, found.id))?.prover).toMatch(/^p \]0;owned \[2J x+$/)
    expect((await archive.list()).proofs.map(({ prover }) => prover)).toEqual([
      (await findProof(deps.db, found.id))?.prover,
    ])
  })

  test('of a proof that was refused is plain and short in what is recorded and said of it', async () => {
    const { accept, open } = await prepareSequence(db)
    const task = await open('batch', only(1))
    const verdict = await accept(task, { ...(await putInto(db, task, bytesOf('nonsense'), 'p1')), prover: EVIL })
    expect(verdict).toMatchObject({ reason: expect.stringMatching(/ of prover p \]0;owned \[2J x+… does not verify$/) })
    expect((await open('batch', only(1))).excludedProvers).toEqual([expect.stringMatching(plain)])
  })
})

describe('words that are cut in the middle of a character', () => {
  const long = (length: number) => `${'x'.repeat(length - 2)}😀${'y'.repeat(100)}`

  test('as evidence of a quarantine can be stored', async () => {
    const { ask, open } = await prepareSequence(db)
    const task = await open('batch', only(1))
    const failures = [{ prover: long(200), why: long(500), times: 5, at: '2026-01-01T00:00:00.000Z' }]
    await quarantineTask(db, { task, reason: long(500), failures })
    expect(await ask('batch', only(1))).toEqual({ status: 'quarantined', reason: `${'x'.repeat(498)}…` })
    const quarantined = (await listTaskQuarantines(db)).find(({ taskId }) => taskId === task.id)
    expect(quarantined?.failures).toMatchObject([{ prover: `${'x'.repeat(198)}…`, why: `${'x'.repeat(498)}…` }])
  })
})
