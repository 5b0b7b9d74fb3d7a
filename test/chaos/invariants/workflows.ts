import { Client, Connection, type WorkflowExecutionInfo } from '@temporalio/client'
import type { World } from '../world.ts'

/** Executions that end other than by themselves have lost something. */
const BAD_ENDS = ['FAILED', 'TERMINATED', 'TIMED_OUT']

/** 6: every open workflow answers what it is waiting for, and none has failed. */
export async function everyWorkflowExplains(world: World): Promise<string[]> {
  return withClient(world, async (client) => {
    const executions = await listAll(client)
    const failed = executions.filter(({ status }) => BAD_ENDS.includes(status.name))
    const silent = await Promise.all(executions.filter(({ status }) => status.name === 'RUNNING').map((one) => silenceOf(client, one)))
    return [...failed.map(({ workflowId, status }) => `workflow ${workflowId} has ended as ${status.name}`), ...silent.flat()]
  })
}

/** After blocks were skipped, lets every open workflow look again: its timers are set for blocks that take their time. */
export async function wakeAll(world: World): Promise<void> {
  await withClient(world, async (client) => {
    const running = (await listAll(client)).filter(
      ({ workflowId, status }) => status.name === 'RUNNING' && !workflowId.startsWith('chain/'),
    )
    await Promise.all(running.map(({ workflowId }) => client.workflow.getHandle(workflowId).signal('wake', { why: 'blocks were skipped' })))
  })
}

/** Texts of all histories, one an execution, with their payloads as text. */
export async function readHistories(world: World): Promise<{ name: string; text: string }[]> {
  return withClient(world, async (client) => {
    const executions = await listAll(client)
    return Promise.all(
      executions.map(async ({ workflowId, runId }) => {
        const history = await client.workflow.getHandle(workflowId, runId).fetchHistory()
        return { name: `history of ${workflowId}`, text: JSON.stringify(readable(history)) }
      }),
    )
  })
}

async function silenceOf(client: Client, { workflowId, runId }: WorkflowExecutionInfo): Promise<string[]> {
  try {
    const answer = await client.workflow.getHandle(workflowId, runId).query('status')
    return JSON.stringify(answer).length > 2 ? [] : [`workflow ${workflowId} says nothing of what it waits for`]
  } catch (error) {
    return [`workflow ${workflowId} doesn't answer: ${error instanceof Error ? error.message : error}`]
  }
}

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

/** Payloads are bytes that JSON would hide. */
function readable(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8')
  if (Array.isArray(value)) return value.map(readable)
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? String(value) : value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, readable(one)]))
}
