import { proxyActivities } from '@temporalio/workflow'
import type { NaiveActivities } from './worker.ts'

const { task } = proxyActivities<NaiveActivities>({ taskQueue: 'naive/activities', startToCloseTimeout: '1 minute' })

/** Runs an activity for each task, and nothing else. */
export async function fanOut(p: { tasks: number; taskMs: number }): Promise<void> {
  await Promise.all(Array.from({ length: p.tasks }, () => task(p.taskMs)))
}
