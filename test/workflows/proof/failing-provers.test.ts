import { ApplicationFailure, TimeoutFailure } from '@temporalio/common'
import { describe, expect, test, vi } from 'vitest'
import type { BatchRange } from '../../../protocol/base/ranges.ts'
import { sequenceStatusQuery, wakeSignal } from '../../../protocol/temporal/messages.ts'
import { uniqueName } from '../../support/names.ts'
import { LATER, SOON } from '../../support/patience.ts'
import { type FakeStore, fakeProver, gate, proverFailure } from '../fakes.ts'
import { useHarness } from '../use-harness.ts'
import { held, now, only, type Scene, startProving } from './proving-scene.ts'

const harness = useHarness()

describe.concurrent('a proof', () => {
  test('asks another prover when a proof is refused', async () => {
    const kind = uniqueName('kind')
    const refusals: string[] = []
    const change = (store: FakeStore): Partial<FakeStore> => ({
      acceptProof: async (p) => {
        if (p.upload.prover !== 'bad') return store.acceptProof(p)
        refusals.push(p.request.stage)
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

  test('that fails again and again is quarantined and waits for an operator', async () => {
    const act = async (name: string) => {
      if (name === 'batch 1') throw proverFailure('NoirError', `the circuit\u001b\n\0is not satisfied`)
    }
    const { begun, handle, store } = await prove({ from: 1, to: 2 }, { act })
    const status = () => handle.query(sequenceStatusQuery)
    await vi.waitUntil(async () => (await status()).quarantined !== null, LATER)
    expect(begun.filter((name) => name === 'batch 1')).toHaveLength(5)
    expect(store.quarantined).toEqual(new Map([['batch 1', 'the circuit is not satisfied']]))
    expect(store.evidence.get('batch 1')).toEqual([
      { prover: 'test', why: 'the circuit is not satisfied', times: 5, at: expect.stringMatching(/^20.*Z$/) },
    ])
    expect(await status()).toMatchObject({
      phase: 'held',
      waitingFor: 'batch 1: the circuit is not satisfied',
      proofsDone: 1,
    })
  })

  test('that provers return wrong again and again is quarantined too', async () => {
    const change = () => ({ acceptProof: async () => ({ status: 'refused', reason: 'it does not verify' }) as const })
    const { begun, handle, store } = await prove(only(1), { change })
    await vi.waitUntil(async () => (await handle.query(sequenceStatusQuery)).quarantined !== null, LATER)
    expect(begun).toHaveLength(5)
    expect(store.quarantined).toEqual(new Map([['batch 1', 'it does not verify']]))
    expect(store.evidence.get('batch 1')).toMatchObject([{ prover: 'p1', why: 'it does not verify', times: 5 }])
  })

  test('that is quarantined stays visible while others go on', async () => {
    const second = gate()
    const change = (store: FakeStore) => {
      store.quarantined.set('batch 1', 'the circuit is not satisfied')
      return {}
    }
    const { handle, begun } = await prove(
      { from: 1, to: 3 },
      { change, act: (name) => (name === 'batch 2' ? second.passed : now) },
    )
    const status = () => handle.query(sequenceStatusQuery)
    const aside = { phase: 'held', quarantined: 'batch 1: the circuit is not satisfied' }
    await vi.waitFor(async () => expect(await status()).toMatchObject({ ...aside, proofsDone: 1 }), SOON)
    second.open()
    await vi.waitFor(async () => expect(await status()).toMatchObject({ ...aside, proofsDone: 3 }), SOON)
    expect(begun).toContain('aggregate 2-3')
  })

  test('that fails for good takes the others along, so that none is made twice', async () => {
    let isBroken = true
    let asked = 0
    const change = (store: FakeStore): Partial<FakeStore> => ({
      openTask: async (request) => {
        if (request.range.from !== 3 || request.stage !== 'batch' || !isBroken) return store.openTask(request)
        asked += 1
        // First it is asked for together with the others, which aren't begun before that is over.
        if (asked > 1) await vi.waitUntil(() => prover.begun.length === 2, SOON)
        throw ApplicationFailure.nonRetryable('the inputs are gone', 'InputsMissingError')
      },
    })
    const prover = fakeProver(() => (isBroken ? held : now))
    const kind = uniqueName('kind')
    await harness.startProver(kind, prover.prove)
    const { handle, result } = await prove({ from: 1, to: 3 }, { kind, prover, change })
    await vi.waitFor(
      async () => expect(await handle.query(sequenceStatusQuery)).toMatchObject({ waitingFor: 'the inputs are gone' }),
      SOON,
    )
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
        throw stops % 2
          ? proverFailure('ProverShutdownError', 'stopped')
          : new TimeoutFailure('silent', undefined, 'HEARTBEAT')
      },
    })
    await result
    expect(begun).toEqual([...Array.from({ length: 7 }, () => 'batch 1'), 'final 1'])
    expect(store.quarantined.size).toBe(0)
  })

  test.each(['ProverExcludedError', 'KeyMismatchError', 'ProverDiskFullError', 'DatabaseBusyError'])(
    'is not blamed for a prover with %s',
    async (type) => {
      let handedBack = 0
      const { result, store } = await prove(only(1), {
        act: async (name) => {
          if (name === 'batch 1' && handedBack++ < 6) throw proverFailure(type, 'not by me')
        },
      })
      await result
      expect(store.quarantined.size).toBe(0)
    },
  )
})

const prove = (range: BatchRange, scene?: Scene) => startProving(harness, range, scene)
