import { setTimeout as delay } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import { forceResubmitUpdate, wakeSignal } from '../../../protocol/temporal/messages.ts'
import type { World } from './world.ts'

/** Pause between two rounds of questions, ms: what `--watch` would ask on. */
const EVERY_MS = 6_000

/** How long an operator's program waits for an answer, ms. */
const QUERY_MS = 3_000
const UPDATE_MS = 20_000

/**
 * Asks the open workflows of a silent aggregator again and again. Each gets a Query, then a signal, and sequences an
 * Update that does no harm.
 * @param hit is called when there was somebody to ask.
 * @returns what ends it; what was asked may be answered later.
 */
export function askWorkflows({ stack }: World, hit: () => void): () => void {
  const ended = new AbortController()
  const asking = (async () => {
    const connection = await Connection.connect({ address: stack.temporalAddress })
    const client = new Client({ connection, namespace: stack.temporal.namespace })
    const asked: Promise<unknown>[] = []
    while (!ended.signal.aborted) {
      const running = await openWorkflows(client).catch(() => [])
      if (running.length > 0) hit()
      asked.push(...running.map((id) => askOne(client, id).catch(() => {}))) // nobody answers
      await delay(EVERY_MS, undefined, { signal: ended.signal }).catch(() => {})
    }
    // The client ends the process when it tries a call again whose connection is closed.
    await Promise.all(asked)
    await connection.close()
  })()
  asking.catch(() => {}) // Temporal is away
  return () => ended.abort()
}

async function openWorkflows(client: Client): Promise<string[]> {
  const ids = []
  for await (const { workflowId } of client.workflow.list({ query: "ExecutionStatus = 'Running'" }))
    ids.push(workflowId)
  return ids.filter((id) => !id.startsWith('chain/'))
}

async function askOne(client: Client, id: string): Promise<void> {
  const handle = client.workflow.getHandle(id)
  await client.withDeadline(Date.now() + QUERY_MS, () => handle.query('status')).catch(() => {})
  await handle.signal(wakeSignal, { why: 'somebody asks' })
  if (!id.startsWith('sequence/')) return
  const request = { who: 'chaos', reason: 'it is silent' }
  await client.withDeadline(Date.now() + UPDATE_MS, () =>
    handle.executeUpdate(forceResubmitUpdate, { args: [request] }),
  )
}
