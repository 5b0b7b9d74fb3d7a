import { fileURLToPath } from 'node:url'
import { cancelled } from '@temporalio/activity'
import { Client, Connection } from '@temporalio/client'
import { NativeConnection, Worker } from '@temporalio/worker'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import type { RollupSurvey } from '../../../protocol/rollup/survey.ts'
import type { SenderPass } from '../../../protocol/sender/view.ts'
import {
  AGGREGATOR_TASK_QUEUE,
  chainWorkflowId,
  rollupWorkflowId,
  senderWorkflowId,
  sequenceWorkflowId,
} from '../../../protocol/temporal/ids.ts'
import { wakeSignal } from '../../../protocol/temporal/messages.ts'
import { keepWorkflows, type Served } from '../../../workers/temporal/ensure-workflows.ts'
import type { LostRun } from '../../../workers/temporal/lost-workflows.ts'
import { uniqueName } from '../../support/names.ts'
import { LATER } from '../../support/patience.ts'
import { createTestNamespace } from '../../support/temporal.ts'
import { look, MINER, sequenceRef, setting } from '../../workflows/fakes.ts'
import { installQuietRuntime, type Place, startHarness } from '../../workflows/harness.ts'

let place: Place
let client: Client

beforeAll(async () => {
  installQuietRuntime()
  place = await createTestNamespace()
  client = new Client({ connection: await Connection.connect({ address: place.address }), namespace: place.namespace })
})

afterAll(() => client.connection.close())

test('what left a history that our code cannot replay is lost at its next task, and started again', async () => {
  const rollup = uniqueName('rollup')
  const sequence = sequenceRef(rollup, { from: 1, to: 1 })
  const workflows = {
    chain: { workflowId: chainWorkflowId(7), args: [{ chainId: 7 }] },
    rollup: { workflowId: rollupWorkflowId(rollup), args: [{ rollup }] },
    sender: { workflowId: senderWorkflowId(7, MINER), args: [{ chainId: 7, account: MINER, queue: [] }] },
    sequence: { workflowId: sequenceWorkflowId(sequence), args: [{ sequence, setting: setting('nobody') }] },
  }
  const ids = Object.values(workflows).map(({ workflowId }) => workflowId)
  const before = await runOthers(workflows)
  const harness = await startHarness(place)
  onTestFinished(() => harness.close())
  const answered = new Set<string>()
  const answering =
    <T>(name: string, answer: T) =>
    async () => {
      answered.add(name)
      return answer
    }
  const survey: RollupSurvey = {
    ...{
      lastVerifiedBatch: 0,
      lastBatchSequenced: 1,
      maxUnproved: 4,
      held: null,
      waitMs: 3_600_000,
      setting: setting('nobody'),
    },
    open: [{ ...sequence, isDeep: true, isProved: true }],
  }
  const waiting = look({ kind: 'wait', code: 'finality', why: 'a test', untilBlock: null }, { waitMs: 3_600_000 })
  const watch = answering('chain', undefined)
  harness.serve(7, { watchChain: () => watch().then(cancelled), advanceSender: answering('sender', IDLE) })
  harness.serve(rollup, { surveyRollup: answering('rollup', survey), lookAtSequence: answering('sequence', waiting) })
  const lost = keep({ chainIds: [7], rollups: [rollup], accounts: [{ chainId: 7, account: MINER }] })
  for (const id of ids) await client.workflow.getHandle(id).signal(wakeSignal, { why: 'a test' })
  await vi.waitFor(() => expect([...answered].sort()).toEqual(Object.keys(workflows)), LATER)
  for (const id of ids) {
    expect((await client.workflow.getHandle(id).describe()).status.name).toBe('RUNNING')
    expect(lost).toContainEqual({
      workflowId: id,
      runId: before.get(id),
      at: expect.any(String),
      why: expect.stringContaining('TMPRL1100'),
    })
  }
})

test('a workflow whose code throws at what happened to it is ended, and started again', async () => {
  const harness = await startHarness(place)
  onTestFinished(() => harness.close())
  let passes = 0
  // The first answer is one that no code of ours expects.
  const pass = async () => (++passes === 1 ? (null as unknown as SenderPass) : IDLE)
  harness.serve(8, { advanceSender: pass })
  const lost = keep({ chainIds: [], rollups: [], accounts: [{ chainId: 8, account: MINER }] })
  const workflowId = senderWorkflowId(8, MINER)
  const why = expect.stringMatching(/^its task failed \d+ times/)
  await vi.waitFor(
    () => expect(lost).toContainEqual({ workflowId, runId: expect.any(String), at: expect.any(String), why }),
    LATER,
  )
  await vi.waitFor(() => expect(passes).toBe(2), LATER)
  expect((await client.workflow.getHandle(workflowId).describe()).status.name).toBe('RUNNING')
})

const IDLE: SenderPass = { queue: [], unfinalNonces: 0, lines: [], waitMs: null }

/** Keeps workflows as an aggregator does. @returns what was lost, as it is told. */
function keep(served: Served): LostRun[] {
  const lost: LostRun[] = []
  const ended = new AbortController()
  const kept = keepWorkflows(client, served, {
    ...{ signal: ended.signal, everyMs: 500 },
    onFailure: (error) => lost.push({ workflowId: '', runId: '', at: '', why: String(error) }),
    onLost: (run) => lost.push(run),
  })
  onTestFinished(async () => {
    ended.abort()
    await kept
  })
  return lost
}

/** Runs code that is not ours until each workflow has done its first step. @returns their runs, by id. */
async function runOthers(
  workflows: Record<string, { workflowId: string; args: object[] }>,
): Promise<Map<string, string>> {
  const connection = await NativeConnection.connect({ address: place.address })
  const worker = await Worker.create({
    ...{ connection, namespace: place.namespace, taskQueue: AGGREGATOR_TASK_QUEUE },
    workflowsPath: fileURLToPath(new URL('fixtures/other-workflows.ts', import.meta.url)),
  })
  const runs = await worker.runUntil(async () => {
    const taskQueue = AGGREGATOR_TASK_QUEUE
    const started = await Promise.all(
      Object.entries(workflows).map(([type, one]) => client.workflow.start(type, { ...one, taskQueue })),
    )
    const hasWaited = async (one: (typeof started)[number]) =>
      (await one.fetchHistory()).events?.some((event) => event.timerStartedEventAttributes)
    for (const one of started) await vi.waitUntil(() => hasWaited(one), LATER)
    return started.map(({ workflowId, firstExecutionRunId }) => [workflowId, firstExecutionRunId] as const)
  })
  await connection.close()
  return new Map(runs)
}
