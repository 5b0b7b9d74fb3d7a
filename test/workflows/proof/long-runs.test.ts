import { fileURLToPath } from 'node:url'
import type { WorkflowHandle } from '@temporalio/client'
import { defaultPayloadConverter, WorkflowNotFoundError } from '@temporalio/common'
import { describe, expect, test, vi } from 'vitest'
import { isPartOf } from '../../../protocol/base/ranges.ts'
import { widestSpans } from '../../../protocol/proof/aggregation-plan.ts'
import type { PartStatus } from '../../../protocol/proof/status.ts'
import {
  cancelUpdate,
  liftedSignal,
  partStatusQuery,
  pauseUpdate,
  resumeUpdate,
} from '../../../protocol/temporal/messages.ts'
import { isDue } from '../../../workflows/proof/bounded-run.ts'
import { LATER } from '../../support/patience.ts'
import { type FakeProver, type FakeStore, gate } from '../fakes.ts'
import { untilSuggestedToContinue, untilTooLong } from '../histories.ts'
import { ANN, LONG, partsOf, startProving, untilHeld, untilStatus } from '../operator/admin-scene.ts'
import { useHarness } from '../use-harness.ts'
import { held, now } from './proving-scene.ts'

const harness = useHarness({ interceptors: [fileURLToPath(new URL('slow-parts.ts', import.meta.url))] })

const BATCH_7 = 'batch 7: the circuit is not satisfied'

describe('a part of a long sequence whose history is long', () => {
  test('continues as new when only quarantined tasks are left, which nobody notices', async () => {
    const { part, ...scene } = await startWithQuarantine()
    await continuesAsNew(part, untilSuggestedToContinue)
    await untilStatus(part, { quarantined: BATCH_7, proofsDone: 38 })
    await untilStatus(scene.handle, { phase: 'held', quarantined: BATCH_7, parts: [{ quarantined: BATCH_7 }] })
    scene.store.quarantined.clear()
    await scene.handle.signal(liftedSignal)
    await vi.waitUntil(() => scene.store.isFinal(), LATER)
    expectEachProvedOnce(scene)
    const heard = (await told<PartStatus>(scene.proving, 'part')).filter(({ from }) => from === 1)
    const quarantines = heard.map(({ quarantined }) => quarantined)
    expect(quarantines.slice(quarantines.indexOf(BATCH_7), quarantines.lastIndexOf(BATCH_7))).not.toContain(null)
  })

  test('keeps the hold that it was told', async () => {
    const made = gate()
    const scene = await startProving(harness, { range: LONG, act: () => made.passed, change: findWhatIsMade })
    const [part, other] = partsOf(harness, scene.sequence)
    await scene.handle.executeUpdate(pauseUpdate, { args: [ANN] })
    for (const proving of [part, other]) await untilHeld({ handle: scene.handle, proving })
    made.open()
    await vi.waitUntil(() => scene.store.proofs.size === 41, LATER)
    await untilStatus(part, { proofsDone: 21 })
    await continuesAsNew(part, untilSuggestedToContinue)
    await untilHeld({ handle: scene.handle, proving: part })
    expect(scene.prover.begun).toHaveLength(41)
    await scene.handle.executeUpdate(resumeUpdate, { args: [ANN] })
    await vi.waitUntil(() => scene.store.isFinal(), LATER)
    expectEachProvedOnce(scene)
  })

  test('hears of a hold that is told meanwhile', async () => {
    const { part, ...scene } = await startWithQuarantine()
    await Promise.all([
      continuesAsNew(part, untilSuggestedToContinue),
      scene.handle.executeUpdate(pauseUpdate, { args: [ANN] }),
    ])
    scene.store.quarantined.clear()
    await scene.handle.signal(liftedSignal)
    await untilHeld({ handle: scene.handle, proving: part })
    expect(scene.prover.begun).not.toContain('batch 7')
    await scene.handle.executeUpdate(resumeUpdate, { args: [ANN] })
    await vi.waitUntil(() => scene.store.isFinal(), LATER)
    expectEachProvedOnce(scene)
  })

  test('ends when nobody wants it any more', async () => {
    const { part, ...scene } = await startWithQuarantine()
    await continuesAsNew(part, untilSuggestedToContinue)
    await scene.handle.executeUpdate(cancelUpdate, { args: [ANN] })
    expect(await scene.handle.result()).toEqual({ outcome: 'cancelled' })
    await untilEnded(scene.proving)
    await untilEnded(part)
  })

  test('goes on while anything is being proved, but not for ever', async () => {
    let attempts = 0
    const scene = await startProving(harness, {
      range: LONG,
      act: (name) => (name === 'batch 7' && ++attempts === 1 ? held : now),
      change: findWhatIsMade,
      begun: 78,
    })
    const [part] = partsOf(harness, scene.sequence)
    await vi.waitUntil(() => scene.store.proofs.size === 77, LATER)
    const { runId } = await part.describe()
    await untilSuggestedToContinue(part)
    await part.query(partStatusQuery) // it has heard all of that
    expect((await part.describe()).runId).toBe(runId)
    await continuesAsNew(part, untilTooLong)
    await vi.waitUntil(() => scene.store.isFinal(), LATER)
    expect(scene.prover.cancelled).toEqual(['batch 7'])
    expect(scene.prover.begun.toSorted()).toEqual([...new Set(scene.prover.begun), 'batch 7'].toSorted())
  })
})

describe('what proves a sequence', () => {
  test('continues as new when it is long and only quarantined tasks are left', async () => {
    const scene = await startProving(harness, {
      act: () => now,
      change: (store) => {
        findWhatIsMade(store)
        store.quarantined.set('batch 5', 'the circuit is not satisfied')
      },
      begun: 2,
    })
    const quarantined = 'batch 5: the circuit is not satisfied'
    await untilStatus(scene.proving, { quarantined, proofsDone: 2 })
    await continuesAsNew(scene.proving, untilSuggestedToContinue)
    await untilStatus(scene.handle, { phase: 'held', quarantined, proofsDone: 2 })
    scene.store.quarantined.clear()
    await scene.handle.signal(liftedSignal)
    await vi.waitUntil(() => scene.store.isFinal(), LATER)
    expectEachProvedOnce(scene, 6)
  })

  test('begins its parts again when it is too long', async () => {
    let isFirst = true
    const scene = await startProving(harness, {
      range: LONG,
      act: (name) => (isFirst && name !== 'batch 7' ? held : now),
      change: findWhatIsMade,
    })
    await vi.waitUntil(() => scene.store.proofs.size === 1, LATER)
    await scene.handle.executeUpdate(pauseUpdate, { args: [ANN] })
    for (const proving of partsOf(harness, scene.sequence)) await untilHeld({ handle: scene.handle, proving })
    isFirst = false
    const [part] = partsOf(harness, scene.sequence)
    const { runId } = await part.describe()
    await continuesAsNew(scene.proving, untilTooLong)
    const { status } = await harness.client.workflow.getHandle(part.workflowId, runId).describe()
    expect(status.name).toBe('CANCELLED') // otherwise its id may not be free for the next run's
    await untilHeld(scene)
    expect(scene.prover.begun).toHaveLength(41)
    await scene.handle.executeUpdate(resumeUpdate, { args: [ANN] })
    await vi.waitUntil(() => scene.store.isFinal(), LATER)
    expect(scene.prover.begun.filter((name) => name === 'batch 7')).toHaveLength(1)
    expect(scene.prover.begun.filter((name) => name === 'batch 8')).toHaveLength(2)
  })
})

test.each([
  { history: { historyLength: 20_001 }, isAtRest: false, due: true },
  { history: { historySize: 20 * 2 ** 20 + 1 }, isAtRest: false, due: true },
  { history: { historyLength: 20_000, historySize: 20 * 2 ** 20 }, isAtRest: false, due: false },
  { history: { continueAsNewSuggested: true }, isAtRest: false, due: false },
  { history: { continueAsNewSuggested: true }, isAtRest: true, due: true },
  { history: {}, isAtRest: true, due: false },
])('a run of $history is due: $due, where that it is at rest is $isAtRest', ({ history, isAtRest, due }) => {
  const short = { historyLength: 10, historySize: 1_000, continueAsNewSuggested: false }
  expect(isDue({ ...short, ...history }, { isAtRest: () => isAtRest })).toBe(due)
})

/** Starts a sequence of two parts of which all is proved but what needs batch 7, which is quarantined. */
async function startWithQuarantine() {
  const scene = await startProving(harness, {
    range: LONG,
    act: () => now,
    change: (store) => {
      findWhatIsMade(store)
      store.quarantined.set('batch 7', 'the circuit is not satisfied')
    },
    begun: 77,
  })
  const [part, other] = partsOf(harness, scene.sequence)
  await untilStatus(part, { quarantined: BATCH_7, proofsDone: 38 }, LATER)
  await untilEnded(other)
  return { ...scene, part }
}

/** Has found what is in the store, as it is by the real one. */
function findWhatIsMade(store: FakeStore): void {
  store.findProvedSpans = async ({ range }) =>
    widestSpans(
      [...store.proofs].flatMap(([key, proof]) => {
        const [stage = '', batches = ''] = key.split(' ')
        const [from = 0, to = from] = batches.split('-').map(Number)
        return stage !== 'final' && isPartOf({ from, to }, range) ? [{ from, to, proof }] : []
      }),
    )
}

function expectEachProvedOnce({ prover }: { prover: FakeProver }, proofs = 82): void {
  expect(prover.cancelled).toEqual([])
  expect(new Set(prover.begun).size).toBe(proofs)
  expect(prover.begun).toHaveLength(proofs)
}

/** Reads what signals of a name said to a workflow's run. */
async function told<T>(handle: WorkflowHandle, name: string): Promise<T[]> {
  const { events } = await handle.fetchHistory()
  return (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) =>
    signal?.signalName === name
      ? (signal.input?.payloads ?? []).map((one) => defaultPayloadConverter.fromPayload<T>(one))
      : [],
  )
}

/** Makes the history of a workflow's run long until the next one has begun. */
async function continuesAsNew(
  handle: WorkflowHandle,
  lengthen: (handle: WorkflowHandle) => Promise<void>,
): Promise<void> {
  harness.bloated.add(handle.workflowId)
  const { runId } = await handle.describe()
  const first = harness.client.workflow.getHandle(handle.workflowId, runId)
  await lengthen(first).catch((error) => {
    if (!(error instanceof WorkflowNotFoundError)) throw error // it has ended before all was sent
  })
  await vi.waitUntil(async () => (await first.describe()).status.name !== 'RUNNING', LATER)
  expect((await first.describe()).status.name).toBe('CONTINUED_AS_NEW')
}

const untilEnded = (handle: WorkflowHandle): Promise<unknown> =>
  vi.waitUntil(async () => (await handle.describe()).status.name !== 'RUNNING', LATER)
