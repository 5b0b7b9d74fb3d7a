import { and, asc, eq, notExists, sql } from 'drizzle-orm'
import type { ProofUpload } from '../protocol/proof-task.ts'
import { type ProverWords, proverWords } from '../protocol/prover-words.ts'
import type { Hex } from '../protocol/sequence.ts'
import { putBlob } from './blobs.ts'
import type { Db } from './connect.ts'
import { blobs } from './schema/blobs.ts'
import { proofRefusals } from './schema/proof-refusals.ts'
import { proofUploads } from './schema/proof-uploads.ts'
import { query } from './translate-errors.ts'

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

/** More than honest provers ever upload for a task; a dishonest one must not fill the aggregator's memory. */
const MAX_OPEN_UPLOADS = 20

/** Stores a proof's bytes and the claim that they prove the task, both or neither. Again is harmless. Needs a prover's rights only. */
export const uploadProof = query(
  'uploading a proof',
  (db: Db, { taskId, proof, ...said }: NewUpload): Promise<ProofUpload> =>
    db.transaction(async (tx) => {
      const ref = await putBlob(tx, proof)
      const claim = proverWords(said)
      // By hand, and without a conflict target: provers may fill these columns only, and read none.
      await tx.execute(sql`
        insert into ${proofUploads} (task_id, sha256, prover, duration_ms, peak_memory_bytes)
        values (${taskId}, ${ref.sha256}, ${claim.prover}, ${claim.durationMs}, ${claim.peakMemoryBytes}) on conflict do nothing`)
      return { ...ref, ...claim }
    }),
)

/** Uploads of a task that nobody has refused yet, oldest first. */
export const listOpenUploads = query('listing uploads', async (db: Db, taskId: Hex): Promise<OpenUpload[]> => {
  const { sha256, prover, durationMs, peakMemoryBytes, login } = proofUploads
  const refused = db
    .select({ one: sql`1` })
    .from(proofRefusals)
    .where(and(eq(proofRefusals.taskId, proofUploads.taskId), eq(proofRefusals.sha256, sha256)))
  const rows = await db
    .select({ sha256, size: blobs.size, prover, durationMs, peakMemoryBytes, login })
    .from(proofUploads)
    .innerJoin(blobs, eq(blobs.sha256, sha256))
    .where(and(eq(proofUploads.taskId, taskId), notExists(refused)))
    .orderBy(asc(proofUploads.uploadedAt))
    .limit(MAX_OPEN_UPLOADS)
  return rows.map((row) => ({ ...row, ...proverWords(row) })) // a login can write what our provers don't
})
