import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Client, Connection } from '@temporalio/client'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { AGGREGATOR_TASK_QUEUE, sequenceWorkflowId } from '../../../protocol/temporal/ids.ts'
import { wakeSignal } from '../../../protocol/temporal/messages.ts'
import { WORKFLOW_TYPES } from '../../../protocol/temporal/workflow-inputs.ts'
import { releaseRuns } from '../../../workers/temporal/release-runs.ts'
import { eventually } from '../../support/eventually.ts'
import { uniqueName } from '../../support/names.ts'
import { createTestNamespace } from '../../support/temporal.ts'
import { sequenceRef, setting } from '../../workflows/fakes.ts'

const STICKY = 2
const NORMAL = 1

let client: Client
beforeAll(async () => {
  const { address, namespace } = await createTestNamespace()
  client = new Client({ connection: await Connection.connect({ address }), namespace })
  place = { address, namespace }
})
afterAll(() => client.connection.close())

let place: { address: string; namespace: string }

test.each([
  { what: 'released are offered to whoever asks', release: () => releaseRuns(client), kind: NORMAL },
  { what: 'not released are offered to the dead for a while', release: async () => {}, kind: STICKY },
])('tasks of workflows that a killed aggregator had and that are $what', async ({ release, kind }) => {
  const rollup = uniqueName('killed')
  const killed = await startSilent(rollup)
  const sequence = sequenceRef(rollup, { from: 1, to: 1 })
  const workflow = await client.workflow.start(WORKFLOW_TYPES.sequence, {
    workflowId: sequenceWorkflowId(sequence),
    taskQueue: AGGREGATOR_TASK_QUEUE,
    args: [{ sequence, setting: setting('nobody') }],
  })
  await killed.nextLine('looks')
  await eventually('the list of workflows has it', async () => {
    for await (const { workflowId } of client.workflow.list()) if (workflowId === workflow.workflowId) return true
    return false
  })
  killed.child.kill('SIGKILL')
  await once(killed.child, 'exit')
  await release()
  await workflow.signal(wakeSignal, { why: 'a block' })
  const { events } = await workflow.fetchHistory()
  expect(events?.at(-1)?.workflowTaskScheduledEventAttributes?.taskQueue?.kind).toBe(kind)
})

test('a server that is away is no failure: whoever needs it says so', async () => {
  const { address, namespace } = place
  const connection = await Connection.connect({ address })
  await connection.close()
  await expect(releaseRuns(new Client({ connection, namespace }))).resolves.toBeUndefined()
})

async function startSilent(rollup: string) {
  const file = fileURLToPath(new URL('../silent-aggregator.ts', import.meta.url))
  const child = spawn(process.execPath, [file, place.address, place.namespace, rollup], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })
  const nextLine = async (expected: string) => {
    for (;;) if ((await once(lines, 'line'))[0] === expected) return
  }
  await nextLine('ready')
  return { child, nextLine }
}
