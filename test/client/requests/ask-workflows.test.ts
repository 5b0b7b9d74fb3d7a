import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { Client } from '@temporalio/client'
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { UsageError } from '../../../client/errors.ts'
import { askAdmin, askSequenceAdmin, describeSequence, tellLifted } from '../../../client/requests/ask-workflows.ts'
import { parseTarget, type Target } from '../../../client/targets.ts'
import type { SequenceKey } from '../../../protocol/base/ranges.ts'
import type { AdminRequest } from '../../../protocol/operator/requests.ts'
import { batchAttributes } from '../../../protocol/temporal/attributes.ts'
import { AGGREGATOR_TASK_QUEUE, rollupWorkflowId, sequenceWorkflowId } from '../../../protocol/temporal/ids.ts'
import { forceResubmitUpdate, pauseUpdate } from '../../../protocol/temporal/messages.ts'
import { silentSince } from '../../../workers/temporal/aggregator-life.ts'
import { connectTemporal, withTemporal } from '../../../workers/temporal/connect-temporal.ts'
import { TemporalUnreachableError } from '../../../workers/temporal/errors.ts'
import { LATER, SOON } from '../../support/patience.ts'
import { startTcpProxy } from '../../support/rpc/tcp-proxy.ts'
import { createTestNamespace } from '../../support/temporal.ts'
import { NOBODY } from '../support.ts'

let config: Parameters<typeof connectTemporal>[0]
let client: Client
let worker: Worker
let running: Promise<void>
let native: NativeConnection

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') })
  const { address, namespace } = await createTestNamespace()
  config = { address, namespace, tls: null, apiKey: null }
  client = await connectTemporal(config)
  native = await NativeConnection.connect({ address })
  const workflowsPath = fileURLToPath(new URL('../fixtures/answering-workflow.ts', import.meta.url))
  worker = await Worker.create({ connection: native, namespace, taskQueue: 'answering', workflowsPath })
  running = worker.run()
})

afterAll(async () => {
  worker.shutdown()
  await running
  await native.close()
  await client.connection.close()
})

describe('what is known of a sequence without asking it', () => {
  const KNOWN = { status: 'known', workflow: 'running', trouble: null, failedTasks: 0, silentSince: 'never', parts: [] }

  test('that runs', async () => expect(await describeSequence(client, await start('answering'))).toEqual(KNOWN))

  test('that tells of a trouble, and so does a part of it', async () => {
    const key = await start('nobody polls this', { memo: { trouble: 'the database is away' } })
    const { rollup } = key
    const parts = [
      { from: 1, to: 2, memo: { trouble: 'batch 2 failed once' } },
      { from: 3, to: 3, memo: {} },
    ]
    for (const { from, to, memo } of parts) {
      await client.workflow.start('proveRange', {
        ...{ workflowId: `prove/${rollup}/${from}-${to}/dadadada`, taskQueue: 'nobody polls this', memo },
        typedSearchAttributes: batchAttributes(
          { rollup, from, to },
          { chainId: 1, miner: '0x00', kind: 'none', weight: 1 },
        ),
      })
    }
    const known = { ...KNOWN, trouble: 'the database is away' }
    const told = [
      { from: 1, to: 2, trouble: 'batch 2 failed once' },
      { from: 3, to: 3, trouble: null },
    ]
    await vi.waitFor(async () => expect(await describeSequence(client, key)).toEqual({ ...known, parts: told }), SOON)
  })

  test('that has ended', async () => {
    const key = await start('answering')
    await resubmit(key, { who: 'somebody', reason: 'end' })
    await client.workflow.getHandle(sequenceWorkflowId(key)).result()
    expect(await describeSequence(client, key)).toEqual({ ...KNOWN, workflow: 'completed', silentSince: null })
  })

  test('whose task fails again and again', async () => {
    const key = await start('answering', { args: [null] }) // its code throws at that
    const failing = { ...KNOWN, failedTasks: expect.toSatisfy((failed: number) => failed >= 3) }
    await vi.waitFor(async () => expect(await describeSequence(client, key)).toEqual(failing), LATER)
  })

  test('that was never started', async () =>
    expect(await describeSequence(client, newKey())).toEqual({ status: 'missing' }))
})

test('an aggregator is silent when nobody has asked for its work for longer than one without work does', async () => {
  const place = await createTestNamespace()
  const there = await connectTemporal({ ...place, tls: null, apiKey: null })
  expect(await silentSince(there)).toBe('never')
  const connection = await NativeConnection.connect({ address: place.address })
  const aggregator = await Worker.create({
    ...{ connection, namespace: place.namespace, taskQueue: AGGREGATOR_TASK_QUEUE },
    activities: { nothing: async () => {} },
  })
  await aggregator.runUntil(() => vi.waitFor(async () => expect(await silentSince(there)).toBeNull(), SOON))
  expect(await silentSince(there, Date.now() + 76_000)).toMatch(/^20.*Z$/)
  await connection.close()
  await there.connection.close()
})

describe('resubmitting', () => {
  test.each([
    { reason: 'because', answer: { isDone: true, answer: 'somebody: because' } },
    { reason: 'in vain', answer: { isDone: false, answer: 'somebody: in vain' } },
  ])('hands over who and why, and gives the answer: $reason', async ({ reason, answer }) => {
    expect(await resubmit(await start('answering'), { who: 'somebody', reason })).toEqual(answer)
  })

  test('a request that the validator refuses is our error with its words', async () => {
    const request = { who: 'somebody', reason: ' ' }
    await expect(resubmit(await start('answering'), request)).rejects.toMatchObject({
      code: 'ZKPOW-CLI-REFUSED',
      message: expect.stringContaining('reason'),
    })
  })

  test('a sequence that does not run', async () => {
    await expect(resubmit(newKey(), { who: 'a', reason: 'b' })).rejects.toMatchObject({ code: 'ZKPOW-CLI-NOT-RUNNING' })
  })
})

describe('telling a sequence of what was lifted', () => {
  test('that runs, even if nobody works for it now', async () => {
    const key = await start('nobody polls this')
    expect(await tellLifted(config, key)).toBe('told')
    const { events } = await client.workflow.getHandle(sequenceWorkflowId(key)).fetchHistory()
    expect(events?.flatMap((one) => one.workflowExecutionSignaledEventAttributes?.signalName ?? [])).toEqual(['lifted'])
  })

  test('that does not run', async () => expect(await tellLifted(config, newKey())).toBe('not told'))

  test('with Temporal away', async () =>
    expect(await tellLifted({ ...config, address: NOBODY }, newKey())).toBe('not told'))
})

describe('pausing', () => {
  const BECAUSE = { who: 'somebody', reason: 'because' }
  const pause = (target: Target) => askAdmin(client, pauseUpdate, target, BECAUSE)

  test('a sequence that runs is answered by it', async () => {
    const { rollup, ...range } = await start('answering')
    expect(await pause({ rollup, range })).toEqual({ isDone: true, answer: 'somebody: because' })
  })

  test('a rollup is answered by the rollup, and so is a sequence that does not run', async () => {
    const { rollup, ...range } = newKey()
    await client.workflow.start('rollup', { workflowId: rollupWorkflowId(rollup), taskQueue: 'answering' })
    expect(await pause({ rollup, range: null })).toEqual({ isDone: true, answer: 'all of it' })
    expect(await pause({ rollup, range })).toEqual({ isDone: true, answer: 'batches 1-3' })
  })

  test('a rollup that does not run', async () => {
    const { rollup, ...range } = newKey()
    for (const target of [range, null]) {
      await expect(pause({ rollup, range: target })).rejects.toMatchObject({ code: 'ZKPOW-CLI-NO-ROLLUP' })
    }
  })
})

test.each([
  { id: 'payments', target: { rollup: 'payments', range: null } },
  { id: 'rollup/payments', target: { rollup: 'payments', range: null } },
  { id: 'payments/4-6', target: { rollup: 'payments', range: { from: 4, to: 6 } } },
  { id: 'sequence/payments/4-6', target: { rollup: 'payments', range: { from: 4, to: 6 } } },
])('people name what they mean: $id', ({ id, target }) => {
  expect(parseTarget(id)).toEqual(target)
})

test.each(['', 'a/b/c', 'payments/6-4', 'two words'])('a name that means nothing is refused: "%s"', (id) => {
  expect(() => parseTarget(id)).toThrow(UsageError)
})

test('a Temporal that is away is told with its address', async () => {
  const connecting = connectTemporal(
    { address: NOBODY, namespace: 'default', tls: null, apiKey: null },
    { timeoutMs: 500 },
  )
  await expect(connecting).rejects.toThrow(`Temporal doesn't answer at ${NOBODY}.`)
  await expect(connecting).rejects.toBeInstanceOf(TemporalUnreachableError)
})

test('a Temporal that refuses a call for a reason of its own is one of our errors, with the reason behind it', async () => {
  const asked = withTemporal(config, (one) => one.workflowService.describeNamespace({ namespace: '' }))
  await expect(asked).rejects.toMatchObject({
    name: 'TemporalUnreachableError',
    cause: { message: expect.stringContaining('INVALID_ARGUMENT') },
  })
})

test('a Temporal that goes away in the middle of a request is told as one that is away', async () => {
  // Its client tries for about 20 s to get through.
  const key = await start('nobody polls this')
  const address = await startTcpProxy(config.address, { endsAt: forceResubmitUpdate.name })
  const asked = withTemporal({ ...config, address }, (one) =>
    askSequenceAdmin(one, forceResubmitUpdate, key, { who: 'a', reason: 'b' }),
  )
  await expect(asked).rejects.toThrow(`Temporal doesn't answer at ${address}.`)
})

const resubmit = (key: SequenceKey, request: AdminRequest) =>
  askSequenceAdmin(client, forceResubmitUpdate, key, request)

const newKey = (): SequenceKey => ({ rollup: randomUUID(), from: 1, to: 3 })

async function start(
  taskQueue: string,
  options: { memo?: Record<string, unknown>; args?: unknown[] } = {},
): Promise<SequenceKey> {
  const key = newKey()
  await client.workflow.start('sequence', { workflowId: sequenceWorkflowId(key), taskQueue, args: [''], ...options })
  return key
}
