import { and, asc, count, desc, eq, inArray, isNotNull, notExists, type SQL, sql } from 'drizzle-orm'
import type { Hex } from '../../protocol/base/ranges.ts'
import { type ProverWords, proverWords } from '../../protocol/proof/prover-words.ts'
import type { ProofUpload } from '../../protocol/proof/task.ts'
import type { Db } from '../connection/connect.ts'
import { query } from '../connection/translate-errors.ts'
import { BytesCorruptError } from '../errors.ts'
import { proofRefusals, proofUploads } from '../schema/proof-uploads.ts'
import { proofs } from '../schema/proofs.ts'
import { blobRef, hashOf } from './blobs.ts'

/** A proof as a prover hands it in. */
interface NewUpload extends ProverWords {
  taskId: Hex
  proof: Uint8Array
}

/** An upload as the table has it. */
interface OpenUpload extends ProofUpload {
  /** Who put it there, for Postgres: unlike the prover's name, it can't be invented. */
  login: string
}

/** The largest proof that a prover may upload, as the migrations say it to Postgres. */
export const UPLOAD_BYTES_LIMIT = 4 * 2 ** 20

/** What a login may have open, and what an upload counts for at least, as the migrations say it to Postgres. */
export const OPEN_BYTES_LIMIT = 2 ** 30
const LEAST_BYTES = 65_536

/** More than honest provers ever upload for a task; a dishonest one must not fill the aggregator's memory. */
const MAX_OPEN_UPLOADS = 20

/**
 * Stores a proof with the claim that it proves the task. Doing so again is harmless. It needs a prover's rights only.
 */
export const uploadProof = query(
  'uploading a proof',
  async (db: Db, { taskId, proof, ...said }: NewUpload): Promise<ProofUpload> => {
    const { sha256, size } = blobRef(proof)
    const claim = proverWords(said)
    // The statement is written by hand, and without a conflict target: provers may fill these columns only, and read
    // none.
    await db.execute(sql`
    insert into ${proofUploads} (task_id, sha256, size, bytes, prover, duration_ms, peak_memory_bytes)
    values (${taskId}, ${sha256}, ${size}, ${proof}, ${claim.prover}, ${claim.durationMs}, ${claim.peakMemoryBytes}) on conflict do nothing`)
    return { sha256, size, ...claim }
  },
)

/**
 * Reads an uploaded proof and checks it; undefined when nobody uploaded it for this task, or when the task was proved
 * since.
 * @throws BytesCorruptError when it has changed.
 */
export const readUpload = query(
  'reading an upload',
  async (db: Db, { taskId, sha256 }: { taskId: Hex; sha256: Hex }): Promise<Uint8Array | undefined> => {
    const isMeant = and(eq(proofUploads.taskId, taskId), eq(proofUploads.sha256, sha256), isNotNull(proofUploads.bytes))
    const [row] = await db.select({ bytes: proofUploads.bytes }).from(proofUploads).where(isMeant).limit(1)
    if (!row?.bytes) return undefined
    const actual = hashOf(row.bytes)
    if (actual !== sha256) throw new BytesCorruptError({ sha256, actual, where: 'Postgres' })
    return row.bytes
  },
)

/** Gives back the space of all uploads whose tasks are proved. The rows stay, as history. */
export const releaseUploads = query('releasing uploads', async (db: Db): Promise<void> => {
  const proved = db.select({ taskId: proofs.taskId }).from(proofs)
  await db
    .update(proofUploads)
    .set({ bytes: null })
    .where(and(isNotNull(proofUploads.bytes), inArray(proofUploads.taskId, proved)))
})

/** Uploads of a login whose tasks aren't proved. */
interface OpenBytes {
  login: string
  /** What they count for against `OPEN_BYTES_LIMIT`. */
  bytes: number
  uploads: number
}

/** Lists what each login's open uploads take, those that take most first. */
export const listOpenBytes = query('counting uploads', (db: Db): Promise<OpenBytes[]> => {
  const total = sql<number>`sum(greatest(${proofUploads.size}, ${LEAST_BYTES}))`.mapWith(Number)
  return db
    .select({ login: proofUploads.login, bytes: total, uploads: count() })
    .from(proofUploads)
    .where(isNotNull(proofUploads.bytes))
    .groupBy(proofUploads.login)
    .orderBy(desc(total))
})

/** Lists tasks that have uploads and no verified proof. */
export const listUploadedTasks = query('listing uploaded tasks', async (db: Db): Promise<Hex[]> => {
  const rows = await db
    .selectDistinct({ taskId: proofUploads.taskId })
    .from(proofUploads)
    .where(isNotNull(proofUploads.bytes))
  return rows.map(({ taskId }) => taskId)
})

/** Selects an upload of the task that nobody has refused and whose bytes are there. */
export function isOpenUpload(db: Db, taskId: Hex): SQL | undefined {
  const refused = db
    .select({ one: sql`1` })
    .from(proofRefusals)
    .where(and(eq(proofRefusals.taskId, proofUploads.taskId), eq(proofRefusals.sha256, proofUploads.sha256)))
  return and(eq(proofUploads.taskId, taskId), isNotNull(proofUploads.bytes), notExists(refused))
}

/** Lists uploads of a task that nobody has refused yet, oldest first. */
export const listOpenUploads = query('listing uploads', async (db: Db, taskId: Hex): Promise<OpenUpload[]> => {
  const { sha256, size, prover, durationMs, peakMemoryBytes, login } = proofUploads
  const rows = await db
    .select({ sha256, size, prover, durationMs, peakMemoryBytes, login })
    .from(proofUploads)
    .where(isOpenUpload(db, taskId))
    .orderBy(asc(proofUploads.uploadedAt))
    .limit(MAX_OPEN_UPLOADS)
  return rows.map((row) => ({ ...row, ...proverWords(row) })) // a login can write what our provers don't
})
