import type { TemporalConfig } from '../../config/types.ts'
import type { Attempt } from '../../db/attempts/attempt-rows.ts'
import { listSequenceAttempts } from '../../db/attempts/attempts.ts'
import type { Db } from '../../db/connection/connect.ts'
import { findHolds } from '../../db/decisions/holds.ts'
import { listTaskQuarantines, type TaskQuarantine } from '../../db/decisions/refusals.ts'
import { findSequences, type SequenceRow } from '../../db/decisions/sequences.ts'
import { listProofs, type VerifiedProof } from '../../db/proofs/proofs.ts'
import { isPartOf, type SequenceKey } from '../../protocol/base/ranges.ts'
import type { Holds } from '../../protocol/sequence/view.ts'
import { sequenceWorkflowId } from '../../protocol/temporal/ids.ts'
import { withTemporal } from '../../workers/temporal/connect-temporal.ts'
import { TemporalUnreachableError } from '../../workers/temporal/errors.ts'
import { UnknownSequenceError } from '../errors.ts'
import { describeSequence, type SequenceAnswer } from '../requests/ask-workflows.ts'

/** All that is known about one sequence. */
export interface SequenceReport {
  workflowId: string
  workflow: SequenceAnswer | { status: 'unreachable'; why: string }
  /** Newest first; several when a reorg changed the data. */
  sequences: SequenceRow[]
  holds: Holds
  quarantines: TaskQuarantine[]
  proofs: VerifiedProof[]
  attempts: Omit<Attempt, 'raw'>[]
}

/**
 * Reads what Temporal knows of the workflow, and the database. Temporal's absence is part of the answer. @throws
 * UnknownSequenceError when nobody knows it.
 */
export async function readSequence(db: Db, temporal: TemporalConfig, key: SequenceKey): Promise<SequenceReport> {
  const [workflow, sequences, holds, quarantines, attempts] = await Promise.all([
    describeWorkflow(temporal, key),
    findSequences(db, key),
    findHolds(db, key),
    listTaskQuarantines(db, { rollup: key.rollup }),
    listSequenceAttempts(db, key),
  ])
  const proofs = await Promise.all(sequences.map((row) => listProofs(db, row)))
  if (sequences.length === 0 && workflow.status === 'missing') throw new UnknownSequenceError(key)
  return {
    workflowId: sequenceWorkflowId(key),
    workflow,
    sequences,
    holds,
    quarantines: quarantines.filter((task) => isPartOf(task, key)),
    proofs: [...new Map(proofs.flat().map((proof) => [proof.taskId, proof])).values()],
    attempts: attempts.map(({ raw, ...attempt }) => attempt), // signed bytes are nobody's business
  }
}

async function describeWorkflow(config: TemporalConfig, key: SequenceKey): Promise<SequenceReport['workflow']> {
  try {
    return await withTemporal(config, (client) => describeSequence(client, key))
  } catch (error) {
    if (error instanceof TemporalUnreachableError) return { status: 'unreachable', why: error.describe() }
    throw error
  }
}
