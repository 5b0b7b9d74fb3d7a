import type { ProvingActivities } from '../protocol/activities.ts'
import { proverTaskQueue } from '../protocol/ids.ts'
import type { SubmissionDeps } from './context.ts'

/** `TASK_QUEUE_TYPE_ACTIVITY` */
const ACTIVITIES = 2

/** The server remembers for some minutes who polled: a machine that has just gone may still be among them. */
export const createHasLargeProver =
  ({ temporal }: Pick<SubmissionDeps, 'temporal'>): ProvingActivities['hasLargeProver'] =>
  async ({ kind }) => {
    const { pollers } = await temporal.workflowService.describeTaskQueue({
      namespace: temporal.options.namespace,
      taskQueue: { name: proverTaskQueue(kind, 'large') },
      taskQueueType: ACTIVITIES,
    })
    return pollers.length > 0
  }
