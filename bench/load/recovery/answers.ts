import { Client, Connection, type WorkflowHandle } from '@temporalio/client'
import { tsToMs } from '@temporalio/common/lib/time.js'
import type { SubmissionActivities, WatchActivities } from '../../../protocol/temporal/activities.ts'
import { wakeSignal } from '../../../protocol/temporal/messages.ts'
import { type Place, until } from './place.ts'

/** Connects anew, for a connection that broke waits longer and longer. */
export async function withClient<T>({ stack }: Place, use: (client: Client) => Promise<T>): Promise<T> {
  const { address, namespace } = stack.temporal
  const connection = await until('Temporal takes a connection', () =>
    Connection.connect({ address, connectTimeout: 1_000 }),
  )
  try {
    return await use(new Client({ connection, namespace }))
  } finally {
    await connection.close()
  }
}

/** Has a workflow look, as a block does. */
export async function ask(workflow: WorkflowHandle): Promise<true> {
  await workflow.signal(wakeSignal, { why: 'benchmark' })
  return true
}

/** Tells when the first activity of a name ended well that was asked for after a moment; null before one has. */
export async function answeredAfter(
  client: Client,
  workflowId: string,
  activity: keyof (WatchActivities & SubmissionActivities),
  sinceMs: number,
): Promise<number | null> {
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: { workflowId },
    maximumPageSize: 100,
  })
  const recent = (history?.events ?? [])
    .map((event) => ({ ...event, atMs: tsToMs(event.eventTime) }))
    .filter(({ atMs }) => atMs >= sinceMs)
  const asked = recent.flatMap(({ eventId, activityTaskScheduledEventAttributes: scheduled }) =>
    scheduled?.activityType?.name === activity ? [String(eventId)] : [],
  )
  const answers = recent.flatMap(({ atMs, activityTaskCompletedEventAttributes: completed }) =>
    completed != null && asked.includes(String(completed.scheduledEventId)) ? [atMs] : [],
  )
  return answers.length === 0 ? null : Math.min(...answers)
}
