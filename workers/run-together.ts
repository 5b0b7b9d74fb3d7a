import { Worker, type WorkerOptions } from '@temporalio/worker'

/**
 * Makes the workers of one process: when one can't be made, those that were made end, as one that never ran never lets
 * go of its connection.
 */
export async function createTogether(options: readonly WorkerOptions[]): Promise<Worker[]> {
  const workers: Worker[] = []
  try {
    for (const one of options) workers.push(await Worker.create(one))
    return workers
  } catch (error) {
    await Promise.allSettled(workers.map((worker) => worker.runUntil(Promise.resolve())))
    throw error
  }
}

/**
 * Runs the workers of one process until they have ended: when one fails, the others are stopped, and what it failed
 * with is thrown.
 */
export async function runTogether(workers: readonly Pick<Worker, 'run' | 'shutdown' | 'getState'>[]): Promise<void> {
  const stopOthers = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown()
  }
  const ends = await Promise.allSettled(workers.map((worker) => worker.run().finally(stopOthers)))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}
