import type { Client } from '@temporalio/client'
import { type Machine, proverTaskQueue } from '../../protocol/temporal/ids.ts'

/** `TASK_QUEUE_TYPE_ACTIVITY` */
const ACTIVITIES = 2

/**
 * Names of the provers that asked for work of a kind. The server remembers for some minutes who polled: a machine that has just gone may still be
 * among them, and one that has been busy for longer isn't.
 */
export async function findPollers(temporal: Client, kind: string, machine: Machine): Promise<string[]> {
  const { pollers } = await temporal.workflowService.describeTaskQueue({
    namespace: temporal.options.namespace,
    taskQueue: { name: proverTaskQueue(kind, machine) },
    taskQueueType: ACTIVITIES,
  })
  return pollers.map(({ identity }) => identity ?? '')
}
