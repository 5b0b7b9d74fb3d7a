import { setTimeout as delay } from 'node:timers/promises'
import { FatalError } from '../../protocol/base/errors.ts'
import type { Address } from '../../protocol/base/ranges.ts'
import type { ProofJob, Prover } from '../../protocol/proof/prover.ts'
import type { SrsIdentity } from '../../protocol/proof/srs.ts'
import { joinStatements, type Statement } from '../../protocol/proof/statement.ts'
import type { Stage } from '../../protocol/proof/task.ts'
import { fromFields } from '../statement-fields.ts'
import { finalProof, recursiveProof, SIMULATED_KEY_HASHES, SIMULATED_SRS, statementOf } from './proof-bytes.ts'

/** How long the stages of the real prover take, relative to each other (provers/README.md). */
const UNITS: Record<Stage, number> = { batch: 1, aggregate: 3, final: 2 }

/** A sequence of three batches takes two such provers nine units, about three seconds. */
const DEFAULT_UNIT_MS = 330

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
 * SIMULATED: proves nothing, takes time, and makes other bytes each time on purpose. For tests of load and of faults.
 * @param unitMs how long a batch proof takes; an aggregated one takes three times, a final one twice as long.
 */
export const createSimulatedProver = ({
  unitMs = DEFAULT_UNIT_MS,
}: {
  unitMs?: number
} = {}): Prover & {
  readonly srs: SrsIdentity
} => ({
  srs: SIMULATED_SRS,
  verificationKeyHashes: SIMULATED_KEY_HASHES,
  async prove(job, { signal, onProgress }) {
    const startedAt = performance.now()
    onProgress({ phase: 'pretending to prove' })
    await delay(UNITS[job.stage] * unitMs, undefined, { signal })
    const durationMs = Math.round(performance.now() - startedAt)
    return { proof: proofOf(job), durationMs, peakMemoryBytes: process.memoryUsage.rss() }
  },
})

function proofOf(job: ProofJob): Uint8Array {
  if (job.stage === 'batch') return recursiveProof('batch', fromFields(parseInput(job).statement))
  const joined = joinStatements(job.children.map((proof) => childStatement(job, proof)))
  return job.stage === 'aggregate' ? recursiveProof('aggregate', joined) : finalProof(joined, parseInput(job).miner)
}

function childStatement({ stage }: ProofJob, proof: Uint8Array): Statement {
  const statement = statementOf(proof)
  if (statement === undefined) throw new UnprovableJobError(stage, 'a child is no batch or aggregated proof')
  return statement
}

/** Inputs are the reference rollup's own: the batch circuit's arguments, and the miner for the final stage. */
function parseInput({ stage, input }: ProofJob): { statement: Parameters<typeof fromFields>[0]; miner: Address } {
  try {
    return JSON.parse(new TextDecoder().decode(input))
  } catch {
    throw new UnprovableJobError(stage, 'its input is no JSON')
  }
}
