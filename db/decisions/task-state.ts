import { and, eq, exists, inArray, isNull, sql } from 'drizzle-orm'
import type { Hex } from '../../protocol/base/ranges.ts'
import type { Db } from '../connection/connect.ts'
import { only } from '../connection/row-values.ts'
import { query } from '../connection/translate-errors.ts'
import { isOpenUpload } from '../proofs/uploads.ts'
import { blobs } from '../schema/blobs.ts'
import { proofRefusals, proofUploads } from '../schema/proof-uploads.ts'
import { proofs } from '../schema/proofs.ts'
import { taskQuarantines } from '../schema/task-quarantines.ts'
import { isCurrentQuarantine } from './refusals.ts'

/** What Postgres knows of a task before it is given to a prover. */
export interface TaskState {
  isProved: boolean
  /** Whether it has uploads that nobody has refused yet. */
  hasUploads: boolean
  /** Why it waits for an operator. It is null when it doesn't. */
  quarantine: string | null
  /** Provers that reported an invalid proof for it, since its quarantine was last lifted. */
  excludedProvers: string[]
  /** Of the bytes that it needs, those that aren't stored. */
  missing: Hex[]
}

/**
 * Finds all that is known of a task, in one statement: it is asked for each proof.
 * @param needs hashes of bytes.
 */
export const findTaskState = query(
  'looking at a task',
  async (db: Db, { taskId, needs = [] }: { taskId: Hex; needs?: readonly Hex[] }): Promise<TaskState> => {
    const one = { one: sql`1` }
    const stored = db
      .select({ sha256: blobs.sha256 })
      .from(blobs)
      .where(inArray(blobs.sha256, [...needs]))
    const quarantine = db
      .select({ reason: taskQuarantines.reason })
      .from(taskQuarantines)
      .where(isCurrentQuarantine(taskId))
    const excluded = db
      .selectDistinct({ prover: proofRefusals.prover })
      .from(proofRefusals)
      .where(and(eq(proofRefusals.taskId, taskId), proofRefusals.isReported, isNull(proofRefusals.forgivenAt)))
      .orderBy(proofRefusals.prover)
    const state = {
      isProved: exists(db.select(one).from(proofs).where(eq(proofs.taskId, taskId))).as<boolean>('is_proved'),
      hasUploads: exists(db.select(one).from(proofUploads).where(isOpenUpload(db, taskId))).as<boolean>('has_uploads'),
      quarantine: sql<string | null>`(${quarantine})`.as('quarantine'),
      excludedProvers: sql<string[]>`array_to_json(array(${excluded}))`.as('excluded_provers'),
      stored: sql<Hex[]>`array_to_json(array(${stored}))`.as('stored'),
    }
    const { stored: found, ...rest } = only(await db.select(state).from(sql`(values (1)) as task`))
    return { ...rest, missing: needs.filter((sha256) => !found.includes(sha256)) }
  },
)
