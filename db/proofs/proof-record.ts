import { z } from 'zod'
import type { Address, Hex, SequenceRef } from '../../protocol/base/ranges.ts'
import type { Statement } from '../../protocol/proof/statement.ts'
import { type ProofUpload, STAGES, type Stage } from '../../protocol/proof/task.ts'
import { ProofRecordError } from '../errors.ts'

/** What is kept of a verified proof. `from`, `to` and `accInputHash` are those of its own range. */
export interface NewProof extends SequenceRef, ProofUpload {
  /** Identity: `proofTaskId`. */
  taskId: Hex
  stage: Stage
  verificationKeyHash: Hex
  /** Null where the proof doesn't name it. */
  miner: Address | null
}

/**
 * What stands beside an archived final proof: enough to refill an emptied database, and to send the proof before that
 * is done.
 */
export interface ArchivedProof extends NewProof {
  stage: 'final'
  /** What is committed to on chain. */
  proofHash: Hex
  /** What it proves of its sequence, as it was verified; records of older versions lack it. */
  statement?: Statement | undefined
}

const hexText = z.string().regex(/^0x[0-9a-f]*$/) as unknown as z.ZodType<Hex>
const count = z.number().int().nonnegative()

/** Both stores take the same of a proof: what one could keep and the other couldn't read would never be in both. */
const newProof = z.object({
  taskId: hexText,
  rollup: z.string(),
  from: count,
  to: count,
  accInputHash: hexText,
  stage: z.enum(STAGES),
  verificationKeyHash: hexText,
  miner: hexText.nullable(),
  sha256: hexText,
  size: count,
  prover: z.string(),
  durationMs: count,
  peakMemoryBytes: count,
})

const statement = z.object({
  ...{ oldStateRoot: hexText, newStateRoot: hexText, oldAccInputHash: hexText, newAccInputHash: hexText },
  ...{ oldBatchNum: count, newBatchNum: count, chainId: z.string(), forkId: z.string() },
})

const archivedProof = newProof.extend({
  stage: z.literal('final'),
  proofHash: hexText,
  statement: statement.optional(),
})

/** @throws ProofRecordError for what a reader would refuse. What doesn't belong into a record is left out. */
export const checkNewProof = (record: NewProof): NewProof => checked(newProof, record)

/** @throws ProofRecordError for what a reader would refuse. What doesn't belong into a record is left out. */
export const checkArchivedProof = (record: ArchivedProof): ArchivedProof => checked(archivedProof, record)

/** Reads a record; undefined for what isn't one. */
export const readArchivedProof = (json: unknown): ArchivedProof | undefined => archivedProof.safeParse(json).data

function checked<T extends NewProof>(schema: z.ZodType<T>, record: T): T {
  const { data, error } = schema.safeParse(record)
  if (data !== undefined) return data
  throw new ProofRecordError({ sha256: record.sha256, fields: error?.issues.map(({ path }) => path.join('.')) ?? [] })
}
