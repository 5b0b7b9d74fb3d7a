import type { BlockRef } from '../../chain/endpoints/endpoints.ts'
import type { FinalProofParts } from '../../chain/transactions/calls.ts'
import type { Archive } from '../../db/archive/archive.ts'
import type { Db } from '../../db/connection/connect.ts'
import { ArchiveUnavailableError, BytesCorruptError } from '../../db/errors.ts'
import { findBatches } from '../../db/proofs/batches.ts'
import { findWholeBlob, readBlob } from '../../db/proofs/blobs.ts'
import type { ArchivedProof, NewProof } from '../../db/proofs/proof-record.ts'
import { findFinalProofs, type VerifiedProof } from '../../db/proofs/proofs.ts'
import { type Hex, isSameAddress, type SequenceRef } from '../../protocol/base/ranges.ts'
import { type FinalStatement, proofHash } from '../../protocol/proof/public-input.ts'
import { joinStatements, type Statement } from '../../protocol/proof/statement.ts'
import type { BlobRef } from '../../protocol/proof/task.ts'
import type { ProofReference, StoredFinalProof } from '../../protocol/sequence/view.ts'
import type { ProvingDeps, RollupContext } from '../context.ts'

/** Our final proof of a sequence's data, wherever it is kept. */
export interface KeptFinalProof extends ProofReference {
  isInBothStores: boolean
}

/**
 * Finds our final proof of the sequence's present data under the present circuits. After a lost database or a damaged
 * copy in it the archive alone has it; `isInBothStores` tells.
 * @param committed the proof hash that stands on chain, or is to: its proof is the one that is owed, wherever it is
 * kept.
 */
export async function findFinalProof(
  { db, archive }: ProvingDeps,
  rollup: RollupContext,
  sequence: SequenceRef,
  committed: Hex | null = null,
): Promise<KeptFinalProof | null> {
  const isMeant = isProofOf(rollup, sequence)
  const stored = await findFinalProofs(db, { rollup: rollup.name, miner: rollup.miner, to: sequence.to })
  const verified = stored.find(isMeant)
  const kept = verified && (await keptProof(db, archive, rollup, verified))
  if (kept !== undefined && (committed === null || kept.proofHash === committed)) return kept
  const archived = (await listArchived({ db, archive }, isMeant)).filter(({ isWhole }) => isWhole)
  const owed = archived.find((proof) => proof.proofHash === committed) ?? (kept === undefined ? archived[0] : undefined)
  return owed === undefined
    ? (kept ?? null)
    : { ...refOf(owed), proofHash: owed.proofHash, isInBothStores: owed.isInBothStores }
}

/**
 * Finds the proof that a hash of ours commits to; `unknown` while the archive can't be asked, which alone may have it.
 */
export async function findCommittedProof(
  deps: ProvingDeps,
  rollup: RollupContext,
  sequence: SequenceRef,
  committed: Hex,
): Promise<KeptFinalProof | null | 'unknown'> {
  const kept = await findFinalProof(deps, rollup, sequence, committed).catch(
    (error) => absentUnlessBug(error) ?? ('unknown' as const),
  )
  return kept === 'unknown' || kept?.proofHash === committed ? kept : null
}

/** Finds a final proof of the sequence's data of which no copy is whole, for people; null when there is none. */
export async function findDamagedProof(
  deps: Stores,
  rollup: RollupContext,
  sequence: SequenceRef,
): Promise<Hex | null> {
  return (await listArchived(deps, isProofOf(rollup, sequence))).find(({ isWhole }) => !isWhole)?.sha256 ?? null
}

type Stores = Pick<ProvingDeps, 'db' | 'archive'>

/** Lists records of the archive, with what has become of their bytes. */
function listArchived({ db, archive }: Stores, isMeant: (proof: NewProof) => boolean) {
  const judge = async (record: ArchivedProof) => {
    const copies = await Promise.all([
      findWholeBlob(db, record.sha256).then((bytes) => bytes !== undefined),
      archive.has(record.sha256),
    ])
    return { ...record, isInBothStores: copies.every(Boolean), isWhole: copies.some(Boolean) }
  }
  return archive.list().then(({ proofs }) => Promise.all(proofs.filter(isMeant).map(judge)))
}

const isProofOf = (rollup: RollupContext, sequence: SequenceRef) => (proof: NewProof) =>
  isOwnFinalProof(rollup, proof) && isOfSequence(proof, sequence)

/** Tells whether a proof is about this data, which its hash names from the genesis on. */
const isOfSequence = (proof: NewProof, { rollup, from, accInputHash }: SequenceRef): boolean =>
  proof.rollup === rollup && proof.from === from && proof.accInputHash === accInputHash

/** Tells whether a final proof is one that this miner can send under the present circuits. */
const isOwnFinalProof = ({ name, miner, kind }: RollupContext, proof: NewProof): boolean =>
  proof.rollup === name &&
  proof.verificationKeyHash === kind.verificationKeyHashes.final &&
  (proof.miner === null || isSameAddress(proof.miner, miner))

/**
 * Reads the bytes of a final proof, from whichever store has them whole: an archive that is away or slow mustn't hold
 * up a proof that is owed.
 */
export async function readFinalProof({ db, archive }: ProvingDeps, sha256: Hex): Promise<Uint8Array> {
  const whole = (await findWholeBlob(db, sha256)) ?? (await archive.get(sha256).catch(absentUnlessBug))
  return whole ?? readBlob(db, sha256) // this read says what is wrong with it
}

/** Takes what the archive can't give for not there. */
function absentUnlessBug(error: unknown): undefined {
  if (!(error instanceof ArchiveUnavailableError) && !(error instanceof BytesCorruptError)) throw error
}

/**
 * Finds what the final proof of a sequence states: from its prepared inputs, or as it was archived, because a proof
 * that is owed after a lost database must not wait until the whole rollup is executed again. It is undefined where
 * neither is there.
 */
export async function findStatement(
  { db, archive }: ProvingDeps,
  sequence: SequenceRef,
): Promise<Statement | undefined> {
  const batches = await findBatches(db, { sequence, range: sequence })
  if (batches !== undefined) return joinStatements(batches.map((batch) => batch.statement))
  const archived = await archive.list().catch(absentUnlessBug)
  return archived?.proofs.find((proof) => isOfSequence(proof, sequence))?.statement
}

async function keptProof(
  db: Db,
  archive: Archive,
  { miner }: RollupContext,
  proof: VerifiedProof,
): Promise<KeptFinalProof | undefined> {
  const bytes = await findWholeBlob(db, proof.sha256)
  if (bytes === undefined) return undefined
  // While the archive can't be asked nothing new is committed to; copying into it says what is wrong with it.
  const isArchived = (await archive.has(proof.sha256).catch(absentUnlessBug)) ?? false
  return { ...refOf(proof), proofHash: proofHash(bytes, miner), isInBothStores: isArchived }
}

const refOf = ({ sha256, size }: BlobRef): BlobRef => ({ sha256, size })

/** Says what our final proof of a statement is about. */
export const finalStatement = (
  { kind, miner }: Pick<RollupContext, 'kind' | 'miner'>,
  statement: Statement,
): FinalStatement => ({
  ...{ miner, statement, newLocalExitRoot: kind.newLocalExitRoot },
})

/**
 * Reads a final proof's bytes with what the contract is given beside them. @throws what reading it from the stores
 * throws
 */
export async function readProofParts(
  deps: ProvingDeps,
  { kind }: Pick<RollupContext, 'kind'>,
  { sha256, statement: { newStateRoot } }: { sha256: Hex; statement: Statement },
): Promise<FinalProofParts> {
  return { proof: await readFinalProof(deps, sha256), newStateRoot, newLocalExitRoot: kind.newLocalExitRoot }
}

/**
 * Asks the contract's own verifier where asking gives nothing away: the proof names its miner. @param p.at in which
 * block's state: the one that all else is read at
 */
export async function judgeProof<Kept extends Pick<KeptFinalProof, 'sha256'>>(
  deps: ProvingDeps,
  { kind, chain, contract, miner }: RollupContext,
  sequence: SequenceRef,
  { kept, at }: { kept: Kept; at: BlockRef },
): Promise<Kept & Pick<StoredFinalProof, 'isAcceptedByContract' | 'refusal'>> {
  const statement = kind.namesMiner ? await findStatement(deps, sequence) : undefined
  if (statement === undefined) return { ...kept, isAcceptedByContract: null }
  const final = finalStatement({ kind, miner }, statement)
  const refusal = await chain.findRefusal({ contract, final, proof: await readFinalProof(deps, kept.sha256), at })
  return { ...kept, isAcceptedByContract: refusal === null, ...(refusal && { refusal }) }
}
