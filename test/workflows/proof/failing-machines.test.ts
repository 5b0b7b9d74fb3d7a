import { setTimeout } from 'node:timers/promises'
import { cancelled } from '@temporalio/activity'
import type { WorkflowHandle } from '@temporalio/client'
import { TimeoutFailure } from '@temporalio/common'
import { describe, expect, test, vi } from 'vitest'
import type { BatchRange } from '../../../protocol/base/ranges.ts'
import type { ProofTask } from '../../../protocol/proof/task.ts'
import { sequenceStatusQuery } from '../../../protocol/temporal/messages.ts'
import { uniqueName } from '../../support/names.ts'
import { SOON } from '../../support/patience.ts'
import { DATA, type FakeStore, fakeProver, gate, proverFailure, upload } from '../fakes.ts'
import { untilPending } from '../operator/admin-scene.ts'
import { useHarness } from '../use-harness.ts'
import { held, only, type Scene, startProving } from './proving-scene.ts'

const harness = useHarness()

describe.concurrent('a proof', () => {
  test('that one machine fails at once waits for another that is busy', async ({ onTestFinished }) => {
    const kind = uniqueName('kind')
    const first = gate()
    const healthy = fakeProver(() => first.passed, 'healthy')
    onTestFinished(first.open)
    const work = await startProving(
      harness,
      { from: 1, to: 6 },
      { kind, prover: healthy, change: () => ({ hasOtherProver: async () => true }) },
    )
    await harness.startProver(kind, healthy.prove, { concurrency: 1, identity: 'healthy' })
    await vi.waitUntil(() => healthy.begun.length === 1, SOON)
    const failed: string[] = []
    const broken = fakeProver(async (name, task) => {
      if (task.excludedProvers.includes('broken')) {
        await setTimeout(500)
        throw proverFailure('ProverExcludedError', 'others get it first')
      }
      failed.push(name)
      throw proverFailure('Error', 'spawn bb ENOENT')
    })
    await harness.startProver(kind, broken.prove, { concurrency: 1, identity: 'broken' })
    const status = () => work.handle.query(sequenceStatusQuery)
    const why =
      /^0 of 12 proofs are verified; batch .*(failed once, last on broken: spawn bb ENOENT|last by broken: others get it first)/
    await vi.waitFor(async () => expect((await status()).waitingFor).toMatch(why), SOON)
    await vi.waitUntil(() => broken.begun.length > 8, SOON)
    first.open()
    await work.result
    expect(new Set(failed).size).toBe(failed.length) // none of them failed twice
    expect(work.store.quarantined.size).toBe(0)
  })

  test('that an excluded machine draws comes after all else that it can do', async () => {
    const kind = uniqueName('kind')
    const queued = gate()
    const draws: number[] = [] // it tells when the spoiled task was drawn, in tasks begun
    const offers = async () => offersOf((await spoiled).proving, 'aggregate 1-2')
    const prover = fakeProver(async (name, { excludedProvers }) => {
      const waitsFor = draws.length + 1
      if (name !== 'aggregate 1-2') {
        // A proof takes longer than an offer, and so does this.
        if (waitsFor > 1) await vi.waitUntil(async () => (await offers()).length >= waitsFor, SOON)
        return
      }
      draws.push(prover.begun.length)
      if (draws.length === 1) await queued.passed
      if (excludedProvers.includes('only')) throw proverFailure('ProverExcludedError', 'others get it first')
      throw proverFailure('Error', 'spawn bb ENOENT')
    })
    const spoiled = startProving(
      harness,
      { from: 1, to: 2 },
      { kind, prover, change: () => ({ hasOtherProver: async () => true }) },
    )
    await spoiled
    await harness.startProver(kind, prover.prove, { concurrency: 1, identity: 'only' })
    await vi.waitUntil(() => draws.length > 0, SOON)
    const others = await startProving(harness, { from: 11, to: 18 }, { kind, prover })
    await untilPending([others.proving], 8)
    queued.open()
    await vi.waitUntil(() => draws.length > 2, SOON)
    const between = prover.begun.slice(draws[1], draws[2]).filter((name) => name.startsWith('batch'))
    expect(between.length).toBeGreaterThan(4) // otherwise there is one each time
    expect((await offers()).slice(0, 3)).toEqual([
      { priority: 2, waitsMs: 0 },
      { priority: 2, waitsMs: 0 },
      { priority: 5, waitsMs: 120_000 },
    ])
  })

  test.each([
    { hasLarge: true, begun: ['batch 1', 'final 1'], onLarge: ['batch 1'], why: 'is made on a large machine' },
    { hasLarge: false, begun: ['batch 1', 'batch 1', 'final 1'], onLarge: [], why: 'is tried again without one' },
  ])('that takes more memory than there is $why', async ({ hasLarge, begun, onLarge }) => {
    let attempts = 0
    const kind = uniqueName('kind')
    const small = fakeProver(async () => {
      if (++attempts === 1) throw proverFailure('ProverOutOfMemoryError', 'it was ended by SIGKILL')
    })
    const large = fakeProver()
    await harness.startProver(kind, small.prove)
    await harness.startProver(kind, large.prove, { machine: 'large' })
    const { result, store } = await prove(only(1), {
      kind,
      prover: small,
      change: () => ({ hasLargeProver: async () => hasLarge }),
    })
    await result
    expect({ begun: small.begun, onLarge: large.begun }).toEqual({ begun, onLarge })
    expect(store.quarantined.size).toBe(0)
  })

  test('that runs out of memory on the only large machine stays with it, though smaller ones are free', async () => {
    const kind = uniqueName('kind')
    const outOfMemory = proverFailure('ProverOutOfMemoryError', 'it was ended by SIGKILL')
    let attempts = 0
    const small = fakeProver(async (name) => {
      if (name === 'batch 1') throw outOfMemory
    })
    const large = fakeProver(async (_, { excludedProvers }) => {
      if (excludedProvers.includes('large-1')) throw proverFailure('ProverExcludedError', 'left to others')
      if (++attempts === 1) throw outOfMemory
    })
    await harness.startProver(kind, small.prove, { identity: 'small-1' })
    await harness.startProver(kind, large.prove, { machine: 'large', identity: 'large-1' })
    const polled = { standard: ['small-1', 'small-2', 'large-1'], large: ['large-1'] }
    const change = (): Partial<FakeStore> => ({
      hasLargeProver: async () => true,
      hasOtherProver: async ({ machine, besides }) => polled[machine].some((name) => !besides.includes(name)),
    })
    const { result } = await prove(only(1), { kind, prover: small, change })
    await result
    expect(large.tasks.map(({ excludedProvers }) => excludedProvers)).toEqual([['small-1'], []])
  })

  test('that takes machines down goes to a large one, and says so', async () => {
    const kind = uniqueName('kind')
    const small = fakeProver(async (name) => {
      if (name === 'batch 1') throw new TimeoutFailure('silent', undefined, 'HEARTBEAT')
    })
    const gone = gate()
    const large = fakeProver(() => gone.passed)
    await harness.startProver(kind, small.prove)
    await harness.startProver(kind, large.prove, { machine: 'large' })
    const change = () => ({ hasLargeProver: async () => true })
    const { handle, result } = await prove(only(1), { kind, prover: small, change })
    await vi.waitUntil(() => large.begun.length === 1, SOON)
    const waitingFor = '0 of 2 proofs are verified; batch 1 fell silent 3 times in a row, last on test'
    expect(await handle.query(sequenceStatusQuery)).toMatchObject({ waitingFor })
    gone.open()
    await result
    expect(small.begun).toEqual(['batch 1', 'batch 1', 'batch 1', 'final 1'])
  })

  test('that a silent machine has made after all ends the attempt of the next', async () => {
    let attempts = 0
    const { begun, cancelled, result, store } = await prove(only(1), {
      act: async (name) => {
        if (name !== 'batch 1') return
        if (++attempts === 1) throw new TimeoutFailure('silent', undefined, 'HEARTBEAT')
        store.proofs.set(`batch 1 of ${DATA}`, upload({ from: 1, to: 1 } as ProofTask, 'silent'))
        return held
      },
    })
    await result
    expect(begun).toEqual(['batch 1', 'batch 1', 'final 1'])
    await vi.waitUntil(() => cancelled.length === 1, SOON)
  })

  test('is given to another machine when one dies', async () => {
    const kind = uniqueName('kind')
    const begun: string[] = []
    const prove1 = async (task: ProofTask) => {
      begun.push(task.stage)
      if (begun.length === 1) await cancelled() // it gives no beat, so it hears when the worker ends
      return upload(task, 'p1')
    }
    await harness.startProver(kind, prove1)
    const { result, store } = await prove(only(1), { kind, prover: fakeProver() })
    await result
    expect(begun).toEqual(['batch', 'batch', 'final'])
    expect(store.quarantined.size).toBe(0)
  })
})

/** Tells with what urgency a task was offered, and for how long at most; 0: until somebody takes it. */
async function offersOf(handle: WorkflowHandle, name: string): Promise<{ priority: number; waitsMs: number }[]> {
  const { events } = await handle.fetchHistory()
  const scheduled = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: activity }) => activity ?? [])
  const offers = scheduled.filter(({ activityId }) => activityId?.startsWith(`${name}, `))
  return offers.map(({ priority, scheduleToStartTimeout }) => ({
    ...{ priority: priority?.priorityKey ?? 0, waitsMs: Number(scheduleToStartTimeout?.seconds ?? 0) * 1_000 },
  }))
}

const prove = (range: BatchRange, scene?: Scene) => startProving(harness, range, scene)
