import type { ProofClaim } from '../../protocol/proof/prover.ts'
import type { RollupKind } from '../../protocol/proof/rollup-kind.ts'
import { finalTag, recursiveTag, SIMULATED_KEY_HASHES, SIMULATED_SRS, startsWith } from './proof-bytes.ts'

/** SIMULATED: checks that a proof is bound to the claim, as a real one is. Anybody can make such proofs. */
export const createSimulatedVerifier = (): Pick<RollupKind, 'verificationKeyHashes' | 'srs' | 'verify'> => ({
  verificationKeyHashes: SIMULATED_KEY_HASHES,
  srs: SIMULATED_SRS,
  verify: async (claim) => startsWith(claim.proof, tagOf(claim)),
})

const tagOf = (claim: ProofClaim): Uint8Array =>
  claim.stage === 'final' ? finalTag(claim.statement, claim.miner) : recursiveTag(claim.stage, claim.statement)
