import { cancelled } from '@temporalio/activity'
import type { WorkflowHandle } from '@temporalio/client'
import { ApplicationFailure, TimeoutFailure } from '@temporalio/common'
import { DefaultLogger, Runtime } from '@temporalio/worker'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { AGGREGATOR_TASK_QUEUE, proveRangeWorkflowId, proverTaskQueue, sequenceWorkflowId } from '../../protocol/ids.ts'
import { sequenceStatusQuery, wakeSignal } from '../../protocol/messages.ts'
import type { ProofTask } from '../../protocol/proof-task.ts'
import type { BatchRange } from '../../protocol/sequence.ts'
import { WORKFLOW_TYPES } from '../../protocol/workflow-inputs.ts'
import { uniqueName } from '../support/names.ts'
import { createTestNamespace } from '../support/temporal.ts'
import {
  DATA,
  done,
  type FakeProver,
  type FakeStore,
  fakeProver,
  fakeStore,
  gate,
  hash,
  proverFailure,
  reprove,
  sequenceRef,
  setting,
  upload,
} from './fakes.ts'
import { type Harness, startHarness } from './harness.ts'
import { expectSmallPayloads } from './histories.ts'

let harness: Harness

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') })
  harness = await startHarness(await createTestNamespace())
})

afterAll(async () => {
  await expectSmallPayloads(harness.client)
  await harness.close()
})

describe.concurrent('proving', () => {
  test('of 1 batch: batch proof, then final proof', async () => {
    const { begun, result } = await prove({ from: 7, to: 7 })
    await result
    expect(begun).toEqual(['batch 7', 'final 7'])
  })

  test('of 3 batches joins as soon as two neighbours are there', async () => {
    const first = gate()
    const { begun, result, tasks } = await prove({ from: 1, to: 3 }, { act: (name) => (name === 'batch 1' ? first.passed : now) })
    await vi.waitUntil(() => begun.includes('aggregate 2-3'), SOON)
    expect(new Set(begun)).toEqual(new Set(['batch 1', 'batch 2', 'batch 3', 'aggregate 2-3']))
    first.open()
    await result
    expect(begun.slice(4)).toEqual(['aggregate 1-3', 'final 1-3'])
    const children = (name: string) => tasks[begun.indexOf(name)]?.children.map(({ sha256 }) => sha256)
    expect(children('aggregate 1-3')).toEqual([hash(1_001), hash(2_003)])
    expect(children('final 1-3')).toEqual([hash(1_003)])
  })

  test('goes on from what an earlier run has left, the smaller spans first', async () => {
    const spans = [{ from: 1, to: 3 }, only(4), only(5)]
    const { begun, handle } = await prove({ from: 1, to: 6 }, { spans, act: async (name) => (name === 'batch 6' ? held : now) })
    await vi.waitUntil(() => begun.includes('aggregate 1-5'), SOON)
    await vi.waitUntil(async () => (await handle.query(sequenceStatusQuery)).proofsDone === 9, SOON) // five batches and four joins
    expect(begun.filter((name) => name !== 'batch 6')).toEqual(['aggregate 4-5', 'aggregate 1-5'])
  })

  test('uses a proof that is in the store', async () => {
    const { begun, result } = await prove({ from: 1, to: 2 }, { stored: ['batch 1', 'aggregate 1-2'] })
    await result
    expect(begun).toEqual(['batch 2', 'final 1-2'])
  })

  test('asks nobody when the final proof is in a store', async () => {
    const { begun, handle, result, store } = await prove({ from: 1, to: 2 }, { stored: ['final 1-2'] })
    await result
    expect(begun).toEqual([])
    expect(store.asked.map(({ stage }) => stage)).toEqual(['final'])
    expect(await handle.query(sequenceStatusQuery)).toMatchObject({ proofsDone: 4, proofsNeeded: 4 })
  })

  test('gives provers what is nearest to a settled sequence first', async () => {
    const kind = uniqueName('kind')
    const release = gate()
    const prover = fakeProver((name) => (name === 'batch 99' ? release.passed : now))
    await harness.startProver(kind, prover.prove, { concurrency: 1 })
    const scene = { kind, prover }
    await prove({ from: 99, to: 99 }, scene)
    await vi.waitUntil(() => prover.begun.length === 1, SOON)
    const batch = await prove({ from: 1, to: 1 }, scene)
    await untilQueued(kind, 1)
    const aggregate = await prove({ from: 2, to: 3 }, { ...scene, spans: [only(2), only(3)] })
    await untilQueued(kind, 2)
    const final = await prove({ from: 4, to: 5 }, { ...scene, spans: [{ from: 4, to: 5 }] })
    await untilQueued(kind, 3)
    release.open()
    await Promise.all([batch.result, aggregate.result, final.result])
    expect(prover.begun.slice(0, 2)).toEqual(['batch 99', 'final 4-5'])
    expect(prover.begun.indexOf('aggregate 2-3')).toBeLessThan(prover.begun.indexOf('batch 1'))
  })

  test('asks another prover when a proof is refused', async () => {
    const kind = uniqueName('kind')
    const refusals: string[] = []
    const change = (store: FakeStore): Partial<FakeStore> => ({
      acceptProof: async (p) => {
        if (p.upload.prover !== 'bad') return store.acceptProof(p)
        refusals.push(p.task.stage)
        store.excluded.set('batch 1', ['bad'])
        return { status: 'refused', reason: 'it does not verify' }
      },
    })
    const [bad, good] = [fakeProver(undefined, 'bad'), fakeProver(undefined, 'good')]
    const first = await harness.startProver(kind, bad.prove)
    const { result } = await prove(only(1), { kind, prover: bad, change })
    await vi.waitUntil(() => refusals.length === 1, SOON)
    await first.stop()
    await harness.startProver(kind, good.prove)
    await result
    expect(good.tasks.map((task) => task.excludedProvers)).toEqual([['bad'], []])
    expect(good.begun).toEqual(['batch 1', 'final 1'])
  })

  test('that fails again and again is quarantined and waits for an operator', { timeout: 120_000 }, async () => {
    const act = async (name: string) => {
      if (name === 'batch 1') throw proverFailure('NoirError', 'the circuit is not satisfied')
    }
    const { begun, handle, store } = await prove({ from: 1, to: 2 }, { act })
    const status = () => handle.query(sequenceStatusQuery)
    await vi.waitUntil(async () => (await status()).quarantined !== null, { timeout: 100_000, interval: 200 })
    expect(begun.filter((name) => name === 'batch 1')).toHaveLength(5)
    expect(store.quarantined).toEqual(new Map([['batch 1', 'the circuit is not satisfied']]))
    expect(await status()).toMatchObject({ phase: 'held', waitingFor: 'batch 1: the circuit is not satisfied', proofsDone: 1 })
  })

  test('that provers return wrong again and again is quarantined too', { timeout: 120_000 }, async () => {
    const change = () => ({ acceptProof: async () => ({ status: 'refused', reason: 'it does not verify' }) as const })
    const { begun, handle, store } = await prove(only(1), { change })
    await vi.waitUntil(async () => (await handle.query(sequenceStatusQuery)).quarantined !== null, { timeout: 100_000, interval: 200 })
    expect(begun).toHaveLength(5)
    expect(store.quarantined).toEqual(new Map([['batch 1', 'it does not verify']]))
  })

  test('that is quarantined stays visible while others go on', async () => {
    const second = gate()
    const change = (store: FakeStore) => {
      store.quarantined.set('batch 1', 'the circuit is not satisfied')
      return {}
    }
    const { handle, begun } = await prove({ from: 1, to: 3 }, { change, act: (name) => (name === 'batch 2' ? second.passed : now) })
    const status = () => handle.query(sequenceStatusQuery)
    const aside = { phase: 'held', quarantined: 'batch 1: the circuit is not satisfied' }
    await vi.waitFor(async () => expect(await status()).toMatchObject({ ...aside, proofsDone: 1 }), SOON)
    second.open()
    await vi.waitFor(async () => expect(await status()).toMatchObject({ ...aside, proofsDone: 3 }), SOON)
    expect(begun).toContain('aggregate 2-3')
  })

  test('that fails for good takes the others along, so that none is made twice', async () => {
    let isBroken = true
    const change = (store: FakeStore): Partial<FakeStore> => ({
      openTask: async (request) => {
        if (request.range.from !== 3 || request.stage !== 'batch' || !isBroken) return store.openTask(request)
        await vi.waitUntil(() => prover.begun.length === 2, SOON)
        throw ApplicationFailure.nonRetryable('the inputs are gone', 'InputsMissingError')
      },
    })
    const prover = fakeProver(() => (isBroken ? held : now))
    const kind = uniqueName('kind')
    await harness.startProver(kind, prover.prove)
    const { handle, result } = await prove({ from: 1, to: 3 }, { kind, prover, change })
    await vi.waitFor(async () => expect(await handle.query(sequenceStatusQuery)).toMatchObject({ waitingFor: 'the inputs are gone' }), SOON)
    await vi.waitUntil(() => prover.cancelled.length === 2, SOON)
    expect(prover.begun).toHaveLength(2)
    isBroken = false
    await handle.signal(wakeSignal, { why: 'a test' })
    await result
    expect(prover.begun.slice(2).filter((name) => name.startsWith('batch'))).toHaveLength(3)
  })

  test('is not blamed for a machine that stopped or fell silent', async () => {
    let stops = 0
    const { begun, result, store } = await prove(only(1), {
      act: async (name) => {
        if (name !== 'batch 1' || stops++ >= 6) return
        throw stops % 2 ? proverFailure('ProverShutdownError', 'stopped') : new TimeoutFailure('silent', undefined, 'HEARTBEAT')
      },
    })
    await result
    expect(begun).toEqual([...Array.from({ length: 7 }, () => 'batch 1'), 'final 1'])
    expect(store.quarantined.size).toBe(0)
  })

  test('is not blamed for a prover that may not make it', async () => {
    let handedBack = 0
    const { result, store } = await prove(only(1), {
      act: async (name) => {
        if (name === 'batch 1' && handedBack++ < 6) throw proverFailure('ProverExcludedError', 'it returned an invalid one before')
      },
    })
    await result
    expect(store.quarantined.size).toBe(0)
  })

  test('is given to another machine when one dies', { timeout: 120_000 }, async () => {
    const kind = uniqueName('kind')
    const begun: string[] = []
    const prove1 = async (task: ProofTask) => {
      begun.push(task.stage)
      if (begun.length === 1) await cancelled() // without a beat: heard when the worker ends
      return upload(task, 'p1')
    }
    await harness.startProver(kind, prove1)
    const { result, store } = await prove(only(1), { kind, prover: fakeProver() })
    await result
    expect(begun).toEqual(['batch', 'batch', 'final'])
    expect(store.quarantined.size).toBe(0)
  })

  test('of more batches than one history bears goes to children', { timeout: 120_000 }, async () => {
    const { begun, result, handle, store } = await prove({ from: 1, to: 41 })
    await result
    expect(begun.filter((name) => name.startsWith('batch'))).toHaveLength(41)
    expect(begun.filter((name) => name.startsWith('aggregate'))).toHaveLength(40)
    expect(begun.slice(-2)).toEqual(['aggregate 1-41', 'final 1-41'])
    const { rollup } = store.asked[0]?.sequence ?? { rollup: '' }
    const parts = [{ from: 1, to: 21 }, { from: 22, to: 41 }] // biome-ignore format: a row
    for (const part of parts) {
      const child = harness.client.workflow.getHandle(proveRangeWorkflowId({ ...sequenceRef(rollup, part) }, DATA))
      expect((await child.describe()).status.name).toBe('COMPLETED')
    }
    expect((await handle.fetchHistory()).events?.length).toBeLessThan(400)
  })
})

// Helpers

const SOON = { timeout: 25_000, interval: 20 }
const now = Promise.resolve()
/** Never kept: the task is still being proved when the test has ended. */
const held = new Promise<void>(() => {})

/** A range of one batch. */
const only = (batch: number): BatchRange => ({ from: batch, to: batch })

/** Waits until so many tasks of a kind are queued. */
async function untilQueued(kind: string, count: number): Promise<void> {
  const { connection, options } = harness.client
  await vi.waitUntil(async () => {
    const { stats } = await connection.workflowService.describeTaskQueue({
      ...{ namespace: options.namespace, taskQueue: { name: proverTaskQueue(kind) }, reportStats: true },
      taskQueueType: 2, // activities
    })
    return Number(stats?.approximateBacklogCount ?? 0) === count
  }, SOON)
}

interface Proving extends FakeProver {
  store: FakeStore
  handle: WorkflowHandle
  result: Promise<unknown>
}

interface Scene {
  kind?: string
  spans?: BatchRange[]
  /** Verified proofs that are there already. */
  stored?: string[]
  act?: Parameters<typeof fakeProver>[0]
  /** Whose worker serves the kind already. */
  prover?: FakeProver
  change?(store: FakeStore): Partial<FakeStore>
}

/** Starts a sequence of a rollup of its own, which is done when its final proof is in the store. */
async function prove(range: BatchRange, { kind = uniqueName('kind'), stored = [], act, ...scene }: Scene = {}): Promise<Proving> {
  const rollup = uniqueName('rollup')
  const store = fakeStore({ kind, spans: scene.spans ?? [] })
  for (const name of stored) store.proofs.set(`${name} of ${DATA}`, { sha256: hash(name.length), size: 1 })
  const prover = scene.prover ?? fakeProver(act)
  if (scene.prover === undefined) await harness.startProver(kind, prover.prove)
  let looks = 0
  harness.serve(rollup, {
    ...store,
    ...scene.change?.(store),
    lookAtSequence: async () => (store.isFinal() && looks++ > 0 ? done() : reprove()),
  })
  const sequence = sequenceRef(rollup, range)
  const handle = await harness.client.workflow.start(WORKFLOW_TYPES.sequence, {
    workflowId: sequenceWorkflowId(sequence),
    taskQueue: AGGREGATOR_TASK_QUEUE,
    args: [{ sequence, setting: setting(kind) }],
  })
  const result = handle.result()
  result.catch(() => {}) // of a sequence that the test leaves behind
  return { ...prover, store, handle, result }
}
