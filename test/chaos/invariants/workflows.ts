import { setTimeout as delay } from 'node:timers/promises'
import { Client, Connection, type WorkflowExecutionDescription, type WorkflowExecutionInfo } from '@temporalio/client'
import { allDone } from '../../../protocol/base/all-done.ts'
import { replayHistories, type Unreplayable } from '../../support/replay-histories.ts'
import type { World } from '../world/world.ts'
import { unexplained } from './explained.ts'
import type { WorkflowFacts } from './facts.ts'

/**
 * What failed tries again by itself within this time when nothing is in its way, ms: the longest heartbeat time-out and
 * a pause after it.
 */
const SETTLING_MS = 75_000

const EVERY_MS = 2_000

/** A workflow task that fails this often is no accident: code and history don't fit. */
const MAX_TASK_ATTEMPTS = 3

/** `PENDING_ACTIVITY_STATE_SCHEDULED`: nobody works on it. */
const SCHEDULED = 1

/** Reads all executions. What still shows a failure is looked at again until it doesn't, or has had time enough. */
export async function readWorkflows(world: World): Promise<WorkflowFacts[]> {
  return withClient(world, async (client) => {
    for (const deadline = Date.now() + SETTLING_MS; ; await delay(EVERY_MS)) {
      const facts = await allDone((await listAll(client)).map((one) => readWorkflow(client, one)))
      if (facts.every(isSettled) || Date.now() > deadline) return facts
    }
  })
}

/**
 * Tells whether a workflow is at rest. Sequences write down that they ended, and end a moment later; a sender speaks of
 * its nonces until its next pass finds them final.
 */
function isSettled(one: WorkflowFacts): boolean {
  const isAtWork =
    one.id.startsWith('sequence/') || (one.id.startsWith('sender/') && /\bnonce \d/.test(one.answer ?? ''))
  return unexplained(one).length === 0 && !(one.status === 'RUNNING' && isAtWork)
}

/** Asks the execution itself, since the list may be behind. */
async function readWorkflow(
  client: Client,
  { workflowId: id, runId, status: listed }: WorkflowExecutionInfo,
): Promise<WorkflowFacts> {
  if (listed.name !== 'RUNNING') return { id, status: listed.name, answer: null, failing: [] }
  const handle = client.workflow.getHandle(id, runId)
  const answer = await handle.query('status').catch(() => null)
  const { raw, status } = await handle.describe()
  return { id, status: status.name, answer: answer === null ? null : wordsOf(answer), failing: failingOf(raw) }
}

/** Finds what it waits for, which is one field of all that a sequence answers. */
function wordsOf(answer: unknown): string {
  const { waitingFor } = answer as { waitingFor?: unknown }
  return Array.isArray(answer) ? answer.join('; ') : String(waitingFor ?? '')
}

function failingOf({ pendingWorkflowTask, pendingActivities }: WorkflowExecutionDescription['raw']): string[] {
  const attempt = pendingWorkflowTask?.attempt ?? 0
  return [
    ...(attempt > MAX_TASK_ATTEMPTS ? [`its workflow task has failed ${attempt - 1} times`] : []),
    ...(pendingActivities ?? [])
      .filter(({ state, lastFailure }) => state === SCHEDULED && lastFailure)
      .map(
        ({ activityType, attempt: tries, lastFailure }) =>
          `activity ${activityType?.name} failed ${(tries ?? 1) - 1} times: ${lastFailure?.message}`,
      ),
  ]
}

/**
 * After blocks were skipped, lets every open workflow look again: its timers are set for blocks that take their time.
 */
export async function wakeAll(world: World): Promise<void> {
  await withClient(world, async (client) => {
    const running = (await listAll(client)).filter(
      ({ workflowId, status }) => status.name === 'RUNNING' && !workflowId.startsWith('chain/'),
    )
    await allDone(
      running.map(({ workflowId }) =>
        client.workflow.getHandle(workflowId).signal('wake', { why: 'blocks were skipped' }),
      ),
    )
  })
}

/** Reads the texts of all histories, one an execution, with their payloads as text. */
export async function readHistories(world: World): Promise<{ name: string; text: string }[]> {
  return withClient(world, async (client) => {
    const executions = await listAll(client)
    return allDone(
      executions.map(async ({ workflowId, runId }) => {
        const history = await client.workflow.getHandle(workflowId, runId).fetchHistory()
        return { name: `history of ${workflowId}`, text: JSON.stringify(readable(history)) }
      }),
    )
  })
}

/** Replays all histories, with the bundle that the aggregator ran with. */
export const readReplays = (world: World): Promise<Unreplayable[]> =>
  withClient(world, async (client) => {
    const codePath = world.deployment.settings.env?.ZKPOW_WORKFLOW_BUNDLE
    if (codePath === undefined) throw new Error('unreachable: all aggregators of the harness get a bundle')
    return (await replayHistories(client, { codePath })).bad
  })

/** Lists id and run of every execution, closed ones too. */
export const listRuns = (world: World): Promise<{ id: string; runId: string }[]> =>
  withClient(world, async (client) =>
    (await listAll(client)).map(({ workflowId, runId }) => ({ id: workflowId, runId })),
  )

async function listAll(client: Client): Promise<WorkflowExecutionInfo[]> {
  const all = []
  for await (const one of client.workflow.list()) all.push(one)
  return all
}

async function withClient<T>({ stack }: World, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: stack.temporalAddress })
  try {
    return await use(new Client({ connection, namespace: stack.temporal.namespace }))
  } finally {
    await connection.close()
  }
}

/** Makes bytes readable: payloads are bytes, which JSON would hide. */
function readable(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8')
  if (Array.isArray(value)) return value.map(readable)
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? String(value) : value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, readable(one)]))
}
