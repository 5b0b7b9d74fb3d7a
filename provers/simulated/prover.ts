import { setTimeout as delay } from 'node:timers/promises'
import { FatalError } from '../../protocol/base/errors.ts'
import type { BackendProver } from '../../protocol/proof/backend.ts'
import type { ProofJob } from '../../protocol/proof/prover.ts'
import { joinStatements, type Statement } from '../../protocol/proof/statement.ts'
import type { Stage } from '../../protocol/proof/task.ts'
import type { SimulatedCircuits } from './circuits.ts'
import { finalProof, recursiveProof, SIMULATED_KEY_HASHES, SIMULATED_SRS, statementOf } from './proof-bytes.ts'

/**
 * Times that hold unless others are given, ms: those of the real prover's stages, relative to each other. A sequence of
 * three batches takes two such provers about three seconds.
 */
const DEFAULT_STAGE_MS: Record<Stage, number> = { batch: 330, aggregate: 990, final: 660 }

export class UnprovableJobError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-SIMULATED-UNPROVABLE',
    happened: "The job can't be one of the simulated prover.",
    remedy: 'prepare the sequence anew.',
  }
  override readonly name = 'UnprovableJobError'

  constructor(stage: Stage, what: string) {
    super(`The simulated prover can't make this ${stage} proof: ${what}.`)
  }
}

/**
 * SIMULATED: proves nothing, takes time, and makes other bytes each time on purpose. It is for tests of load and of
 * faults.
 * @param stageMs how long a proof of each stage takes.
 */
export const createSimulatedProver = ({
  circuits,
  stageMs = DEFAULT_STAGE_MS,
}: {
  circuits: SimulatedCircuits
  stageMs?: Record<Stage, number>
}): BackendProver => ({
  srs: SIMULATED_SRS,
  verificationKeyHashes: SIMULATED_KEY_HASHES,
  async prove(job, { signal, onProgress }) {
    const startedAt = performance.now()
    onProgress({ phase: 'pretending to prove' })
    await delay(stageMs[job.stage], undefined, { signal })
    const durationMs = Math.round(performance.now() - startedAt)
    return { proof: proofOf(job, circuits), durationMs, peakMemoryBytes: process.memoryUsage.rss() }
  },
})

function proofOf(job: ProofJob, circuits: SimulatedCircuits): Uint8Array {
  if (job.stage === 'batch') return recursiveProof('batch', readInput(job, circuits.batchStatement))
  const statement = joinStatements(job.children.map((proof) => childStatement(job, proof)))
  if (job.stage === 'aggregate') return recursiveProof('aggregate', statement)
  return finalProof(circuits.finalPublicInput({ statement, miner: readInput(job, circuits.finalMiner) }))
}

function childStatement({ stage }: ProofJob, proof: Uint8Array): Statement {
  const statement = statementOf(proof)
  if (statement === undefined) throw new UnprovableJobError(stage, 'a child is no batch or aggregated proof')
  return statement
}

function readInput<T>({ stage, input }: ProofJob, read: (input: Uint8Array) => T): T {
  try {
    return read(input)
  } catch {
    throw new UnprovableJobError(stage, "its input is none of its kind's")
  }
}
