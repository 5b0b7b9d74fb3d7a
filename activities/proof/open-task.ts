import { findTaskState, type TaskState } from '../../db/decisions/task-state.ts'
import { BytesCorruptError } from '../../db/errors.ts'
import { putBlob } from '../../db/proofs/blobs.ts'
import { findProof } from '../../db/proofs/proofs.ts'
import { listOpenUploads, uploadProof } from '../../db/proofs/uploads.ts'
import type { OpenedTask } from '../../protocol/proof/request.ts'
import type { ProofTask, ProofUpload } from '../../protocol/proof/task.ts'
import type { ProvingActivities } from '../../protocol/temporal/activities.ts'
import type { ProvingDeps } from '../context.ts'
import { ProofMissingError } from '../errors.ts'
import { acceptUpload, keepFinalProof } from './accept-proof.ts'
import { type Resolve, type ResolvedRequest, resolveEach } from './resolve-request.ts'

export const createOpenTask =
  (deps: ProvingDeps, resolve: Resolve = resolveEach(deps)): ProvingActivities['openTask'] =>
  async (request) => {
    const resolved = await resolve(request)
    const { stage, children } = request
    const needs = children.map(({ sha256 }) => sha256)
    const state = await findTaskState(deps.db, { taskId: resolved.taskId, needs })
    // Only the archive knows of a final proof that Postgres has lost.
    const mayBeMade = state.isProved || state.hasUploads || stage === 'final'
    const made = mayBeMade ? await findMade(deps, resolved) : null
    if (made !== null) return made
    if (state.quarantine !== null) return { status: 'quarantined', reason: state.quarantine }
    // What was refused just now has excluded nobody: it was found, and not reported.
    return open(deps, resolved, state)
  }

/** Finds a proof that is there already: verified, archived, or uploaded by a prover that couldn't report it. */
export async function findMade(deps: ProvingDeps, resolved: ResolvedRequest): Promise<OpenedTask | null> {
  const { db } = deps
  const verified = await findProof(db, resolved.taskId)
  if (verified !== undefined) {
    if (resolved.request.stage === 'final') await keepFinalProof(deps, resolved, verified)
    return { status: 'proved', proof: { sha256: verified.sha256, size: verified.size } }
  }
  const uploads = [...(await restoreArchived(deps, resolved)), ...(await listOpenUploads(db, resolved.taskId))]
  for (const upload of uploads) {
    const found = 'login' in upload ? `in the store, put there by login ${upload.login}` : 'in the archive'
    const verdict = await acceptUpload(deps, resolved, { ...upload, found })
    if (verdict.status === 'verified') return { status: 'proved', proof: verdict.proof }
  }
  return null
}

/** Final proofs outlive an emptied database in the archive; they are verified like any upload. */
async function restoreArchived(
  { db, archive }: ProvingDeps,
  { request, taskId }: ResolvedRequest,
): Promise<ProofUpload[]> {
  if (request.stage !== 'final') return []
  const { proofs } = await archive.list()
  const archived = proofs.filter((record) => record.taskId === taskId)
  const restored = await Promise.all(
    archived.map(async (record) => {
      const proof = await archive.get(record.sha256).catch(absentIfDamaged) // then it is made again
      if (proof === undefined) return []
      return [await uploadProof(db, { ...record, proof })]
    }),
  )
  return restored.flat()
}

function absentIfDamaged(error: unknown): undefined {
  if (!(error instanceof BytesCorruptError)) throw error
}

async function open(deps: ProvingDeps, resolved: ResolvedRequest, state: TaskState): Promise<OpenedTask> {
  const { request, rollup, identity, taskId } = resolved
  for (const child of request.children) {
    if (state.missing.includes(child.sha256)) throw new ProofMissingError(request, child)
  }
  const task: ProofTask = {
    id: taskId,
    rollup: request.sequence.rollup,
    kind: rollup.kind.name,
    stage: request.stage,
    verificationKeyHash: identity.verificationKeyHash,
    ...request.range,
    input: await stageInput(deps, resolved),
    children: request.children,
    excludedProvers: state.excludedProvers,
  }
  return { status: 'open', task }
}

async function stageInput({ db }: ProvingDeps, { request, rollup, batches }: ResolvedRequest) {
  if (request.stage === 'batch') return batches[0]?.input ?? null
  return request.stage === 'final' ? putBlob(db, rollup.kind.finalInput({ miner: rollup.miner })) : null
}
