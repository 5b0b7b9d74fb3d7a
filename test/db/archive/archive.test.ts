import { execFile } from 'node:child_process'
import { readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { sql } from 'drizzle-orm'
import { describe, expect, test, vi } from 'vitest'
import { createFolderArchive } from '../../../db/archive/archive.ts'
import { putBlob, readBlob } from '../../../db/proofs/blobs.ts'
import type { ArchivedProof } from '../../../db/proofs/proof-record.ts'
import { findProof, recordProof } from '../../../db/proofs/proofs.ts'
import { hangFile } from '../../support/hanging-file.ts'
import { SOON } from '../../support/patience.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { bytesOf, finalProof, hash, openTestDatabase } from '../fixtures.ts'

const PROOF = bytesOf('a final proof')
const STATEMENT = {
  ...{ oldStateRoot: hash(100), newStateRoot: hash(101), oldAccInputHash: hash(102), newAccInputHash: hash(103) },
  ...{ oldBatchNum: 0, newBatchNum: 3, chainId: '2500', forkId: '1' },
}
const RECORD: ArchivedProof = { ...finalProof(PROOF), proofHash: hash(77), statement: STATEMENT }
const { sha256 } = RECORD

async function filledArchive() {
  const folder = join(await scratchFolder(), 'not', 'there', 'yet')
  const archive = createFolderArchive(folder)
  await archive.put(RECORD, PROOF)
  return { folder, archive }
}

test('a proof is there for whoever opens the folder next', async () => {
  const { folder, archive } = await filledArchive()
  await archive.put(RECORD, PROOF)
  const next = createFolderArchive(folder)
  expect(await next.get(sha256)).toEqual(PROOF)
  expect(await next.has(sha256)).toBe(true)
  expect(await next.list()).toEqual({ proofs: [RECORD], unreadable: [] })
})

test('an empty or absent folder has nothing', async () => {
  const archive = createFolderArchive(join(await scratchFolder(), 'absent'))
  expect(await archive.get(sha256)).toBeUndefined()
  expect(await archive.has(sha256)).toBe(false)
  expect(await archive.list()).toEqual({ proofs: [], unreadable: [] })
})

test('a truncated proof is refused, not served, and put again mends it', async () => {
  const { folder, archive } = await filledArchive()
  await truncate(join(folder, `${sha256}.proof`), PROOF.length - 1)
  await expect(archive.get(sha256)).rejects.toMatchObject({ name: 'BytesCorruptError' })
  expect(await archive.has(sha256)).toBe(false)
  await archive.put(RECORD, PROOF)
  expect(await archive.get(sha256)).toEqual(PROOF)
})

test('a truncated record is named, not believed, and put again mends it', async () => {
  const { folder, archive } = await filledArchive()
  await truncate(join(folder, `${sha256}.json`), 40)
  expect(await archive.has(sha256)).toBe(false)
  expect(await archive.list()).toEqual({ proofs: [], unreadable: [`${sha256}.json`] })
  await archive.put(RECORD, PROOF)
  expect(await archive.list()).toEqual({ proofs: [RECORD], unreadable: [] })
})

test('what a crash in mid-write leaves is nothing', async () => {
  const { folder, archive } = await filledArchive()
  await writeFile(join(folder, `.${hash(5)}.proof.1.part`), 'half')
  await writeFile(join(folder, `${hash(6)}.proof`), 'without a record')
  expect(await archive.has(hash(5))).toBe(false)
  expect(await archive.has(hash(6))).toBe(false)
  expect(await archive.list()).toEqual({ proofs: [RECORD], unreadable: [] })
})

test('what another process adds or takes away is seen, what stands is not read again', async () => {
  const { folder, archive } = await filledArchive()
  const other = { ...RECORD, ...finalProof(bytesOf('other')) }
  expect((await archive.list()).proofs).toEqual([RECORD])
  await createFolderArchive(folder).put(other, bytesOf('other'))
  await truncate(join(folder, `${sha256}.json`), 40) // whoever reads it would notice
  expect((await archive.list()).proofs).toHaveLength(2)
  expect(await archive.has(sha256)).toBe(false)
  await rm(join(folder, `${sha256}.json`))
  expect((await archive.list()).proofs).toEqual([other])
})

test('a disk that refuses in the middle of a proof: it is named, and nothing is left on it, however often it is tried', async () => {
  const { folder } = await filledArchive()
  const before = await readdir(folder)
  const record = { ...RECORD, ...finalProof(new Uint8Array(1_000_000)) }
  // The process may write files of 64 kB only, which is what can be had of a full disk without being root.
  const script = `
    import { createFolderArchive } from ${JSON.stringify(new URL('../../../db/archive/archive.ts', import.meta.url).href)}
    const [folder, record] = process.argv.slice(1)
    const put = () => createFolderArchive(folder).put(JSON.parse(record), new Uint8Array(1_000_000))
    for (const _ of [1, 2]) await put().catch((error) => console.log(error.name, error.message))`
  const limited = 'ulimit -f 64 && exec "$0" --input-type=module -e "$1" "$2" "$3"'
  const { stdout } = await promisify(execFile)('bash', [
    '-c',
    limited,
    process.execPath,
    script,
    folder,
    JSON.stringify(record),
  ])
  expect(stdout.trim().split('\n')).toEqual(
    Array(2).fill(`ArchiveUnavailableError The proof archive ${folder} can't be used (EFBIG).`),
  )
  expect(await readdir(folder)).toEqual(before)
})

test('other bytes than the record says are refused', async () => {
  const { archive } = await filledArchive()
  await expect(archive.put({ ...RECORD, sha256: hash(1) }, PROOF)).rejects.toMatchObject({ name: 'BytesCorruptError' })
})

test.each([
  { change: { durationMs: -1 }, fields: 'durationMs' },
  { change: { peakMemoryBytes: 2 ** 53, taskId: '0xAB' as const }, fields: 'taskId, peakMemoryBytes' },
  { change: { miner: 'nobody' as never }, fields: 'miner' },
])(
  'a record that could not be read again is refused, and its fields are named: $fields',
  async ({ change, fields }) => {
    const folder = await scratchFolder()
    const refused = { name: 'ProofRecordError', message: expect.stringContaining(`can't be kept: ${fields}.`) }
    await expect(createFolderArchive(folder).put({ ...RECORD, ...change }, PROOF)).rejects.toMatchObject(refused)
    expect(await readdir(folder)).toEqual([])
  },
)

test('a folder that can not be used says what to do', async () => {
  const file = join(await scratchFolder(), 'file')
  await writeFile(file, '')
  const archive = createFolderArchive(join(file, 'archive'))
  const unavailable = { name: 'ArchiveUnavailableError', remedy: expect.stringContaining('writable') }
  await expect(archive.put(RECORD, PROOF)).rejects.toMatchObject(unavailable)
  await expect(archive.list()).rejects.toMatchObject(unavailable)
})

describe('a file system that hangs', () => {
  const LIMIT_MS = 500
  const SILENT = {
    name: 'ArchiveUnavailableError',
    message: expect.stringContaining('does not answer (ETIMEDOUT)'),
    remedy: expect.stringContaining('mount'),
  }

  async function hangingArchive() {
    const { folder } = await filledArchive()
    return {
      folder,
      archive: createFolderArchive(folder, { timeoutMs: LIMIT_MS }),
      release: hangFile(join(folder, `${sha256}.proof`)),
    }
  }

  /** Measures the milliseconds until it is given up. */
  async function timed(act: Promise<unknown>): Promise<number> {
    const begin = performance.now()
    await expect(act).rejects.toMatchObject(SILENT)
    return performance.now() - begin
  }

  test('is given up after the limit, and then at once whatever is asked, until it answers', async () => {
    const { archive, release } = await hangingArchive()
    expect(await timed(archive.get(sha256))).toBeGreaterThan(LIMIT_MS * 0.9)
    const acts = [archive.get(sha256), archive.has(sha256), archive.list(), archive.put(RECORD, PROOF)]
    expect(Math.max(...(await Promise.all(acts.map(timed))))).toBeLessThan(LIMIT_MS / 2)
    release()
    await vi.waitFor(async () => expect(await archive.get(sha256)).toEqual(PROOF), SOON)
    expect(await archive.has(sha256)).toBe(true)
  })

  test('takes one thread of the process, however much was under way: files elsewhere are read', async () => {
    const { folder, archive } = await hangingArchive()
    const acts = Array.from({ length: 8 }, () => timed(archive.has(sha256)))
    expect(await readdir(folder)).toContain(`${sha256}.json`)
    expect(Math.max(...(await Promise.all(acts)))).toBeLessThan(2 * LIMIT_MS)
    expect(await readdir(folder)).toContain(`${sha256}.json`)
  })
})

test('puts at the same time leave one whole proof', async () => {
  const { folder, archive } = await filledArchive()
  const record = { ...RECORD, ...finalProof(bytesOf('other')) }
  await Promise.all([1, 2, 3, 4].map(() => createFolderArchive(folder).put(record, bytesOf('other'))))
  expect(await archive.get(record.sha256)).toEqual(bytesOf('other'))
})

test('an emptied database is refilled from it', async () => {
  const { archive } = await filledArchive()
  const { db } = await openTestDatabase()
  await putBlob(db, PROOF)
  const before = await recordProof(db, RECORD)
  await db.execute(sql`truncate zkpow.blobs cascade`)
  for (const record of (await archive.list()).proofs) {
    await putBlob(db, (await archive.get(record.sha256)) ?? new Uint8Array())
    await recordProof(db, record)
  }
  expect(await findProof(db, RECORD.taskId)).toEqual({ ...before, verifiedAt: expect.any(String) })
  expect(await readBlob(db, sha256)).toEqual(PROOF)
})
