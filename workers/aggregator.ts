import { Client } from '@temporalio/client'
import { Worker, type WorkerOptions } from '@temporalio/worker'
import type { Logger } from 'pino'
import type { RollupContext } from '../activities/context.ts'
import { UnknownRollupError } from '../activities/errors.ts'
import { createTrustedActivities } from '../activities/trusted-activities.ts'
import type { AggregatorConfig } from '../config/types.ts'
import { createFolderArchive } from '../db/archive/archive.ts'
import { connect } from '../db/connection/connect.ts'
import { messageOf } from '../protocol/base/errors.ts'
import { AGGREGATOR_TASK_QUEUE, PREPARATION_TASK_QUEUE } from '../protocol/temporal/ids.ts'
import { failureInterceptor } from './failure-interceptor.ts'
import { createRollupContexts } from './kinds/rollup-contexts.ts'
import { createLog } from './log.ts'
import { runChecks, startBlocker } from './preflight/checks.ts'
import { runTogether } from './run-together.ts'
import { startAnew, untilStarted, watchSuspension } from './suspension.ts'
import { connectWorker, installRuntime, workflowBundle } from './temporal/connect-worker.ts'
import { ensureWorkflows, keepWorkflows } from './temporal/ensure-workflows.ts'
import { FAILING_ERRORS } from './temporal/heal-workflows.ts'

/**
 * Sequences that are prepared at a time: of each rollup one works, and the others wait for it without keeping those of
 * other rollups waiting.
 */
const MAX_PREPARATIONS = 64

const LEVEL_OF = { ok: 'info', warning: 'warn', failed: 'error' } as const

/**
 * The miner's aggregator: workflows and trusted activities. Checks everything that can be wrong before it starts, makes
 * sure that the chain, rollup and sender workflows run, and resolves after a graceful shutdown.
 * @throws FatalError that says what to correct.
 */
export async function runAggregator(config: AggregatorConfig): Promise<void> {
  const log = createLog(config.logging.level, 'aggregator')
  installRuntime(log)
  await untilStarted(log, () => checkStart(config, log))
  const database = connect(config.database.url.reveal(), {
    maxConnections: config.database.poolSize,
    applicationName: 'zkpow-aggregator',
  })
  const connection = await connectWorker(config.temporal)
  try {
    const temporal = new Client({ connection, namespace: config.temporal.namespace })
    const { rollups, senders } = await createRollupContexts(config, database.db)
    const archive = createFolderArchive(config.archiveFolder)
    const served = {
      chainIds: [...new Set(rollups.map((rollup) => rollup.chainId))],
      rollups: rollups.map((rollup) => rollup.name),
      accounts: senders.map(({ chainId, account }) => ({ chainId, account: account.address })),
    }
    // First: a connection that a worker refers to can't be closed when this fails.
    await ensureWorkflows(temporal, served)
    const activities = createTrustedActivities({
      db: database.db,
      archive,
      temporal,
      rollups,
      senders,
      rollupOf: findIn(rollups),
    })
    const options: WorkerOptions = {
      ...{ connection, namespace: config.temporal.namespace, taskQueue: AGGREGATOR_TASK_QUEUE, activities },
      // as often as activities beat: four beats may be late before one is given up
      maxHeartbeatThrottleInterval: '2 seconds',
      shutdownGraceTime: '5 seconds', // a pass that has signed something gets to broadcast it
      shutdownForceTime: '30 seconds',
      interceptors: { activity: [() => ({ inbound: failureInterceptor() })] },
    }
    const workers = [
      await Worker.create({
        ...options,
        workflowBundle: await workflowBundle(),
        workflowFailureErrorTypes: FAILING_ERRORS,
      }),
      await Worker.create({
        ...options,
        taskQueue: PREPARATION_TASK_QUEUE,
        maxConcurrentActivityTaskExecutions: MAX_PREPARATIONS,
      }),
    ]
    log.info({ rollups: rollups.map((rollup) => rollup.name) }, 'aggregator is ready')
    const ended = new AbortController()
    const kept = keepWorkflows(temporal, served, {
      signal: ended.signal,
      onFailure: (error) => log.warn(`can't see whether the workflows run: ${messageOf(error)}`),
      onLost: ({ workflowId, runId, why }) =>
        log.warn({ workflowId, runId }, `a workflow was lost and is started again: ${why}`),
    })
    const unwatch = watchSuspension((lateMs) => {
      if (workers.every((worker) => worker.getState() === 'RUNNING')) startAnew(log, lateMs) // else it ends by itself
    })
    await runTogether(workers).finally(() => ended.abort())
    unwatch()
    await kept
  } finally {
    await connection.close()
    await database.close()
  }
}

/** @throws FatalError | RetryableError */
async function checkStart(config: AggregatorConfig, log: Logger): Promise<void> {
  const checks = await runChecks(config, ({ about, status, text }) => log[LEVEL_OF[status]]({ about }, text))
  const blocker = startBlocker(checks)
  if (blocker !== undefined) throw blocker
}

const findIn = (rollups: RollupContext[]) => (name: string) => {
  const rollup = rollups.find((one) => one.name === name)
  if (rollup === undefined) throw new UnknownRollupError(name)
  return rollup
}
