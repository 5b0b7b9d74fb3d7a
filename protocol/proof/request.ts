import { type BatchRange, formatRange, type SequenceRef } from '../base/ranges.ts'
import type { BlobRef, ProofTask, ProofUpload, Stage } from './task.ts'

/** What proving a range builds on: the sequence with its data, and the part of it that is meant. */
export interface RangeOfSequence {
  sequence: SequenceRef
  range: BatchRange
}

/** A proof that is wanted. */
export interface ProofRequest extends RangeOfSequence {
  stage: Stage
  /** Verified proofs that the stage joins or wraps, from left to right. A batch has none. */
  children: BlobRef[]
}

/** Names a proof of a sequence as operators read it: `aggregate 1-3`. */
export const proofName = ({ stage, range }: Pick<ProofRequest, 'stage' | 'range'>): string =>
  `${stage} ${formatRange(range)}`

/**
 * The answer to a proof request. The proof is there already, or here is the task, or provers failed it and an operator
 * must look.
 */
export type OpenedTask =
  | { status: 'proved'; proof: BlobRef }
  | { status: 'open'; task: ProofTask }
  | { status: 'quarantined'; reason: string }

/** What became of an uploaded proof. */
export type UploadVerdict = { status: 'verified'; proof: BlobRef } | { status: 'refused'; reason: string }

/** A proof that a prover says it has made. */
export interface ReportedProof {
  request: ProofRequest
  upload: ProofUpload
}

/** What a workflow asks of the stores at once. */
export interface StoreTurn {
  accept: ReportedProof[]
  /** Tasks to be opened, whatever becomes of `accept`. */
  open: ProofRequest[]
  /** Tasks to be opened if all of `accept` hold. Their children may be among those. */
  next: ProofRequest[]
}

/** What the stores answer, in the order asked. `next` is null where a proof was refused, or another one stands. */
export interface StoreAnswer {
  accepted: UploadVerdict[]
  opened: OpenedTask[]
  next: OpenedTask[] | null
}

/** What preparing a sequence came to. */
export type Preparation = { status: 'prepared' } | { status: 'quarantined'; reason: string }

/** A verified proof of a part of a sequence. */
export interface ProvedSpan extends BatchRange {
  proof: BlobRef
}

/** A reference that the store no longer holds. The name is that of the failure that makes a workflow plan anew. */
export const BLOB_MISSING = 'BlobMissingError'
