import { findBatches } from '../db/batches.ts'
import { readBlob } from '../db/blobs.ts'
import { listFinalProofs, type NewProof } from '../db/proofs.ts'
import { proofHash } from '../protocol/proof-hash.ts'
import type { ProofUpload } from '../protocol/proof-task.ts'
import type { Hex, SequenceRef } from '../protocol/sequence.ts'
import { joinStatements, type Statement } from '../protocol/statement.ts'
import type { ProvingDeps, RollupContext } from './context.ts'

/** Our final proof of a sequence's data, wherever it is kept. */
export interface KeptFinalProof {
  sha256: Hex
  size: number
  proofHash: Hex
  isInBothStores: boolean
}

/**
 * Finds our final proof of the sequence's present data under the present circuits. After a lost database the archive
 * alone has it; `isInBothStores` tells.
 */
export async function findFinalProof(
  { db, archive }: ProvingDeps,
  rollup: RollupContext,
  sequence: SequenceRef,
): Promise<KeptFinalProof | null> {
  const isMeant = (proof: NewProof) =>
    isOwnFinalProof(rollup, proof) && proof.from === sequence.from && proof.accInputHash === sequence.accInputHash
  const stored = await listFinalProofs(db, { rollup: rollup.name, miner: rollup.miner, fromBatch: sequence.to })
  const verified = stored.find((proof) => proof.to === sequence.to && isMeant(proof))
  if (verified !== undefined)
    return keptProof(verified, proofHash(await readBlob(db, verified.sha256), rollup.miner), await archive.has(verified.sha256))
  const archived = (await archive.list()).proofs.find(isMeant)
  return archived === undefined ? null : keptProof(archived, archived.proofHash, false)
}

/** Whether a final proof is one that this miner can send under the present circuits. */
export const isOwnFinalProof = ({ name, miner, kind }: RollupContext, proof: NewProof): boolean =>
  proof.rollup === name &&
  proof.verificationKeyHash === kind.verificationKeyHashes.final &&
  (proof.miner === null || proof.miner.toLowerCase() === miner.toLowerCase())

/** The bytes of a final proof, from whichever store has them. */
export async function readFinalProof({ db, archive }: ProvingDeps, sha256: Hex): Promise<Uint8Array> {
  return (await archive.get(sha256)) ?? readBlob(db, sha256)
}

/** What the final proof of a sequence states; undefined while its inputs are not prepared. */
export async function findStatement({ db }: ProvingDeps, sequence: SequenceRef): Promise<Statement | undefined> {
  const batches = await findBatches(db, { sequence, range: sequence })
  return batches === undefined ? undefined : joinStatements(batches.map((batch) => batch.statement))
}

const keptProof = ({ sha256, size }: Pick<ProofUpload, 'sha256' | 'size'>, hash: Hex, isInBothStores: boolean): KeptFinalProof => ({
  sha256,
  size,
  proofHash: hash,
  isInBothStores,
})
