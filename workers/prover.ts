import { flushCompileCache } from 'node:module'
import { createProverActivities } from '../activities/prover/prove.ts'
import type { ProverConfig } from '../config/types.ts'
import { assertMigrated } from '../db/deployment/migrate.ts'
import { proverTaskQueue } from '../protocol/temporal/ids.ts'
import { openStores } from './connections.ts'
import { failureInterceptor } from './failure-interceptor.ts'
import { assertConfiguredSrs } from './kinds/configured-srs.ts'
import { kindFactory } from './kinds/kinds.ts'
import { createLog } from './log.ts'
import { checkNamespace } from './preflight/check-temporal.ts'
import { createTogether, runTogether } from './run-together.ts'
import { connectWorker, installRuntime } from './temporal/connect-worker.ts'

/**
 * Runs a miner's machine, which polls the task queues of its kinds and makes proofs. It holds neither the miner's key
 * nor a database login that could change anything. It resolves after a graceful shutdown.
 * @throws FatalError | RetryableError that says what to correct: a prover that can't work must not take tasks.
 */
export async function runProver(config: ProverConfig): Promise<void> {
  const log = createLog(config.logging.level, config.prover.name)
  installRuntime(log)
  const stores = openStores(config, { applicationName: config.prover.name, connectTemporal: connectWorker })
  try {
    const connection = await stores.temporal()
    await checkNamespace(connection, config.temporal)
    const db = stores.database()
    await assertMigrated(db)
    const provers = await createProvers(config)
    const activities = createProverActivities({ name: config.prover.name, provers, db })
    const workers = await createTogether(
      taskQueues(config.prover).map((taskQueue) => ({
        connection,
        namespace: config.temporal.namespace,
        taskQueue,
        activities,
        identity: config.prover.name,
        maxConcurrentActivityTaskExecutions: config.prover.concurrency,
        maxHeartbeatThrottleInterval: '5 seconds', // a cancellation is heard within this time, too
        shutdownGraceTime: 0, // a proof can't be cut in pieces: its task goes to another machine at once
        shutdownForceTime: '30 seconds',
        interceptors: { activity: [() => ({ inbound: failureInterceptor() })] },
      })),
    )
    log.info({ kinds: config.prover.kinds, concurrency: config.prover.concurrency }, 'prover is ready')
    flushCompileCache() // it comes now: whoever is killed keeps nothing at its end
    await runTogether(workers)
  } finally {
    await stores.close()
  }
}

/** Names the task queues. A large machine serves the ordinary one too, because what needs it is rare. */
const taskQueues = ({ kinds, machine }: ProverConfig['prover']): string[] =>
  kinds.flatMap((kind) =>
    machine === 'large' ? [proverTaskQueue(kind), proverTaskQueue(kind, 'large')] : [proverTaskQueue(kind)],
  )

async function createProvers(config: ProverConfig) {
  const create = async (kind: string) => {
    const prover = await kindFactory(kind).createProver(config)
    assertConfiguredSrs(config.srs, prover.srs)
    return [kind, prover] as const
  }
  return Object.fromEntries(await Promise.all(config.prover.kinds.map(create)))
}
