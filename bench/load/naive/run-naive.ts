import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Client } from '@temporalio/client'
import { startProcess } from '../../../dev/stack/processes/process.ts'

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url))
const WORKFLOWS = 'naive/workflows'
const ACTIVITIES = 'naive/activities'

/** Tasks that each slot has before the measured ones. */
const WARM_UP = 3

/**
 * Measures what this machine and its Temporal do at best: one workflow fans out tasks that sleep, with workers of
 * workflows and of activities in a process each.
 * @returns tasks a second, by how long they take, ms
 */
export async function runNaive(
  { temporal, address, logFolder }: { temporal: Client; address: string; logFolder: string },
  p: { slots: number; tasks: number; taskMs: readonly number[] },
): Promise<Map<number, number>> {
  const start = (taskQueue: string) =>
    startProcess({
      name: taskQueue,
      command: process.execPath,
      args: [WORKER, address, taskQueue, `${p.slots}`],
      logFile: join(logFolder, 'naive.log'),
    })
  const workers = [await start(WORKFLOWS), await start(ACTIVITIES)]
  const fanOut = (tasks: number, taskMs: number) =>
    temporal.workflow.execute('fanOut', {
      taskQueue: WORKFLOWS,
      workflowId: `fan-out/${tasks}-of-${taskMs}`,
      args: [{ tasks, taskMs }],
    })
  try {
    await fanOut(WARM_UP * p.slots, 1)
    const perSecond = new Map<number, number>()
    for (const taskMs of p.taskMs) {
      const from = performance.now()
      await fanOut(p.tasks, taskMs)
      perSecond.set(taskMs, (1000 * p.tasks) / (performance.now() - from))
    }
    return perSecond
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()))
  }
}
