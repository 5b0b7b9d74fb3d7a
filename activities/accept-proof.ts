import { readBlob } from '../db/blobs.ts'
import { recordProof, type VerifiedProof } from '../db/proofs.ts'
import { quarantineTask, recordRefusal } from '../db/refusals.ts'
import type { ProvingActivities, UploadVerdict } from '../protocol/activities.ts'
import { proofHash } from '../protocol/proof-hash.ts'
import type { ProofUpload } from '../protocol/proof-task.ts'
import type { ProofClaim } from '../protocol/prover.ts'
import type { ProvingDeps, RollupContext } from './context.ts'
import { type ResolvedRequest, resolveRequest } from './resolve-request.ts'

export const createAcceptProof =
  (deps: ProvingDeps): ProvingActivities['acceptProof'] =>
  async ({ request, upload }) =>
    acceptUpload(deps, await resolveRequest(deps, request), upload)

export const createQuarantineTask =
  ({ db }: ProvingDeps): ProvingActivities['quarantineTask'] =>
  ({ task, reason }) =>
    quarantineTask(db, { task, reason })

/** Verifies uploaded bytes against the statement that we computed ourselves, and records the outcome. Idempotent. */
export async function acceptUpload(deps: ProvingDeps, resolved: ResolvedRequest, upload: ProofUpload): Promise<UploadVerdict> {
  const proof = await readBlob(deps.db, upload.sha256)
  if (!(await resolved.rollup.kind.verify(claimOf(resolved, proof)))) {
    const reason = `the ${resolved.request.stage} proof ${upload.sha256} does not verify`
    await recordRefusal(deps.db, { taskId: resolved.taskId, prover: upload.prover, sha256: upload.sha256, reason })
    return { status: 'refused', reason }
  }
  const { sequence, range, stage } = resolved.request
  const recorded = await recordProof(deps.db, {
    taskId: resolved.taskId,
    rollup: sequence.rollup,
    stage,
    ...range,
    accInputHash: resolved.identity.statement.newAccInputHash,
    verificationKeyHash: resolved.identity.verificationKeyHash,
    miner: resolved.identity.miner,
    ...upload,
  })
  if (stage === 'final') await keepFinalProof(deps, resolved.rollup, recorded)
  return { status: 'verified', proof: { sha256: recorded.sha256, size: recorded.size } }
}

/** Puts a final proof into the second store, where it must be before its hash is sent (design §3, Proof tasks). */
export async function keepFinalProof({ db, archive }: ProvingDeps, { miner }: RollupContext, verified: VerifiedProof): Promise<void> {
  if (await archive.has(verified.sha256)) return
  const proof = await readBlob(db, verified.sha256)
  const { verifiedAt: _, ...record } = verified
  await archive.put({ ...record, stage: 'final', proofHash: proofHash(proof, miner) }, proof)
}

function claimOf({ request, identity, rollup }: ResolvedRequest, proof: Uint8Array): ProofClaim {
  const { statement } = identity
  return request.stage === 'final' ? { stage: 'final', statement, miner: rollup.miner, proof } : { stage: request.stage, statement, proof }
}
