import { Client, Connection } from '@temporalio/client'
import { NativeConnection, Worker } from '@temporalio/worker'
import { expect, onTestFinished, test, vi } from 'vitest'
import { withHeartbeats } from '../../activities/heartbeats.ts'
import { createStartSequences } from '../../activities/rollup/start-sequences.ts'
import { formatRange } from '../../protocol/base/ranges.ts'
import type { StartedSequence } from '../../protocol/rollup/survey.ts'
import type { SubmissionActivities } from '../../protocol/temporal/activities.ts'
import { AGGREGATOR_TASK_QUEUE, senderWorkflowId } from '../../protocol/temporal/ids.ts'
import { WORKFLOW_TYPES } from '../../protocol/temporal/workflow-inputs.ts'
import { LATER } from '../support/patience.ts'
import { createTestNamespace } from '../support/temporal.ts'
import { look, MINER, sequenceRef, setting } from './fakes.ts'
import { bundleWorkflows, installQuietRuntime } from './harness.ts'

/** As many as one block may wake. */
const LOOKS = 500

/**
 * The server keeps a queue in four partitions and their order in each: a worker of one slot may draw a few looks from
 * others before.
 */
const FEW = 20

test('the pass of an owed proof, and the look of a sequence whose hash is out, come before 500 looks', async () => {
  const { client, run } = await scene()
  const workflows = await run({ workflowBundle: await bundleWorkflows() })
  const start = createStartSequences({ temporal: client })
  const sequences = Array.from({ length: LOOKS }, (_, i) => started(i + 1, false))
  await start({ rollup: 'all', sequences, setting: setting('nobody') })
  const queued = async () =>
    (
      await client.workflowService.describeTaskQueue({
        ...{
          namespace: client.options.namespace,
          taskQueue: { name: AGGREGATOR_TASK_QUEUE },
          taskQueueType: 2,
          reportStats: true,
        },
      })
    ).stats?.approximateBacklogCount
  await vi.waitUntil(async () => Number(await queued()) === LOOKS, LATER)
  await start({ rollup: 'all', sequences: [started(LOOKS + 1, true)], setting: setting('nobody') })
  await client.workflow.start(WORKFLOW_TYPES.sender, {
    ...{ workflowId: senderWorkflowId(31337, MINER), taskQueue: AGGREGATOR_TASK_QUEUE },
    args: [{ chainId: 31337, account: MINER, queue: [] }],
  })
  await vi.waitUntil(async () => Number(await queued()) === LOOKS + 2, LATER)
  await workflows.stop() // what is done then schedules nothing

  const did: string[] = []
  await run({
    maxConcurrentActivityTaskExecutions: 1,
    activities: withHeartbeats({
      async lookAtSequence({ sequence }: Parameters<SubmissionActivities['lookAtSequence']>[0]) {
        did.push(`look ${formatRange(sequence)}`)
        return look({ kind: 'wait', code: 'finality', why: 'a test', untilBlock: null })
      },
      async advanceSender() {
        did.push('pass')
        return { queue: [], unfinalNonces: 0, lines: [], waitMs: null }
      },
    }),
  })
  await vi.waitUntil(() => did.includes('pass') && did.includes(`look ${LOOKS + 1}`), LATER)
  expect(did.indexOf('pass')).toBeLessThan(FEW)
  expect(did.indexOf(`look ${LOOKS + 1}`)).toBeLessThan(FEW)
})

const started = (batch: number, isUrgent: boolean): StartedSequence => ({
  ...sequenceRef('all', { from: batch, to: batch }),
  isUrgent,
})

/** Gives workers of the aggregator's queue, which start when the test says so. */
async function scene() {
  installQuietRuntime()
  const { address, namespace } = await createTestNamespace()
  const connection = await Connection.connect({ address })
  const client = new Client({ connection, namespace })
  async function run(options: object) {
    const native = await NativeConnection.connect({ address })
    const worker = await Worker.create({ connection: native, namespace, taskQueue: AGGREGATOR_TASK_QUEUE, ...options })
    const running = worker.run()
    async function stop() {
      if (worker.getState() === 'RUNNING') worker.shutdown()
      await running
      await native.close()
    }
    onTestFinished(async () => void (worker.getState() === 'STOPPED' || (await stop())))
    return { stop }
  }
  onTestFinished(() => connection.close())
  return { client, run }
}
