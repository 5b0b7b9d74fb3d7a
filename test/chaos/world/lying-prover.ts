import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { Worker } from '@temporalio/worker'
import { createProverActivities } from '../../../activities/prover/prove.ts'
import { loadProverConfig } from '../../../config/load.ts'
import { connect } from '../../../db/connection/connect.ts'
import { UPLOAD_BYTES_LIMIT } from '../../../db/proofs/uploads.ts'
import { paymentsCircuits } from '../../../kinds/payments/circuits.ts'
import type { Prover } from '../../../protocol/proof/prover.ts'
import { proverTaskQueue } from '../../../protocol/temporal/ids.ts'
import { createSimulatedProver } from '../../../provers/simulated/prover.ts'
import { failureInterceptor } from '../../../workers/failure-interceptor.ts'
import { createLog } from '../../../workers/log.ts'
import { connectWorker, installRuntime } from '../../../workers/temporal/connect-worker.ts'

/** What it returns instead of a proof, in turn. */
const LIES: ((proof: Uint8Array) => Uint8Array)[] = [
  (proof) => randomBytes(proof.length),
  (proof) => proof.subarray(0, 16),
  (proof) => Buffer.concat([randomBytes(32), proof.subarray(32)]), // it is of another statement, or another miner's
  () => randomBytes(UPLOAD_BYTES_LIMIT + 2 ** 20), // Postgres would never take it
  () => new Uint8Array(),
  () => randomBytes(1_000_000),
]

/** Runs a prover with a login and a wish to do harm: it takes tasks as fast as it can, and proves nothing. */
async function runLyingProver(configFile: string, name: string): Promise<void> {
  const config = await loadProverConfig(configFile, process.env, { name })
  installRuntime(createLog('info', name))
  const database = connect(config.database.url.reveal(), { maxConnections: 2, applicationName: name })
  const honest = createSimulatedProver({ circuits: paymentsCircuits, stageMs: { batch: 1, aggregate: 1, final: 1 } })
  let lies = 0
  const prove: Prover['prove'] = async (job, options) => {
    const made = await honest.prove(job, options)
    lies += 1
    return { ...made, proof: LIES[lies % LIES.length]?.(made.proof) ?? made.proof }
  }
  const provers = Object.fromEntries(config.prover.kinds.map((kind) => [kind, { ...honest, prove }]))
  const worker = await Worker.create({
    connection: await connectWorker(config.temporal),
    namespace: config.temporal.namespace,
    taskQueue: proverTaskQueue(config.prover.kinds[0] ?? ''),
    activities: createProverActivities({ name, provers, db: database.db, handBackAfterMs: 1_000 }),
    identity: name,
    maxConcurrentActivityTaskExecutions: 1,
    // Its failures are told as an honest one's are.
    interceptors: { activity: [() => ({ inbound: failureInterceptor() })] },
  })
  await worker.run()
}

const { values } = parseArgs({ options: { config: { type: 'string' }, name: { type: 'string' } } })
await runLyingProver(values.config ?? '', values.name ?? 'liar')
