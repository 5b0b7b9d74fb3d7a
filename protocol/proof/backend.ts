import type { z } from 'zod'
import type { Hex } from '../base/ranges.ts'
import type { ProofClaim, Prover } from './prover.ts'
import type { SrsIdentity } from './srs.ts'
import type { Stage } from './task.ts'

/** The aggregator's side of a backend: what says whether a proof is one. */
export interface ProofVerifier {
  readonly verificationKeyHashes: Record<Stage, Hex>
  readonly srs: SrsIdentity
  /**
   * Tells whether a proof proves what is claimed. It says no to anything malformed, and throws only when it could not
   * look.
   */
  verify(claim: ProofClaim): Promise<boolean>
}

/** A prover, and with which reference string its keys were made. */
export type BackendProver = Prover & { readonly srs: SrsIdentity }

/** Keys of a section of the configuration file, with the form of each one's value. */
type SectionKeys = Readonly<Record<string, z.ZodType>>

/** The keys that a backend adds to two sections of the configuration file. No two backends have one key. */
export interface BackendSettings {
  /** To `artifacts`: what aggregators and provers both need. */
  readonly artifacts: SectionKeys
  /** To `prover`. */
  readonly prover: SectionKeys
}

/**
 * What the keys of a section hold. zod takes an object without keys for one that may hold nothing, which joins no
 * other.
 */
type Said<Keys extends SectionKeys> = [keyof Keys] extends [never] ? object : z.output<z.ZodObject<Keys>>

/** What the configuration file says for a backend's verifier. */
export interface VerifierOptions<Settings extends BackendSettings> {
  /** Folder of the file: relative paths in it start here. It is absolute. */
  configFolder: string
  artifacts: Said<Settings['artifacts']>
}

/** What the configuration file says for a backend's prover. */
export interface ProverOptions<Settings extends BackendSettings> extends VerifierOptions<Settings> {
  prover: Said<Settings['prover']> & {
    /** Name that proofs, refusals and lists carry; unique among the miner's machines. */
    name: string
    /** Proofs that this machine makes at the same time. */
    concurrency: number
  }
}

/**
 * A way to make and to check proofs: the one object that a folder of provers/ exports.
 * @typeParam Circuits what it must be told of a kind's circuits: kinds that tell it can be proved by it.
 */
export interface ProofBackend<Circuits, Settings extends BackendSettings> {
  readonly name: string
  readonly settings: Settings
  /** @throws FatalError when what it needs isn't there. */
  createVerifier(circuits: Circuits, options: VerifierOptions<Settings>): Promise<ProofVerifier>
  /** @throws FatalError when what it needs isn't there. */
  createProver(circuits: Circuits, options: ProverOptions<Settings>): Promise<BackendProver>
}
