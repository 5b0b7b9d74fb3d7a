import type { WorkflowHandle } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { describe, expect, test, vi } from 'vitest'
import type { SequenceRef } from '../../../protocol/base/ranges.ts'
import type { SequenceLook } from '../../../protocol/sequence/look.ts'
import type { TrustedActivities } from '../../../protocol/temporal/activities.ts'
import { searchAttributes } from '../../../protocol/temporal/attributes.ts'
import { wakeSignal } from '../../../protocol/temporal/messages.ts'
import { uniqueName } from '../../support/names.ts'
import { SOON } from '../../support/patience.ts'
import { DATA, done, type FakeProver, type FakeStore, fakeProver, fakeStore, gate, look, reprove } from '../fakes.ts'
import { useHarness } from '../use-harness.ts'
import { COMMIT, HOUR_MS, PROVE, startSubmission, untilStatus, WAIT } from './submission-scene.ts'

const harness = useHarness()

describe.concurrent('submission', () => {
  test('hands over hash and proof, each when its time has come', async () => {
    const looks = [look(COMMIT, { waitMs: 1 }), look(WAIT, { waitMs: 1 }), look(PROVE, { waitMs: 1 }), done()]
    const { handle, handed } = await startSubmission(harness, { look: async () => looks.shift() ?? done() })
    expect(await handle.result()).toEqual({ outcome: 'proved' })
    expect(handed).toEqual([COMMIT, PROVE])
  })

  test('waits until a signal says that a block concerns it', async () => {
    let isMined = false
    const { handle, seen } = await startSubmission(harness, {
      look: async () => (isMined ? done() : look(WAIT, { waitMs: HOUR_MS })),
    })
    await vi.waitUntil(() => seen.looks === 1, SOON)
    isMined = true
    await handle.signal(wakeSignal, { why: 'block 111' })
    expect(await handle.result()).toEqual({ outcome: 'proved' })
    expect(seen.looks).toBe(2)
  })

  test('looks again when the signal came during the look', async () => {
    const asked = gate()
    const answered = gate()
    const { handle, seen } = await startSubmission(harness, {
      look: async () => {
        if (seen.looks > 1) return done()
        asked.open()
        await answered.passed
        return look(WAIT, { waitMs: HOUR_MS }) // it was read before the block
      },
    })
    await asked.passed
    await handle.signal(wakeSignal, { why: 'block 111' })
    await vi.waitUntil(
      async () => (await handle.fetchHistory()).events?.some((e) => e.workflowExecutionSignaledEventAttributes),
      SOON,
    )
    answered.open()
    expect(await handle.result()).toEqual({ outcome: 'proved' })
  })

  test('shows what a look fails with, and goes on when it succeeds', async () => {
    let isAway = true
    const { handle } = await startSubmission(harness, {
      look: async () => {
        if (isAway) throw ApplicationFailure.nonRetryable('no endpoint answers', 'RpcUnavailableError')
        return done()
      },
    })
    await untilStatus(handle, { waitingFor: 'no endpoint answers' })
    isAway = false
    await handle.signal(wakeSignal, { why: 'a test' })
    expect(await handle.result()).toEqual({ outcome: 'proved' })
  })

  test('tells the Query, the Web UI and the list what it waits for', async () => {
    const { handle } = await startSubmission(harness, { look: async () => look(WAIT, { waitMs: HOUR_MS }) })
    await untilStatus(handle, {
      phase: 'submit',
      waitingFor: WAIT.why,
      step: WAIT,
      proofsDone: 0,
      proofsNeeded: 6,
      quarantined: null,
    })
    const { currentDetails } = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata')
    expect(currentDetails).toContain(`| waiting for | ${WAIT.why} |`)
    const { raw, typedSearchAttributes } = await handle.describe()
    expect(typedSearchAttributes.get(searchAttributes.phase)).toBe('submit')
    expect(raw.pendingActivities).toEqual([])
    const history = await handle.fetchHistory()
    const texts = history.events?.map(({ userMetadata }) => Buffer.from(userMetadata?.summary?.data ?? []).toString())
    expect(texts).toEqual(expect.arrayContaining(['"look at the chain"', JSON.stringify(WAIT.why)]))
  })

  test('ends its provers’ work when somebody else has proved', async () => {
    let isVerified = false
    const { handle, prover } = await startProving(async () => (isVerified ? done('proved-by-others') : reprove()))
    isVerified = true
    await handle.signal(wakeSignal, { why: 'block 112' })
    expect(await handle.result()).toEqual({ outcome: 'proved-by-others' })
    await vi.waitUntil(() => prover.cancelled.length === 3, SOON)
  })

  test('proves other data when a reorg has changed it', async () => {
    const other = `0x${'db'.repeat(32)}` as const // its beginning is in the id of the workflow that proves
    let data = DATA
    const looked: string[] = []
    const scene = await startProving(async (store, { sequence }) => {
      looked.push(sequence.accInputHash)
      return store.isFinal(other) ? done() : reprove(data)
    })
    data = other
    scene.isHeld = false
    scene.untilFree = () => vi.waitUntil(() => scene.prover.cancelled.length === 3, SOON)
    await scene.handle.signal(wakeSignal, { why: 'a reorg' })
    expect(await scene.handle.result()).toEqual({ outcome: 'proved' })
    expect(new Set(looked)).toEqual(new Set([DATA, other]))
    expect(scene.store.isFinal(DATA)).toBe(false)
  })

  test('proves again after its proving failed', async () => {
    let failures = 0
    const prepareSequence = async () => {
      if (failures++ === 0) throw ApplicationFailure.nonRetryable('a node has lost its logs', 'RpcUnavailableError')
      return { status: 'prepared' } as const
    }
    const scene = await startProving(async (store) => (store.isFinal() ? done() : reprove()), {
      prepareSequence,
      isHeld: false,
    })
    await untilStatus(scene.handle, { waitingFor: 'a node has lost its logs' })
    await scene.handle.signal(wakeSignal, { why: 'a test' })
    expect(await scene.handle.result()).toEqual({ outcome: 'proved' })
  })
})

interface ProvingScene {
  handle: WorkflowHandle
  prover: FakeProver
  store: FakeStore
  /** Whether provers go on until they are cancelled. */
  isHeld: boolean
  /** Waits for what they wait for otherwise. */
  untilFree(): Promise<unknown>
}

/** Starts a sequence whose three batches are being proved when this returns, unless `isHeld` is false. */
async function startProving(
  answer: (store: FakeStore, p: { sequence: SequenceRef }) => Promise<SequenceLook>,
  { isHeld = true, ...change }: { isHeld?: boolean } & Partial<TrustedActivities> = {},
): Promise<ProvingScene> {
  const kind = uniqueName('kind')
  const store = fakeStore({ kind })
  const scene: Omit<ProvingScene, 'handle'> = {
    isHeld,
    store,
    untilFree: async () => {},
    prover: fakeProver(() => (scene.isHeld ? new Promise(() => {}) : scene.untilFree())),
  }
  await harness.startProver(kind, scene.prover.prove)
  const { handle } = await startSubmission(harness, {
    look: (p) => answer(store, p),
    store: { ...store, ...change },
    kind,
  })
  if (isHeld) await vi.waitUntil(() => scene.prover.begun.length === 3, SOON)
  return Object.assign(scene, { handle })
}
