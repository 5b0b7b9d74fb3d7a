import type { Client } from '@temporalio/client'
import { listRecentProvers } from '../../db/proofs/proofs.ts'
import type { ProvingActivities } from '../../protocol/temporal/activities.ts'
import { type Machine, proverTaskQueue } from '../../protocol/temporal/ids.ts'
import type { SubmissionDeps } from '../context.ts'

/** `TASK_QUEUE_TYPE_ACTIVITY` */
const ACTIVITIES = 2

/**
 * Names the provers that asked for work of a kind. The server remembers for some minutes who polled: a machine that has
 * just gone may still be among them, and one that has been busy for longer isn't.
 */
async function findPollers(temporal: Client, kind: string, machine: Machine): Promise<string[]> {
  const { pollers } = await temporal.workflowService.describeTaskQueue({
    namespace: temporal.options.namespace,
    taskQueue: { name: proverTaskQueue(kind, machine) },
    taskQueueType: ACTIVITIES,
  })
  return pollers.map(({ identity }) => identity ?? '')
}

/** `PENDING_ACTIVITY_STATE_SCHEDULED`: queued, and no worker has it. */
const QUEUED = 1

/**
 * Finds out whether an activity has begun: a workflow isn't told when its activities start, but the server knows. What
 * has ended had begun.
 */
export const createHasBegun =
  ({ temporal }: Pick<SubmissionDeps, 'temporal'>): ProvingActivities['hasBegun'] =>
  async ({ workflowId, runId, activityId }) => {
    const { raw } = await temporal.workflow.getHandle(workflowId, runId).describe()
    const pending = raw.pendingActivities?.find((one) => one.activityId === activityId)
    return pending?.state !== QUEUED
  }

export const createHasLargeProver =
  ({ temporal }: Pick<SubmissionDeps, 'temporal'>): ProvingActivities['hasLargeProver'] =>
  async ({ kind }) =>
    (await findPollers(temporal, kind, 'large')).length > 0

/** A prover that is busy doesn't poll, and may be so for as long as a proof may take. */
const BUSY_HOURS = 12

/**
 * Tells whether to wait for another prover: the answer may be wrong for one that has just come or gone, so nobody waits
 * for it without end.
 */
export const createHasOtherProver =
  ({
    temporal,
    db,
    rollups,
  }: Pick<SubmissionDeps, 'temporal' | 'db' | 'rollups'>): ProvingActivities['hasOtherProver'] =>
  async ({ kind, machine, besides }) => {
    const isOther = (prover: string) => !besides.includes(prover)
    // These poll the queue that the task goes to; a large machine polls the standard one too.
    if ((await findPollers(temporal, kind, machine)).some(isOther)) return true
    // Nothing says of what class a busy one is. A small one doesn't take what large ones get: waiting for it would be
    // for nobody.
    if (machine === 'large') return false
    const ofKind = rollups.filter((rollup) => rollup.kind.name === kind).map(({ name }) => name)
    return (await listRecentProvers(db, { rollups: ofKind, hours: BUSY_HOURS })).some(isOther)
  }
