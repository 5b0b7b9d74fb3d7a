import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { activityInfo } from '@temporalio/activity'
import { Client, Connection, type WorkflowHandle } from '@temporalio/client'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { AGGREGATOR_TASK_QUEUE, sequenceWorkflowId } from '../../protocol/temporal/ids.ts'
import { WORKFLOW_TYPES } from '../../protocol/temporal/workflow-inputs.ts'
import { uniqueName } from '../support/names.ts'
import { createTestNamespace } from '../support/temporal.ts'
import { done, sequenceRef, setting } from '../workflows/fakes.ts'
import { installQuietRuntime, type Place, startHarness } from '../workflows/harness.ts'

let place: Place
let client: Client

beforeAll(async () => {
  installQuietRuntime()
  place = { ...(await createTestNamespace()), heartbeatThrottle: '2 seconds' } // the aggregator's worker has the same
  client = new Client({ connection: await Connection.connect({ address: place.address }), namespace: place.namespace })
})

afterAll(() => client.connection.close())

test('a look whose aggregator was killed is taken again within seconds, one that takes long on a busy machine goes on', async () => {
  const killed = uniqueName('killed')
  const busy = uniqueName('busy')
  const silent = await startSilent(killed)
  onTestFinished(() => void silent.kill('SIGKILL'))
  const first = await start(killed)
  await nextLine(silent, 'looks')
  silent.kill('SIGKILL')
  const killedAt = performance.now()
  const harness = await startHarness(place)
  let silentMs = 0
  harness.serve(killed, {
    lookAtSequence: async () => {
      silentMs = performance.now() - killedAt
      return done()
    },
  })
  const attempts: number[] = []
  harness.serve(busy, {
    lookAtSequence: async () => {
      attempts.push(activityInfo().attempt)
      if (attempts.length === 1) await keepBusy()
      return done()
    },
  })
  const second = await start(busy)
  expect(await first.result()).toEqual({ outcome: 'proved' })
  expect(silentMs).toBeLessThan(45_000) // a look may take two minutes
  expect(await second.result()).toEqual({ outcome: 'proved' })
  expect(attempts).toEqual([1])
  await harness.close()
})

function start(rollup: string): Promise<WorkflowHandle> {
  const sequence = sequenceRef(rollup, { from: 1, to: 1 })
  return client.workflow.start(WORKFLOW_TYPES.sequence, {
    workflowId: sequenceWorkflowId(sequence),
    taskQueue: AGGREGATOR_TASK_QUEUE,
    args: [{ sequence, setting: setting('nobody') }],
  })
}

async function startSilent(rollup: string): Promise<ChildProcess> {
  const file = fileURLToPath(new URL('silent-aggregator.ts', import.meta.url))
  const child = spawn(process.execPath, [file, place.address, place.namespace, rollup], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await nextLine(child, 'ready')
  return child
}

/** Waits until a process has written a line. */
async function nextLine({ stdout }: ChildProcess, expected: string): Promise<void> {
  if (stdout === null) throw new Error('its output is a pipe')
  const lines = createInterface({ input: stdout })
  for (;;) {
    const [line] = await once(lines, 'line')
    if (line === expected) return lines.close()
  }
}

/** Is busy for longer than a heartbeat may be missing. For most of this time no timer fires. */
async function keepBusy(): Promise<void> {
  await delay(2_500)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4_500) // it blocks the event loop
  await delay(2_500)
}
