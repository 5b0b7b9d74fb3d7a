import { describe, expect, test, vi } from 'vitest'
import type { BatchRange } from '../../../protocol/base/ranges.ts'
import { proverTaskQueue } from '../../../protocol/temporal/ids.ts'
import { sequenceStatusQuery, wakeSignal } from '../../../protocol/temporal/messages.ts'
import { uniqueName } from '../../support/names.ts'
import { SOON } from '../../support/patience.ts'
import { done, fakeProver, gate, hash, reprove } from '../fakes.ts'
import { untilSuggestedToContinue } from '../histories.ts'
import { untilStatus } from '../sequence/submission-scene.ts'
import { useHarness } from '../use-harness.ts'
import { held, now, only, type Scene, startProving } from './proving-scene.ts'

const harness = useHarness()

describe.concurrent('proving', () => {
  test('of 1 batch: batch proof, then final proof', async () => {
    const { begun, result } = await prove({ from: 7, to: 7 })
    await result
    expect(begun).toEqual(['batch 7', 'final 7'])
  })

  test('of 3 batches joins as soon as two neighbours are there', async () => {
    const first = gate()
    const { begun, result, tasks } = await prove(
      { from: 1, to: 3 },
      { act: (name) => (name === 'batch 1' ? first.passed : now) },
    )
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
    const { begun, handle } = await prove(
      { from: 1, to: 6 },
      { spans, act: async (name) => (name === 'batch 6' ? held : now) },
    )
    await vi.waitUntil(() => begun.includes('aggregate 1-5'), SOON)
    // The proofs are five batches and four joins.
    await vi.waitUntil(async () => (await handle.query(sequenceStatusQuery)).proofsDone === 9, SOON)
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

  test('that leaves the looks as they were is tried again after a while only', async () => {
    let looks = 0
    const look = async () => (looks++ < 3 ? reprove() : done())
    const { handle, result, store } = await prove({ from: 1, to: 2 }, { stored: ['final 1-2'], look })
    await untilStatus(handle, {
      waitingFor: 'no final proof of this data is stored; that proving has just ended changed nothing',
    })
    await handle.signal(wakeSignal, { why: 'an operator freed disk space' })
    await result
    expect({ looks, asked: store.asked.length }).toEqual({ looks: 4, asked: 2 })
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

  test('is not cut short when the history is long, which ends beside it', async () => {
    const first = gate()
    const { begun, handle, result } = await prove(only(1), { act: (name) => (name === 'batch 1' ? first.passed : now) })
    await vi.waitUntil(() => begun.length === 1, SOON)
    harness.bloated.add(handle.workflowId)
    const { runId } = await handle.describe()
    await untilSuggestedToContinue(handle)
    await vi.waitUntil(async () => (await handle.describe()).runId !== runId, SOON)
    first.open()
    await result
    expect(begun).toEqual(['batch 1', 'final 1'])
  })
})

const prove = (range: BatchRange, scene?: Scene) => startProving(harness, range, scene)

/** Waits until so many tasks of a kind are queued. */
async function untilQueued(kind: string, count: number): Promise<void> {
  const { connection, options } = harness.client
  await vi.waitUntil(async () => {
    const { stats } = await connection.workflowService.describeTaskQueue({
      ...{ namespace: options.namespace, taskQueue: { name: proverTaskQueue(kind) }, reportStats: true },
      taskQueueType: 2, // it means activities
    })
    return Number(stats?.approximateBacklogCount ?? 0) === count
  }, SOON)
}
