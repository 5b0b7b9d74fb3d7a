import { findWholeBlob, hasBlob, mendBlob, readBlob } from '../db/blobs.ts'
import { recordProof, type VerifiedProof } from '../db/proofs.ts'
import { quarantineTask, recordRefusal } from '../db/refusals.ts'
import type { ProvingActivities, UploadVerdict } from '../protocol/activities.ts'
import { plainText } from '../protocol/plain-text.ts'
import { proofHash } from '../protocol/proof-hash.ts'
import type { ProofUpload } from '../protocol/proof-task.ts'
import type { ProofClaim } from '../protocol/prover.ts'
import { type ProverWords, proverWords } from '../protocol/prover-words.ts'
import type { Hex } from '../protocol/sequence.ts'
import type { ProvingDeps, RollupContext } from './context.ts'
import { type ResolvedRequest, resolveRequest } from './resolve-request.ts'

/** That these bytes prove a task. */
interface Claim extends ProverWords, Pick<ProofUpload, 'sha256'> {
  /** Where it was found, as "in the archive"; null: the worker that calls itself so reported it. */
  found: string | null
}

/** `0x` and 64 digits. */
const HASH_LENGTH = 66

export const createAcceptProof =
  (deps: ProvingDeps): ProvingActivities['acceptProof'] =>
  async ({ request, upload }) =>
    acceptUpload(deps, await resolveRequest(deps, request), heard(upload))

/** A report is whatever its worker wrote, also what is no reference and no figure. */
const heard = (upload: ProofUpload): Claim => ({
  ...proverWords(upload),
  sha256: plainText(String(upload.sha256), HASH_LENGTH) as Hex,
  found: null,
})

export const createQuarantineTask =
  ({ db }: ProvingDeps): ProvingActivities['quarantineTask'] =>
  ({ task, reason, failures }) =>
    quarantineTask(db, { task, reason, failures })

/** Verifies uploaded bytes against the statement that we computed ourselves, and records the outcome. Idempotent. */
export async function acceptUpload(deps: ProvingDeps, resolved: ResolvedRequest, upload: Claim): Promise<UploadVerdict> {
  const { sha256, prover } = upload
  // Another reference than a prover's own upload is a lie, or the store was emptied in between.
  if (!(await hasBlob(deps.db, sha256))) return refuse(deps, resolved, upload, 'was never uploaded')
  const proof = await readBlob(deps.db, sha256)
  if (!(await resolved.rollup.kind.verify(claimOf(resolved, proof)))) return refuse(deps, resolved, upload, 'does not verify')
  const { sequence, range, stage } = resolved.request
  // Nothing but these words of the prover's is believed: a report with more in it must not change what was verified.
  const { durationMs, peakMemoryBytes } = upload
  const recorded = await recordProof(deps.db, {
    taskId: resolved.taskId,
    rollup: sequence.rollup,
    stage,
    ...range,
    accInputHash: resolved.identity.statement.newAccInputHash,
    verificationKeyHash: resolved.identity.verificationKeyHash,
    miner: resolved.identity.miner,
    ...{ sha256, size: proof.length, prover, durationMs, peakMemoryBytes },
  })
  if (stage === 'final') await keepFinalProof(deps, resolved.rollup, recorded)
  return { status: 'verified', proof: { sha256: recorded.sha256, size: recorded.size } }
}

/**
 * A prover that reported it doesn't get the task again. What was merely found may be under a name that isn't its maker's: any login
 * can write rows, for tasks whose ids follow from public data.
 */
async function refuse({ db }: ProvingDeps, { request, taskId }: ResolvedRequest, upload: Claim, why: string): Promise<UploadVerdict> {
  const { sha256, prover, found } = upload
  const reason = `the ${request.stage} proof ${sha256} of prover ${prover}${found === null ? '' : `, found ${found},`} ${why}`
  await recordRefusal(db, { taskId, prover, sha256, reason, isReported: found === null })
  return { status: 'refused', reason }
}

/**
 * Puts a final proof into the second store, where it must be before its hash is sent (design §3, Proof tasks), and mends a damaged copy
 * in the first.
 * @throws BytesCorruptError or DatabaseDamagedError when neither has it whole.
 */
export async function keepFinalProof({ db, archive }: ProvingDeps, { miner }: RollupContext, verified: VerifiedProof): Promise<void> {
  const { verifiedAt: _, ...record } = verified
  const isArchived = await archive.has(verified.sha256)
  const stored = await findWholeBlob(db, verified.sha256)
  const archived = isArchived && stored === undefined ? await archive.get(verified.sha256) : undefined
  if (archived !== undefined) await mendBlob(db, archived)
  if (isArchived) return
  const proof = stored ?? (await readBlob(db, verified.sha256)) // which says what is wrong with it
  await archive.put({ ...record, stage: 'final', proofHash: proofHash(proof, miner) }, proof)
}

function claimOf({ request, identity, rollup }: ResolvedRequest, proof: Uint8Array): ProofClaim {
  const { statement } = identity
  return request.stage === 'final' ? { stage: 'final', statement, miner: rollup.miner, proof } : { stage: request.stage, statement, proof }
}
