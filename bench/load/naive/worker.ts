/** `node bench/load/naive/worker.ts <address> <queue> <slots>`: serves the workflow, or activities in so many slots. */
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker'

export interface NaiveActivities {
  /** Takes as long as it is told. */
  task(ms: number): Promise<void>
}

const activities: NaiveActivities = {
  task: (ms) => delay(ms),
}

const [address = '', taskQueue = '', slots = '1'] = process.argv.slice(2)
const serves: Partial<WorkerOptions> =
  taskQueue === 'naive/workflows'
    ? { workflowsPath: fileURLToPath(new URL('./workflow.ts', import.meta.url)) }
    : { activities, maxConcurrentActivityTaskExecutions: Number(slots) }
const connection = await NativeConnection.connect({ address })
const worker = await Worker.create({ connection, taskQueue, ...serves })
await worker.run()
