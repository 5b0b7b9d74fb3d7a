import { findBatches } from '../../db/proofs/batches.ts'
import { listProofs } from '../../db/proofs/proofs.ts'
import { listUploadedTasks } from '../../db/proofs/uploads.ts'
import { type BatchRange, isPartOf } from '../../protocol/base/ranges.ts'
import { possibleJoins, widestSpans } from '../../protocol/proof/aggregation-plan.ts'
import type { RangeOfSequence } from '../../protocol/proof/request.ts'
import type { ProvingActivities } from '../../protocol/temporal/activities.ts'
import type { ProvingDeps } from '../context.ts'
import { findMade } from './open-task.ts'
import { resolveWith } from './resolve-request.ts'

export const createFindProvedSpans =
  (deps: ProvingDeps): ProvingActivities['findProvedSpans'] =>
  async (whole) => {
    const verified = await listUsable(deps, whole)
    const proofs = (await takeFinishedJoins(deps, whole, verified)) ? await listUsable(deps, whole) : verified
    return widestSpans(proofs).map(({ from, to, sha256, size }) => ({ from, to, proof: { sha256, size } }))
  }

/**
 * Lists the proofs to build on. Those under another circuit or another reference string are no use: their key is
 * another one.
 */
async function listUsable({ db, rollupOf }: ProvingDeps, { sequence, range }: RangeOfSequence) {
  const { verificationKeyHashes } = rollupOf(sequence.rollup).kind
  return (await listProofs(db, sequence)).filter(
    (proof) =>
      proof.stage !== 'final' &&
      isPartOf(proof, range) &&
      proof.verificationKeyHash === verificationKeyHashes[proof.stage],
  )
}

/**
 * Takes in joins whose provers uploaded them and could not report them, because Temporal was emptied meanwhile. The
 * plan that is made now may join their halves with others, and nobody would ask for them again. Proofs of batches are
 * asked for whatever the plan.
 * @returns whether there was any.
 */
async function takeFinishedJoins(
  deps: ProvingDeps,
  { sequence, range }: RangeOfSequence,
  verified: readonly BatchRange[],
): Promise<boolean> {
  const uploaded = new Set(await listUploadedTasks(deps.db))
  const batches = uploaded.size === 0 ? undefined : await findBatches(deps.db, { sequence, range })
  if (batches === undefined) return false
  const rollup = deps.rollupOf(sequence.rollup)
  let areAny = false
  for (const { from, to } of possibleJoins(verified)) {
    const request = { sequence, range: { from, to }, stage: 'aggregate' as const, children: [] }
    const resolved = resolveWith(rollup, request, batches.slice(from - range.from, to - range.from + 1))
    if (uploaded.has(resolved.taskId) && (await findMade(deps, resolved)) !== null) areAny = true
  }
  return areAny
}
