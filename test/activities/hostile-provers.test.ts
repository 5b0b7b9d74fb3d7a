import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { ProofUpload } from '../../protocol/proof-task.ts'
import { openTestDatabase } from '../db/fixtures.ts'
import { ALL, prepareSequence, putInto } from './proof-scene.ts'

// A prover's login and its reports, in the hands of somebody who means harm. Nothing but bytes that verify is believed.

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
      await own.execute(sql`alter table zkpow.proof_uploads drop constraint proof_uploads_words`) // what it would say first
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
