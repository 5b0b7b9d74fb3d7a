import { fileURLToPath } from 'node:url'
import { Context } from '@temporalio/activity'
import { Client, Connection } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkflowBundle,
} from '@temporalio/worker'
import { withHeartbeats } from '../../activities/heartbeats.ts'
import { takeTurn } from '../../activities/proof/accept-and-open.ts'
import { createStartSequences } from '../../activities/rollup/start-sequences.ts'
import { createEnsureProving } from '../../activities/sequence/ensure-proving.ts'
import type { StoreTurn } from '../../protocol/proof/request.ts'
import type { ProverActivities, TrustedActivities } from '../../protocol/temporal/activities.ts'
import {
  AGGREGATOR_TASK_QUEUE,
  type Machine,
  PREPARATION_TASK_QUEUE,
  proverTaskQueue,
} from '../../protocol/temporal/ids.ts'
import { FAILING_ERRORS } from '../../workers/temporal/heal-workflows.ts'

/** Where the workers of a test file poll. */
export interface Place {
  address: string
  namespace: string
  /** How often heartbeats are sent. @default 200 ms, so that a cancellation is heard at once */
  heartbeatThrottle?: '2 seconds'
  /** Modules of interceptors for the workflows. */
  interceptors?: string[]
}

/**
 * Workers of a test file: the workflows with faked trusted activities on the aggregator's queue, and provers of any
 * kind.
 */
export interface Harness {
  client: Client
  workflowBundle: WorkflowBundle
  /** Fakes what workflows of this rollup (or, for senders and watchers, of this chain id) ask. */
  serve(key: string | number, fakes: Partial<TrustedActivities>): void
  /** Polls the provers' queue of a kind. */
  startProver(
    kind: string,
    prove: ProverActivities['prove'],
    options?: { concurrency?: number; machine?: Machine; identity?: string },
  ): Promise<{ stop(): Promise<void> }>
  close(): Promise<void>
}

/** Recorded histories would otherwise name the machine. */
const IDENTITY = 'test'

const ACTIVITIES = [
  'prepareSequence',
  'findProvedSpans',
  'openTask',
  'acceptProof',
  'acceptAndOpen',
  'quarantineTask',
  'hasBegun',
  'hasLargeProver',
  'hasOtherProver',
  'lookAtSequence',
  'findHold',
  'handIntent',
  'ensureProving',
  'advanceSender',
  'openStake',
  'surveyRollup',
  'startSequences',
  'watchChain',
  'changeHold',
  'hurryTransactions',
] as const satisfies (keyof TrustedActivities)[]

/** Bundles the workflows as a worker runs them. */
export const bundleWorkflows = (workflowInterceptorModules: string[] = []): Promise<WorkflowBundle> =>
  bundleWorkflowCode({
    workflowInterceptorModules,
    workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)),
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error },
  })

/**
 * Silences the workers, which would tell of every failure that a test asks for. It must come before anything of
 * Temporal's.
 */
export const installQuietRuntime = () =>
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'OFF', forward: {} } } })

/** Starts the workflows' worker. `close` ends all workers and connections. */
export async function startHarness({ address, namespace, heartbeatThrottle, interceptors }: Place): Promise<Harness> {
  const connection = await NativeConnection.connect({ address })
  const channelArgs = { 'grpc.max_receive_message_length': -1 } // some histories are made long on purpose
  const client = new Client({
    connection: await Connection.connect({ address, channelArgs }),
    namespace,
    identity: IDENTITY,
  })
  const fakes = new Map<string, Partial<TrustedActivities>>()
  const connections = [connection]
  const workers: { stop(): Promise<void> }[] = []
  const workflowBundle = await bundleWorkflows(interceptors)
  const worker = await Worker.create({
    ...{ connection, namespace, taskQueue: AGGREGATOR_TASK_QUEUE, identity: IDENTITY },
    workflowBundle,
    activities: withHeartbeats(Object.fromEntries(ACTIVITIES.map((name) => [name, (p: object) => answer(name, p)]))),
    maxHeartbeatThrottleInterval: heartbeatThrottle ?? '200 ms',
    workflowFailureErrorTypes: FAILING_ERRORS,
  })
  const preparer = await Worker.create({
    ...{ connection, namespace, taskQueue: PREPARATION_TASK_QUEUE, identity: IDENTITY },
    activities: withHeartbeats({ prepareSequence: (p: object) => answer('prepareSequence', p) }),
    maxHeartbeatThrottleInterval: heartbeatThrottle ?? '200 ms',
  })
  workers.push(run(worker), run(preparer))

  return {
    client,
    workflowBundle,
    serve: (key, given) => void fakes.set(`${key}`, given),
    async startProver(kind, prove, { concurrency = 20, machine = 'standard', identity = IDENTITY } = {}) {
      // One connection takes one worker of a queue.
      const own = identity === IDENTITY ? connection : await NativeConnection.connect({ address })
      if (own !== connection) connections.push(own)
      const prover = await Worker.create({
        ...{ connection: own, namespace, taskQueue: proverTaskQueue(kind, machine), identity },
        activities: { prove },
        maxConcurrentActivityTaskExecutions: concurrency,
        maxHeartbeatThrottleInterval: '200 ms',
      })
      const running = run(prover)
      workers.push(running)
      return running
    },
    async close() {
      await Promise.all(workers.map((one) => one.stop()))
      await Promise.all(connections.map((one) => one.close()))
      await client.connection.close()
    },
  }

  function answer(name: keyof TrustedActivities, p: object): Promise<unknown> {
    const given: Partial<TrustedActivities> = {
      startSequences: createStartSequences({ temporal: client }),
      ensureProving: createEnsureProving({ temporal: client }),
      ...fakes.get(keyOf(p)),
    }
    const { acceptProof, openTask } = given
    if (acceptProof !== undefined && openTask !== undefined)
      given.acceptAndOpen ??= (turn) => takeTurn(turn, { acceptProof, openTask })
    const fake = given[name] as ((p: object) => Promise<unknown>) | undefined
    if (fake === undefined) throw ApplicationFailure.nonRetryable(`nobody fakes ${name} for ${keyOf(p)}`)
    return fake(p)
  }
}

function run(worker: Worker): { stop(): Promise<void> } {
  const running = worker.run()
  running.catch(() => {}) // whoever stops it hears of it
  return {
    async stop() {
      if (worker.getState() === 'RUNNING') worker.shutdown()
      await running
    },
  }
}

interface Parameter {
  rollup?: string
  chainId?: number
  sequence?: { rollup: string }
  request?: { sequence: { rollup: string } }
}

/** Takes a part for the whole: a turn at the stores names its rollup in each of its parts. */
const asOne = (p: Parameter & Partial<StoreTurn>): Parameter => p.accept?.[0] ?? p.open?.[0] ?? p

/** Tells whose fakes answer a call. What names no rollup is asked by a workflow that its id names after one. */
function keyOf(parameter: object): string {
  const { rollup, chainId, sequence, request } = asOne(parameter)
  // What names a chain is the business of a chain or a sender, also where it is about one rollup.
  if (chainId !== undefined) return `${chainId}`
  const asker = () => Context.current().info.workflowExecution?.workflowId.split('/')[1]
  return rollup ?? sequence?.rollup ?? request?.sequence.rollup ?? `${asker()}`
}
