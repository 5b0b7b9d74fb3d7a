import { flushCompileCache } from 'node:module'
import { Client } from '@temporalio/client'
import type { NativeConnection, WorkerOptions, WorkflowBundleOption } from '@temporalio/worker'
import type { Logger } from 'pino'
import type { RollupContext } from '../activities/context.ts'
import { UnknownRollupError } from '../activities/errors.ts'
import { createTrustedActivities } from '../activities/trusted-activities.ts'
import type { AggregatorConfig } from '../config/types.ts'
import { createFolderArchive } from '../db/archive/archive.ts'
import { messageOf } from '../protocol/base/errors.ts'
import { AGGREGATOR_TASK_QUEUE, PREPARATION_TASK_QUEUE } from '../protocol/temporal/ids.ts'
import { failureInterceptor } from './failure-interceptor.ts'
import { createRollupContexts } from './kinds/rollup-contexts.ts'
import { createLog } from './log.ts'
import { type Opened, openLazily } from './opened.ts'
import { runChecks, startBlocker } from './preflight/checks.ts'
import { createTogether, runTogether } from './run-together.ts'
import { hearStop } from './stop-signals.ts'
import { startAnew, tellStart, untilStarted, watchSuspension } from './suspension.ts'
import { connectWorker, installRuntime } from './temporal/connect-worker.ts'
import { ensureWorkflows, keepWorkflows } from './temporal/ensure-workflows.ts'
import { FAILING_ERRORS } from './temporal/heal-workflows.ts'
import { releaseRuns } from './temporal/release-runs.ts'
import { workflowBundle } from './temporal/workflow-bundle.ts'

/**
 * Sequences that are prepared at a time: of each rollup one works, and the others wait for it without keeping those of
 * other rollups waiting.
 */
const MAX_PREPARATIONS = 64

const LEVEL_OF = { ok: 'info', warning: 'warn', failed: 'error' } as const

/**
 * Runs the miner's aggregator: workflows and trusted activities. It checks everything that can be wrong before it
 * starts, makes sure that the chain, rollup and sender workflows run, and resolves after a graceful shutdown.
 * @throws FatalError that says what to correct.
 */
export async function runAggregator(config: AggregatorConfig): Promise<void> {
  const log = createLog(config.logging.level, 'aggregator')
  tellStart(log)
  installRuntime(log)
  const { stop, forget } = hearStop()
  const opened = await untilStarted(log, stop, () => openChecked(config, log)).finally(forget)
  try {
    if (!stop.aborted) await serve(config, opened, log)
  } finally {
    await opened.close()
  }
}

/** Opens everything, and closes it again where something keeps a start back. @throws FatalError | RetryableError */
async function openChecked(config: AggregatorConfig, log: Logger): Promise<Opened<NativeConnection>> {
  const opened = openLazily(config, { applicationName: 'zkpow-aggregator', connectTemporal: connectWorker })
  const released = releaseAtOnce(config, opened)
  try {
    const checks = await runChecks(config, opened, ({ about, status, text }) => log[LEVEL_OF[status]]({ about }, text))
    const blocker = startBlocker(checks)
    if (blocker !== undefined) throw blocker
    await released
    return opened
  } catch (error) {
    await released // its calls must not be under way when their connection is closed
    await opened.close()
    throw error
  }
}

/** Lets go of runs while the checks go on: each moment of them, workflows are told of something. It never rejects. */
async function releaseAtOnce({ temporal }: AggregatorConfig, opened: Opened<NativeConnection>): Promise<void> {
  const connection = await opened.temporal().catch(() => null) // the check of it says why
  if (connection !== null) await releaseRuns(new Client({ connection, namespace: temporal.namespace }))
}

/** Works until the process is told to stop. */
async function serve(config: AggregatorConfig, opened: Opened<NativeConnection>, log: Logger): Promise<void> {
  const [db, connection] = [opened.database(), await opened.temporal()]
  const temporal = new Client({ connection, namespace: config.temporal.namespace })
  const { rollups, senders } = await createRollupContexts(config, opened)
  const archive = createFolderArchive(config.archiveFolder)
  const served = {
    chainIds: [...new Set(rollups.map((rollup) => rollup.chainId))],
    rollups: rollups.map((rollup) => rollup.name),
    accounts: senders.map(({ chainId, account }) => ({ chainId, account: account.address })),
  }
  // This comes first: a worker that is made and never runs doesn't let go of the connection, and this may fail.
  await ensureWorkflows(temporal, served)
  const activities = createTrustedActivities({ db, archive, temporal, rollups, senders, rollupOf: findIn(rollups) })
  const shared = { connection, namespace: config.temporal.namespace, activities }
  const workers = await createTogether(workersOptions(shared, await workflowBundle()))
  log.info({ rollups: rollups.map((rollup) => rollup.name) }, 'aggregator is ready')
  flushCompileCache() // it comes now: whoever is killed keeps nothing at its end
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
}

/** Makes the options of the worker of workflows and activities, and of that of preparations. */
function workersOptions(
  shared: Pick<WorkerOptions, 'connection' | 'namespace' | 'activities'>,
  workflowBundle: WorkflowBundleOption,
): WorkerOptions[] {
  const options: WorkerOptions = {
    ...{ ...shared, taskQueue: AGGREGATOR_TASK_QUEUE },
    // It is as often as activities beat: four beats may be late before one is given up.
    maxHeartbeatThrottleInterval: '2 seconds',
    shutdownGraceTime: '5 seconds', // a pass that has signed something gets to broadcast it
    shutdownForceTime: '30 seconds',
    interceptors: { activity: [() => ({ inbound: failureInterceptor() })] },
  }
  return [
    { ...options, workflowBundle, workflowFailureErrorTypes: FAILING_ERRORS },
    { ...options, taskQueue: PREPARATION_TASK_QUEUE, maxConcurrentActivityTaskExecutions: MAX_PREPARATIONS },
  ]
}

const findIn = (rollups: RollupContext[]) => (name: string) => {
  const rollup = rollups.find((one) => one.name === name)
  if (rollup === undefined) throw new UnknownRollupError(name)
  return rollup
}
