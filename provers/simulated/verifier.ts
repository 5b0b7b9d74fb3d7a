import type { ProofVerifier } from '../../protocol/proof/backend.ts'
import type { ProofClaim } from '../../protocol/proof/prover.ts'
import type { SimulatedCircuits } from './circuits.ts'
import { finalTag, recursiveTag, SIMULATED_KEY_HASHES, SIMULATED_SRS, startsWith } from './proof-bytes.ts'

/** SIMULATED: checks that a proof is bound to the claim, as a real one is. Anybody can make such proofs. */
export const createSimulatedVerifier = ({ circuits }: { circuits: SimulatedCircuits }): ProofVerifier => ({
  verificationKeyHashes: SIMULATED_KEY_HASHES,
  srs: SIMULATED_SRS,
  verify: async (claim) => startsWith(claim.proof, tagOf(claim, circuits)),
})

const tagOf = (claim: ProofClaim, { finalPublicInput }: SimulatedCircuits): Uint8Array =>
  claim.stage === 'final' ? finalTag(finalPublicInput(claim)) : recursiveTag(claim.stage, claim.statement)
