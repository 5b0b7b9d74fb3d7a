import type { Address, Hex } from '../base/ranges.ts'
import type { Statement } from './statement.ts'
import type { Stage } from './task.ts'

/** What a prover backend is asked to make. Bytes are opaque to everything but the backend and its kind. */
export interface ProofJob {
  stage: Stage
  /** The stage's own input. It is empty where a stage has none. */
  input: Uint8Array
  /** Proofs to join or to wrap, from left to right. */
  children: Uint8Array[]
}

/**
 * How far a proof is: a phase that reads well in the Web UI, and a fraction from 0 to 1 where the backend knows one.
 */
export interface ProvingProgress {
  phase: string
  fraction?: number
}

/** A finished proof and what it cost. */
export interface MadeProof {
  proof: Uint8Array
  /** Wall-clock time, ms. */
  durationMs: number
  /** Highest resident memory of the processes that made it, bytes. */
  peakMemoryBytes: number
}

/** A proof backend: real recursive proofs, a zkEVM prover behind gRPC, or a simulated one for load tests. */
export interface Prover {
  /** Hash of the verification key per stage. */
  readonly verificationKeyHashes: Record<Stage, Hex>
  /** @throws when `signal` aborts: the proving processes have ended by then. */
  prove(
    job: ProofJob,
    options: { signal: AbortSignal; onProgress(progress: ProvingProgress): void },
  ): Promise<MadeProof>
}

/**
 * What is checked before anything is built on a proof. The statement comes from the caller, never from the proof's
 * bytes.
 */
export type ProofClaim =
  | { stage: 'batch' | 'aggregate'; statement: Statement; proof: Uint8Array }
  | { stage: 'final'; statement: Statement; miner: Address; proof: Uint8Array }
