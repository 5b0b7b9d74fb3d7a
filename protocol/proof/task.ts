import { sha256, stringToBytes } from 'viem/utils'
import type { Address, BatchRange, Hex } from '../base/ranges.ts'
import type { Statement } from './statement.ts'

/** The stages of proving, in the order of the data. */
export const STAGES = ['batch', 'aggregate', 'final'] as const
export type Stage = (typeof STAGES)[number]

/** Temporal priority keys, of which 1 is the most urgent. What is nearest to a settled sequence comes first. */
export const STAGE_PRIORITY: Record<Stage, number> = { final: 1, aggregate: 2, batch: 3 }

/** Reference to bytes in the proof store. The bytes never enter a workflow's history. */
export interface BlobRef {
  /** sha256 of the bytes, `0x` and 64 hex digits. */
  sha256: Hex
  /** Size in bytes. */
  size: number
}

/**
 * What a proof says, and under which key. Two proofs with one identity are interchangeable, whatever tree made them.
 */
export interface ProofIdentity {
  /** Base chain of the rollup's contract. */
  chainId: number
  contract: Address
  stage: Stage
  statement: Statement
  /** Hash of the verification key. Another circuit or another SRS is another identity. */
  verificationKeyHash: Hex
  /** Only for the final stage, and only of kinds whose proof names the miner. */
  miner: Address | null
}

/** One unit of work for a prover machine: references only. */
export interface ProofTask extends BatchRange {
  /** Identity as a hash: see {@link proofTaskId}. */
  id: Hex
  rollup: string
  kind: string
  stage: Stage
  verificationKeyHash: Hex
  /** The stage's own input, if it has one. */
  input: BlobRef | null
  /** Proofs that are joined or wrapped, from left to right. */
  children: BlobRef[]
  /**
   * Provers that don't get this task. They returned an invalid proof for it, or they failed it and others may take it.
   */
  excludedProvers: string[]
}

/** What a prover reports: a reference to the bytes that it uploaded, and what they cost. */
export interface ProofUpload extends BlobRef {
  prover: string
  /** Wall-clock time of proving, ms. */
  durationMs: number
  /** Highest resident memory of the proving processes, bytes. */
  peakMemoryBytes: number
}

/** How a prover failed a task, as evidence for an operator. */
export interface ProverFailure {
  /** As the prover calls itself. */
  prover: string
  /** The prover's words, or what was found wrong with its proof. They are bounded and on one line. */
  why: string
  times: number
  /** When the aggregator last learned of it, ISO text. */
  at: string
}

/** Hashes a proof's identity, the key of tasks, uploads and proofs in the database. */
export function proofTaskId(identity: ProofIdentity): Hex {
  const s = identity.statement
  // This is a fixed array, because the order of an object's keys is nobody's promise.
  const canonical = JSON.stringify([
    identity.chainId,
    identity.contract.toLowerCase(),
    identity.stage,
    [
      s.oldStateRoot,
      s.newStateRoot,
      s.oldAccInputHash,
      s.newAccInputHash,
      s.oldBatchNum,
      s.newBatchNum,
      s.chainId,
      s.forkId,
    ],
    identity.verificationKeyHash,
    identity.miner?.toLowerCase() ?? null,
  ])
  return sha256(stringToBytes(canonical))
}
