import { fileURLToPath } from 'node:url'
import { cancelled } from '@temporalio/activity'
import { Client, Connection, type WorkflowHandle } from '@temporalio/client'
import { NativeConnection, Worker } from '@temporalio/worker'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import type { SequenceRef } from '../../../protocol/base/ranges.ts'
import type { RollupSurvey } from '../../../protocol/rollup/survey.ts'
import type { SenderPass } from '../../../protocol/sender/view.ts'
import { batchAttributes, searchAttributes } from '../../../protocol/temporal/attributes.ts'
import {
  AGGREGATOR_TASK_QUEUE,
  chainWorkflowId,
  proveRangeWorkflowId,
  rollupWorkflowId,
  senderWorkflowId,
  sequenceWorkflowId,
} from '../../../protocol/temporal/ids.ts'
import { wakeSignal } from '../../../protocol/temporal/messages.ts'
import { WORKFLOW_TYPES } from '../../../protocol/temporal/workflow-inputs.ts'
import { keepWorkflows, type Served } from '../../../workers/temporal/ensure-workflows.ts'
import type { LostRun } from '../../../workers/temporal/lost-workflows.ts'
import { uniqueName } from '../../support/names.ts'
import { LATER, SOON } from '../../support/patience.ts'
import { createTestNamespace } from '../../support/temporal.ts'
import { gate, look, MINER, reprove, sequenceRef, setting } from '../../workflows/fakes.ts'
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
  const proving = sequenceRef(rollup, { from: 2, to: 2 })
  const workflows = {
    chain: { workflowId: chainWorkflowId(7), args: [{ chainId: 7 }] },
    rollup: { workflowId: rollupWorkflowId(rollup), args: [{ rollup }] },
    sender: { workflowId: senderWorkflowId(7, MINER), args: [{ chainId: 7, account: MINER, queue: [] }] },
    sequence: { workflowId: sequenceWorkflowId(sequence), args: [{ sequence, setting: setting('nobody') }] },
    proveSequence: {
      workflowId: proveRangeWorkflowId(proving, proving.accInputHash),
      args: [{ sequence: proving, setting: setting('nobody') }],
    },
  }
  // Parts are missing: only who waits for one begins it again.
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
    open: [sequence, proving].map((one) => ({ ...one, isDeep: true, isProved: true })),
  }
  const waiting = look({ kind: 'wait', code: 'finality', why: 'a test', untilBlock: null }, { waitMs: 3_600_000 })
  const watch = answering('chain', undefined)
  const lookAtFirst = answering('sequence', waiting)
  harness.serve(7, { watchChain: () => watch().then(cancelled), advanceSender: answering('sender', IDLE) })
  const isOver = gate()
  onTestFinished(isOver.open) // a worker waits for what it does
  const prepare = answering('proveSequence', undefined)
  harness.serve(rollup, {
    surveyRollup: answering('rollup', survey),
    lookAtSequence: async (p) => (p.sequence.from === 1 ? lookAtFirst() : reprove()),
    prepareSequence: () =>
      prepare()
        .then(() => isOver.passed)
        .then(() => ({ status: 'prepared' })),
  })
  const lost = keep({ chainIds: [7], rollups: [rollup], accounts: [{ chainId: 7, account: MINER }] })
  for (const id of ids) await client.workflow.getHandle(id).signal(wakeSignal, { why: 'a test' })
  await vi.waitFor(() => expect([...answered].sort()).toEqual(Object.keys(workflows).sort()), LATER)
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

test('all that a lost sender may have had is handed over again, what has a proof first, also when signals fail at first', async () => {
  const rollup = uniqueName('rollup')
  const harness = await startHarness(place)
  onTestFinished(() => harness.close())
  const looks = new Map([1, 2, 3].map((from) => [from, 0]))
  harness.serve(9, { advanceSender: async () => IDLE })
  harness.serve(rollup, {
    lookAtSequence: async ({ sequence: { from } }) => {
      looks.set(from, (looks.get(from) ?? 0) + 1)
      const code = from === 3 ? 'finality' : 'held-by-operator'
      return look({ kind: 'wait', code, why: 'a test', untilBlock: null }, { waitMs: 3_600_000 })
    },
  })
  const ids = [1, 2, 3].map((from) => sequenceWorkflowId({ rollup, from, to: from }))
  for (const from of [1, 2, 3]) await startSequence(sequenceRef(rollup, { from, to: from }))
  const phases = async () => {
    const all: string[] = []
    for await (const { typedSearchAttributes } of client.workflow.list({ query: `ZkpowRollup = '${rollup}'` }))
      all.push(typedSearchAttributes.get(searchAttributes.phase) ?? '')
    return all.sort()
  }
  await vi.waitFor(async () => expect(await phases()).toEqual(['held', 'held', 'submit']), LATER)
  const signals = { fail: true, asked: [] as string[] }
  const cut = new Client({
    ...{ connection: client.connection, namespace: place.namespace },
    interceptors: {
      workflow: [
        {
          async signal(input, next) {
            const { workflowId = '' } = input.workflowExecution
            if (ids.includes(workflowId)) signals.asked.push(workflowId)
            if (signals.fail) throw new Error('its time is over')
            return next(input)
          },
        },
      ],
    },
  })
  const lost = keep({ chainIds: [], rollups: [], accounts: [{ chainId: 9, account: MINER }] }, cut)
  const sender = client.workflow.getHandle(senderWorkflowId(9, MINER))
  await vi.waitUntil(() => sender.describe().then(Boolean, () => false), LATER)
  await sender.terminate('a test')
  const isMeant = (run: LostRun) => run.workflowId === sender.workflowId
  await vi.waitFor(() => expect(lost.filter(isMeant)).toMatchObject([{ why: 'a test' }]), LATER)
  await vi.waitUntil(() => signals.asked.length >= 3, LATER)
  expect(signals.asked.slice(0, 3)).toEqual([ids[2], ids[0], ids[1]])
  signals.fail = false
  await vi.waitUntil(() => [...looks.values()].every((count) => count > 1), SOON)
  expect(lost.filter(isMeant)).toHaveLength(1)
})

test('what was being proved is proved on within seconds of the loss of its workflow', async () => {
  const rollup = uniqueName('rollup')
  const harness = await startHarness(place)
  onTestFinished(() => harness.close())
  const isOver = gate()
  onTestFinished(isOver.open)
  const prepareSequence = () => isOver.passed.then(() => ({ status: 'prepared' }) as const)
  harness.serve(rollup, { lookAtSequence: async () => reprove(), prepareSequence })
  const sequence = sequenceRef(rollup, { from: 1, to: 2 })
  keep({ chainIds: [], rollups: [], accounts: [] })
  await startSequence(sequence)
  const proving = client.workflow.getHandle(proveRangeWorkflowId(sequence, sequence.accInputHash))
  const status = async () => (await proving.describe().catch(() => undefined))?.status.name
  await vi.waitUntil(async () => (await status()) === 'RUNNING', LATER)
  await proving.terminate('a test')
  await vi.waitUntil(async () => (await status()) === 'RUNNING', SOON)
})

const IDLE: SenderPass = { queue: [], unfinalNonces: 0, lines: [], waitMs: null }

/** Keeps workflows as an aggregator does. @returns what was lost, as it is told. */
function keep(served: Served, temporal = client): LostRun[] {
  const lost: LostRun[] = []
  const ended = new AbortController()
  const kept = keepWorkflows(temporal, served, {
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

function startSequence(sequence: SequenceRef): Promise<WorkflowHandle> {
  const settings = setting('nobody')
  return client.workflow.start(WORKFLOW_TYPES.sequence, {
    workflowId: sequenceWorkflowId(sequence),
    taskQueue: AGGREGATOR_TASK_QUEUE,
    args: [{ sequence, setting: settings }],
    typedSearchAttributes: batchAttributes(sequence, settings),
  })
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
