import { quarantineTask, recordRefusal } from '../../db/decisions/refusals.ts'
import { blobRef, findWholeBlob, mendBlob, readBlob } from '../../db/proofs/blobs.ts'
import { findProof, recordProof, type VerifiedProof } from '../../db/proofs/proofs.ts'
import { readUpload, releaseUploads } from '../../db/proofs/uploads.ts'
import type { ProofClaim } from '../../protocol/proof/prover.ts'
import { heardReport, type ProverWords } from '../../protocol/proof/prover-words.ts'
import { proofHash } from '../../protocol/proof/public-input.ts'
import type { UploadVerdict } from '../../protocol/proof/request.ts'
import type { ProofUpload } from '../../protocol/proof/task.ts'
import type { ProvingActivities } from '../../protocol/temporal/activities.ts'
import type { ProvingDeps } from '../context.ts'
import { type Resolve, type ResolvedRequest, resolveEach } from './resolve-request.ts'

/** The claim that these bytes prove a task. */
interface Claim extends ProverWords, Pick<ProofUpload, 'sha256'> {
  /** Where it was found, as "in the archive"; null: the worker that calls itself so reported it. */
  found: string | null
}

export const createAcceptProof =
  (deps: ProvingDeps, resolve: Resolve = resolveEach(deps)): ProvingActivities['acceptProof'] =>
  async ({ request, upload }) =>
    acceptUpload(deps, await resolve(request), { ...heardReport(upload), found: null })

export const createQuarantineTask =
  ({ db }: ProvingDeps): ProvingActivities['quarantineTask'] =>
  ({ task, reason, failures }) =>
    quarantineTask(db, { task, reason, failures })

/**
 * Verifies uploaded bytes against the statement that we computed ourselves, and records the outcome. It is idempotent.
 */
export async function acceptUpload(
  deps: ProvingDeps,
  resolved: ResolvedRequest,
  upload: Claim,
): Promise<UploadVerdict> {
  const { taskId } = resolved
  const standing = await findProof(deps.db, taskId)
  if (standing !== undefined) return settle(deps, resolved, standing)
  const proof = await readUpload(deps.db, { taskId, sha256: upload.sha256 })
  // The report is a lie, or the store was emptied since. That says nothing about its prover: who is alone must get the
  // task again, and one that lies runs out of attempts.
  if (proof === undefined) return refusal(resolved, upload, "isn't in the store")
  if (!(await resolved.rollup.kind.verify(claimOf(resolved, proof))))
    return refuse(deps, resolved, upload, 'does not verify')
  return settle(deps, resolved, await record(deps, resolved, { proof, upload }))
}

function record(
  { db }: ProvingDeps,
  { request, taskId, identity }: ResolvedRequest,
  p: { proof: Uint8Array; upload: Claim },
) {
  const { sequence, range, stage } = request
  // Nothing but these words of the prover's is believed: a report with more in it must not change what was verified.
  const { prover, durationMs, peakMemoryBytes } = p.upload
  const record = {
    ...{ taskId, rollup: sequence.rollup, stage, ...range },
    accInputHash: identity.statement.newAccInputHash,
    verificationKeyHash: identity.verificationKeyHash,
    miner: identity.miner,
    ...{ ...blobRef(p.proof), prover, durationMs, peakMemoryBytes },
  }
  return recordProof(db, record, p.proof)
}

/** A proof that stands is archived before its uploads are let go of. */
async function settle(deps: ProvingDeps, resolved: ResolvedRequest, verified: VerifiedProof): Promise<UploadVerdict> {
  if (resolved.request.stage === 'final') await keepFinalProof(deps, resolved, verified)
  await releaseUploads(deps.db)
  return { status: 'verified', proof: { sha256: verified.sha256, size: verified.size } }
}

/**
 * A prover that reported it doesn't get the task again. What was merely found may be under a name that isn't its
 * maker's: any login can write rows, for tasks whose ids follow from public data.
 */
async function refuse(
  { db }: ProvingDeps,
  resolved: ResolvedRequest,
  upload: Claim,
  why: string,
): Promise<UploadVerdict> {
  const { sha256, prover, found } = upload
  const refused = refusal(resolved, upload, why)
  await recordRefusal(db, {
    taskId: resolved.taskId,
    prover,
    sha256,
    reason: refused.reason,
    isReported: found === null,
  })
  return refused
}

function refusal({ request }: ResolvedRequest, { sha256, prover, found }: Claim, why: string) {
  const reason = `the ${request.stage} proof ${sha256} of prover ${prover}${found === null ? '' : `, found ${found},`} ${why}`
  return { status: 'refused' as const, reason }
}

/**
 * Puts a final proof into the second store, where it must be before its hash is sent
 * (docs/design.md#proofs-in-two-stores), and mends a damaged copy in the first.
 * @throws BytesCorruptError or DatabaseDamagedError when neither has it whole.
 */
export async function keepFinalProof(
  { db, archive }: ProvingDeps,
  { rollup, identity }: ResolvedRequest,
  verified: VerifiedProof,
): Promise<void> {
  const { verifiedAt: _, ...record } = verified
  const isArchived = await archive.has(verified.sha256)
  const stored = await findWholeBlob(db, verified.sha256)
  const archived = isArchived && stored === undefined ? await archive.get(verified.sha256) : undefined
  if (archived !== undefined) await mendBlob(db, archived)
  if (isArchived) return
  const proof = stored ?? (await readBlob(db, verified.sha256)) // this read says what is wrong with it
  await archive.put(
    { ...record, stage: 'final', proofHash: proofHash(proof, rollup.miner), statement: identity.statement },
    proof,
  )
}

function claimOf({ request, identity, rollup }: ResolvedRequest, proof: Uint8Array): ProofClaim {
  const { statement } = identity
  return request.stage === 'final'
    ? { stage: 'final', statement, miner: rollup.miner, proof }
    : { stage: request.stage, statement, proof }
}
