import type { ProvingActivities } from '../../protocol/temporal/activities.ts'
import type { SubmissionDeps } from '../context.ts'

/** `PENDING_ACTIVITY_STATE_SCHEDULED`: queued, and no worker has it. */
const QUEUED = 1

/** A workflow isn't told when its activities start, but the server knows. What has ended had begun. */
export const createHasBegun =
  ({ temporal }: Pick<SubmissionDeps, 'temporal'>): ProvingActivities['hasBegun'] =>
  async ({ workflowId, runId, activityId }) => {
    const { raw } = await temporal.workflow.getHandle(workflowId, runId).describe()
    const pending = raw.pendingActivities?.find((one) => one.activityId === activityId)
    return pending?.state !== QUEUED
  }
