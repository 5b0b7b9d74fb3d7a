import { createHash } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import type { Hex } from '../../protocol/base/ranges.ts'
import type { BlobRef } from '../../protocol/proof/task.ts'
import type { Db } from '../connection/connect.ts'
import { query } from '../connection/translate-errors.ts'
import { BlobMissingError, BytesCorruptError, DatabaseDamagedError } from '../errors.ts'
import { blobs } from '../schema/blobs.ts'

/** Gives the reference under which the store keeps these bytes. */
export const blobRef = (bytes: Uint8Array): BlobRef => ({ sha256: hashOf(bytes), size: bytes.length })

/** Stores bytes under their hash; the same bytes again are no new row. */
export const putBlob = query('storing bytes', async (db: Db, bytes: Uint8Array): Promise<BlobRef> => {
  const ref = blobRef(bytes)
  // The statement is written by hand, and without a conflict target: Drizzle names all columns, but provers may fill
  // these only.
  await db.execute(
    sql`insert into ${blobs} (sha256, size, bytes) values (${ref.sha256}, ${ref.size}, ${bytes}) on conflict do nothing`,
  )
  return ref
})

/**
 * Reads bytes by their hash, and checks them.
 * @throws BlobMissingError when the store doesn't have them.
 * @throws BytesCorruptError when it has others under this hash.
 * @throws DatabaseDamagedError when Postgres can't read them.
 */
export const readBlob = query('reading bytes', async (db: Db, sha256: Hex): Promise<Uint8Array> => {
  const [row] = await db.select({ bytes: blobs.bytes }).from(blobs).where(eq(blobs.sha256, sha256))
  if (row === undefined) throw new BlobMissingError(sha256)
  const actual = hashOf(row.bytes)
  if (actual !== sha256) throw new BytesCorruptError({ sha256, actual, where: 'Postgres' })
  return row.bytes
})

/** Finds bytes by their hash; undefined when the store has no whole copy of them. */
export async function findWholeBlob(db: Db, sha256: Hex): Promise<Uint8Array | undefined> {
  try {
    return await readBlob(db, sha256)
  } catch (error) {
    const isAbsent =
      error instanceof BlobMissingError || error instanceof BytesCorruptError || error instanceof DatabaseDamagedError
    if (!isAbsent) throw error
    return undefined
  }
}

/** Stores bytes in the place of a damaged copy. */
export const mendBlob = query('mending bytes', async (db: Db, bytes: Uint8Array): Promise<void> => {
  const target = { target: blobs.sha256, set: { bytes } }
  await db
    .insert(blobs)
    .values({ ...blobRef(bytes), bytes })
    .onConflictDoUpdate(target)
})

/** Tells whether the store has the bytes, without reading them. */
export const hasBlob = query('looking for bytes', async (db: Db, sha256: Hex): Promise<boolean> => {
  const rows = await db.select({ one: sql`1` }).from(blobs).where(eq(blobs.sha256, sha256))
  return rows.length > 0
})

/** Gives the sha256, by which both stores address bytes. It is Node's own, because a proof is hashed at every look. */
export const hashOf = (bytes: Uint8Array): Hex => `0x${createHash('sha256').update(bytes).digest('hex')}`
