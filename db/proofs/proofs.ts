import { and, asc, eq, gte, inArray, isNull, lte, or, sql } from 'drizzle-orm'
import type { Address, Hex, SequenceRef } from '../../protocol/base/ranges.ts'
import { proverWords } from '../../protocol/proof/prover-words.ts'
import type { BlobRef } from '../../protocol/proof/task.ts'
import type { Db } from '../connection/connect.ts'
import { lowerCase, only } from '../connection/row-values.ts'
import { query } from '../connection/translate-errors.ts'
import { blobs } from '../schema/blobs.ts'
import { proofs } from '../schema/proofs.ts'
import { accInputHashesOf } from './batches.ts'
import { checkNewProof, type NewProof } from './proof-record.ts'

/** A proof that was verified. */
export interface VerifiedProof extends NewProof {
  /** ISO text. */
  verifiedAt: string
}

/**
 * Records a verified proof. What its prover said of it is made fit for every reader.
 * @param bytes are stored along with it, under its hash. Without them they must be stored already.
 * @returns the proof that stands: the first recorded for this identity, which needn't be this one.
 * @throws ProofRecordError for what the archive couldn't read.
 */
export const recordProof = query(
  'recording a proof',
  async (db: Db, proof: NewProof, bytes?: Uint8Array): Promise<VerifiedProof> => {
    const miner = proof.miner === null ? null : lowerCase(proof.miner)
    const record = checkNewProof({ ...proof, ...proverWords(proof), miner })
    const recorder = bytes === undefined ? db : db.with(db.$with('stored').as(insertBlob(db, record, bytes)))
    const rows = await recorder
      .insert(proofs)
      .values(record)
      // This changes nothing, but returns the row that stands.
      .onConflictDoUpdate({ target: proofs.taskId, set: { taskId: proof.taskId } })
      .returning()
    return only(rows)
  },
)

const insertBlob = (db: Db, { sha256, size }: BlobRef, bytes: Uint8Array) =>
  db.insert(blobs).values({ sha256, size, bytes }).onConflictDoNothing().returning({ sha256: blobs.sha256 })

/** Finds the verified proof of an identity. */
export const findProof = query('finding a proof', async (db: Db, taskId: Hex): Promise<VerifiedProof | undefined> => {
  const [row] = await db.select().from(proofs).where(eq(proofs.taskId, taskId))
  return row
})

/** Whose final proofs: those for a miner, or for whoever sends them. */
interface FinalProofsOf {
  rollup: string
  miner: Address
}

const areFinal = ({ rollup, miner }: FinalProofsOf) =>
  and(
    eq(proofs.rollup, rollup),
    eq(proofs.stage, 'final'),
    or(isNull(proofs.miner), eq(proofs.miner, lowerCase(miner))),
  )

/** Lists the verified final proofs of a rollup, from the sequence that ends at `fromBatch` or later on. */
export const listFinalProofs = query(
  'listing final proofs',
  (db: Db, p: FinalProofsOf & { fromBatch: number }): Promise<VerifiedProof[]> =>
    db
      .select()
      .from(proofs)
      .where(and(areFinal(p), gte(proofs.to, p.fromBatch)))
      .orderBy(asc(proofs.to), asc(proofs.verifiedAt)),
)

/** Finds the verified final proofs of the sequence that ends at batch `to`, whatever data it had; oldest first. */
export const findFinalProofs = query(
  'finding final proofs',
  (db: Db, p: FinalProofsOf & { to: number }): Promise<VerifiedProof[]> =>
    db
      .select()
      .from(proofs)
      .where(and(areFinal(p), eq(proofs.to, p.to)))
      .orderBy(asc(proofs.verifiedAt)),
)

/** Lists the verified proofs of all stages that say something about the sequence's data, in the order of the data. */
export const listProofs = query('listing proofs', (db: Db, sequence: SequenceRef): Promise<VerifiedProof[]> => {
  // Its own hash is there also where the batches are gone: a final proof may be out of the archive. It is one list, for
  // of two alternatives Postgres uses no index.
  const walked = accInputHashesOf({ sequence, range: sequence })
  const ofTheData = inArray(proofs.accInputHash, sql`(select ${sequence.accInputHash} union ${walked})`)
  return db
    .select()
    .from(proofs)
    .where(
      and(eq(proofs.rollup, sequence.rollup), gte(proofs.from, sequence.from), lte(proofs.to, sequence.to), ofTheData),
    )
    .orderBy(asc(proofs.from), asc(proofs.to), asc(proofs.verifiedAt))
})

/** Names the provers whose proofs of these rollups verified within the last hours. */
export const listRecentProvers = query(
  'listing recent provers',
  async (db: Db, { rollups, hours }: { rollups: string[]; hours: number }): Promise<string[]> => {
    const isRecent = gte(proofs.verifiedAt, sql`now() - make_interval(hours => ${hours})`)
    const rows = await db
      .selectDistinct({ prover: proofs.prover })
      .from(proofs)
      .where(and(inArray(proofs.rollup, rollups), isRecent))
    return rows.map(({ prover }) => prover)
  },
)
