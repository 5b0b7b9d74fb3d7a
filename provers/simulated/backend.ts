import type { ProofBackend } from '../../protocol/proof/backend.ts'
import type { SimulatedCircuits } from './circuits.ts'
import { createSimulatedProver } from './prover.ts'
import { createSimulatedVerifier } from './verifier.ts'

/** It asks for nothing. */
const settings = { artifacts: {}, prover: {} }

/** **Simulated**: proves nothing. For tests of load and of faults. */
export const simulated: ProofBackend<SimulatedCircuits, typeof settings> = {
  name: 'simulated',
  settings,
  createVerifier: async (circuits) => createSimulatedVerifier({ circuits }),
  createProver: async (circuits) => createSimulatedProver({ circuits }),
}
