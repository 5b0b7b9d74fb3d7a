import type { Worker } from '@temporalio/worker'

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
