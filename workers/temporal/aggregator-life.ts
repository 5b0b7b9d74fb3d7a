import type { Client, WorkflowExecutionDescription } from '@temporalio/client'
import { allDone } from '../../protocol/base/all-done.ts'
import { AGGREGATOR_TASK_QUEUE } from '../../protocol/temporal/ids.ts'
import { WORKFLOW_TYPES } from '../../protocol/temporal/workflow-inputs.ts'

/** The watcher of a chain beats every few seconds, blocks or not. */
const BEATS_WITHIN_MS = 20_000

/** A worker without work asks again after a minute. */
const POLLS_WITHIN_MS = 75_000

/** `TASK_QUEUE_TYPE_WORKFLOW` and `TASK_QUEUE_TYPE_ACTIVITY` */
const QUEUE_TYPES = [1, 2]

interface Moment {
  seconds?: unknown
}

/**
 * Tells whether an aggregator works, from what the server remembers of it: nobody is asked, so a suspended one gets
 * nothing to answer late.
 * @returns when it was heard of last, ISO text, or 'never', if that is too long ago; null while it works.
 */
export async function silentSince(client: Client, nowMs = Date.now()): Promise<string | 'never' | null> {
  const [beat, poll] = await allDone([lastBeat(client), lastPoll(client)])
  const isAlive = beat === null ? poll !== null && nowMs - poll < POLLS_WITHIN_MS : nowMs - beat < BEATS_WITHIN_MS
  if (isAlive) return null
  const last = Math.max(beat ?? 0, poll ?? 0)
  return last === 0 ? 'never' : new Date(last).toISOString()
}

/** Finds the latest heartbeat of a watcher, ms since the epoch; null when there is none that has begun. */
async function lastBeat(client: Client): Promise<number | null> {
  const beats: number[] = []
  for await (const { workflowId } of client.workflow.list({
    query: `WorkflowType = '${WORKFLOW_TYPES.chain}' AND ExecutionStatus = 'Running'`,
  })) {
    const { raw } = await client.workflow.getHandle(workflowId).describe()
    beats.push(...(raw.pendingActivities ?? []).flatMap(({ lastHeartbeatTime }) => toMs(lastHeartbeatTime) ?? []))
  }
  return beats.length === 0 ? null : Math.max(...beats)
}

async function lastPoll(client: Client): Promise<number | null> {
  const { namespace } = client.options
  const queues = await allDone(
    QUEUE_TYPES.map((taskQueueType) =>
      client.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: AGGREGATOR_TASK_QUEUE },
        taskQueueType,
      }),
    ),
  )
  const polls = queues.flatMap(({ pollers }) => pollers.flatMap(({ lastAccessTime }) => toMs(lastAccessTime) ?? []))
  return polls.length === 0 ? null : Math.max(...polls)
}

const toMs = (moment: Moment | null | undefined): number | null =>
  moment?.seconds == null ? null : Number(moment.seconds) * 1_000

/** Says how often in a row a workflow's task has failed; fewer than three may be an accident. */
export function failedTasks({ raw }: WorkflowExecutionDescription): number {
  const failed = (raw.pendingWorkflowTask?.attempt ?? 1) - 1
  return failed < FEWEST_FAILED ? 0 : failed
}

const FEWEST_FAILED = 3
