import { describe, expect, test, vi } from 'vitest'
import { liftedSignal, partStatusQuery } from '../../../protocol/temporal/messages.ts'
import { LATER } from '../../support/patience.ts'
import { gate } from '../fakes.ts'
import { LONG, partsOf, startProving, untilStatus } from '../operator/admin-scene.ts'
import { useHarness } from '../use-harness.ts'

const harness = useHarness()

describe('a sequence of more batches than one history bears', () => {
  test('is proved by workflows of its parts', async () => {
    const scene = await startProving(harness, { range: LONG, act: async () => {} })
    await vi.waitUntil(() => scene.store.isFinal(), LATER)
    const { begun } = scene.prover
    expect(begun.filter((name) => name.startsWith('batch'))).toHaveLength(41)
    expect(begun.filter((name) => name.startsWith('aggregate'))).toHaveLength(40)
    expect(begun.slice(-2)).toEqual(['aggregate 1-41', 'final 1-41'])
    for (const part of partsOf(harness, scene.sequence)) expect((await part.describe()).status.name).toBe('COMPLETED')
    await untilStatus(scene.handle, { proofsDone: 82, parts: [] }, LATER)
    expect((await scene.handle.fetchHistory()).events?.length).toBeLessThan(400)
  })

  test('is proved in parts too where an earlier run has left small gaps', async () => {
    const scene = await startProving(harness, {
      range: { from: 1, to: 82 },
      act: async () => {},
      change: (store) =>
        void store.spans.push(...Array.from({ length: 41 }, (_, i) => ({ from: 2 * i + 2, to: 2 * i + 2 }))),
      begun: 41,
    })
    await vi.waitUntil(() => scene.store.isFinal(), LATER)
    expect(scene.prover.begun.filter((name) => name.startsWith('batch'))).toHaveLength(41)
    expect(scene.prover.begun.slice(-1)).toEqual(['final 1-82'])
    await untilStatus(scene.handle, { proofsDone: 164 })
    expect((await scene.handle.fetchHistory()).events?.length).toBeLessThan(500)
  })

  test('shows how far its parts are', async () => {
    const second = gate()
    const isOfSecond = (name: string) => Number(name.split(/[ -]/)[1]) > 21
    const scene = await startProving(harness, {
      range: LONG,
      act: async (name) => (isOfSecond(name) ? second.passed : undefined),
    })
    const waiting = {
      from: 22,
      to: 41,
      proofsDone: 0,
      proofsNeeded: 39,
      waitingFor: 'proofs are being made',
      quarantined: null,
    }
    const [, part] = partsOf(harness, scene.sequence)
    // The first part is done.
    await untilStatus(scene.handle, { phase: 'proving', proofsDone: 41, proofsNeeded: 82, parts: [] }, LATER)
    expect(await part?.query(partStatusQuery)).toMatchObject(waiting)
    second.open()
    await vi.waitUntil(() => scene.store.isFinal(), LATER)
    expect(await part?.query(partStatusQuery)).toMatchObject({ ...waiting, proofsDone: 39 })
    const { events = [] } = await scene.proving.fetchHistory()
    const reports = (events ?? []).filter((one) => one.workflowExecutionSignaledEventAttributes?.signalName === 'part')
    expect(reports.length).toBeGreaterThan(2)
    expect(reports.length).toBeLessThan(20)
  })

  test('begins a part again whose run was lost, and lets the others go on', async () => {
    const finished = gate()
    const scene = await startProving(harness, { range: LONG, act: () => finished.passed, begun: 41 })
    const [part] = partsOf(harness, scene.sequence)
    const lost = await part?.describe()
    await part?.terminate('as a run ends that cannot be replayed')
    await vi.waitUntil(async () => (await part?.describe())?.status.name === 'RUNNING', LATER)
    expect((await part?.describe())?.runId).not.toBe(lost?.runId)
    finished.open()
    await vi.waitUntil(() => scene.store.isFinal(), LATER)
    const ofOther = scene.prover.begun.filter((name) => Number(name.split(/[ -]/)[1]) > 21 && name.startsWith('batch'))
    expect(ofOther).toHaveLength(20) // none was cancelled and asked for again
    expect(scene.prover.cancelled.filter((name) => ofOther.includes(name))).toEqual([])
  })

  test('shows a task of a part that waits for an operator, until that is lifted', async () => {
    const scene = await startProving(harness, {
      range: LONG,
      act: async () => {},
      change: (store) => void store.quarantined.set('batch 7', 'the circuit is not satisfied'),
      begun: 40,
    })
    const quarantined = 'batch 7: the circuit is not satisfied'
    await untilStatus(scene.handle, {
      phase: 'held',
      quarantined,
      waitingFor: quarantined,
      parts: [{ from: 1, to: 21, quarantined }],
    })
    const [part] = partsOf(harness, scene.sequence)
    expect(await part?.query(partStatusQuery)).toMatchObject({ quarantined, waitingFor: quarantined })
    expect(await part?.query('__temporal_workflow_metadata')).toMatchObject({
      currentDetails: expect.stringContaining(`| waiting for | ${quarantined} |`),
    })
    scene.store.quarantined.clear()
    await scene.handle.signal(liftedSignal)
    await untilStatus(scene.handle, { quarantined: null }, LATER)
    await vi.waitUntil(() => scene.store.isFinal(), LATER)
    const { events } = (await part?.fetchHistory()) ?? {}
    expect(events?.filter((one) => one.timerFiredEventAttributes)).toEqual([]) // it looked again before its time
  })
})
