import { integer, section } from '../../protocol/base/fields.ts'
import type { ProofBackend } from '../../protocol/proof/backend.ts'
import type { SimulatedCircuits } from './circuits.ts'
import { createSimulatedProver } from './prover.ts'
import { createSimulatedVerifier } from './verifier.ts'

const DAY_MS = 86_400_000
const stageMs = integer(0, DAY_MS)

const settings = {
  artifacts: {},
  prover: { simulated: section({ batchMs: stageMs, aggregateMs: stageMs, finalMs: stageMs }).optional() },
}

/** **Simulated**: proves nothing. It is for tests of load and of faults. */
export const simulated: ProofBackend<SimulatedCircuits, typeof settings> = {
  name: 'simulated',
  settings,
  createVerifier: async (circuits) => createSimulatedVerifier({ circuits }),
  createProver: async (circuits, { prover: { simulated: times } }) => {
    if (times === undefined) return createSimulatedProver({ circuits })
    const stageMs = { batch: times.batchMs, aggregate: times.aggregateMs, final: times.finalMs }
    return createSimulatedProver({ circuits, stageMs })
  },
}
