import { listProofs } from '../db/proofs.ts'
import type { ProvingActivities } from '../protocol/activities.ts'
import { widestSpans } from '../protocol/aggregation-plan.ts'
import { isPartOf } from '../protocol/sequence.ts'
import type { ProvingDeps } from './context.ts'

/** Proofs under another circuit or another reference string are no use: their key is another one. */
export const createFindProvedSpans =
  ({ db, rollupOf }: ProvingDeps): ProvingActivities['findProvedSpans'] =>
  async ({ sequence, range }) => {
    const { verificationKeyHashes } = rollupOf(sequence.rollup).kind
    const usable = (await listProofs(db, sequence)).filter(
      (proof) => proof.stage !== 'final' && isPartOf(proof, range) && proof.verificationKeyHash === verificationKeyHashes[proof.stage],
    )
    return widestSpans(usable).map(({ from, to, sha256, size }) => ({ from, to, proof: { sha256, size } }))
  }
