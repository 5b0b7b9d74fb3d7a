import { type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { SequenceLook, TrustedActivities } from '../../protocol/activities.ts'
import { AGGREGATOR_TASK_QUEUE, sequenceWorkflowId } from '../../protocol/ids.ts'
import { forceResubmitUpdate, sequenceStatusQuery, wakeSignal } from '../../protocol/messages.ts'
import type { Step } from '../../protocol/next-step.ts'
import { searchAttributes } from '../../protocol/search-attributes.ts'
import type { SequenceRef } from '../../protocol/sequence.ts'
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
  look,
  reprove,
  sequenceRef,
  setting,
} from './fakes.ts'
import { type Harness, installQuietRuntime, startHarness } from './harness.ts'
import { expectSmallPayloads } from './histories.ts'

let harness: Harness

beforeAll(async () => {
  installQuietRuntime()
  harness = await startHarness(await createTestNamespace())
})

afterAll(async () => {
  await expectSmallPayloads(harness.client)
  await harness.close()
})

const COMMIT: Step = { kind: 'commit', firstBlock: 100, lastBlock: null }
const PROVE: Step = { kind: 'prove', firstBlock: 111, lastBlock: 130, isLate: false }
const WAIT: Step = { kind: 'wait', code: 'proof-window-opens', why: 'T1: proofs open at block 111, 7 blocks', untilBlock: 110 }
const HOUR_MS = 3_600_000

describe.concurrent('submission', () => {
  test('hands over hash and proof, each when its time has come', async () => {
    const looks = [look(COMMIT, { waitMs: 1 }), look(WAIT, { waitMs: 1 }), look(PROVE, { waitMs: 1 }), done()]
    const { handle, handed } = await start({ look: async () => looks.shift() ?? done() })
    expect(await handle.result()).toEqual({ outcome: 'proved' })
    expect(handed).toEqual([COMMIT, PROVE])
  })

  test('waits until a signal says that a block concerns it', async () => {
    let isMined = false
    const { handle, seen } = await start({ look: async () => (isMined ? done() : look(WAIT, { waitMs: HOUR_MS })) })
    await vi.waitUntil(() => seen.looks === 1, SOON)
    isMined = true
    await handle.signal(wakeSignal, { why: 'block 111' })
    expect(await handle.result()).toEqual({ outcome: 'proved' })
    expect(seen.looks).toBe(2)
  })

  test('looks again when the signal came during the look', async () => {
    const asked = gate()
    const answered = gate()
    const { handle, seen } = await start({
      look: async () => {
        if (seen.looks > 1) return done()
        asked.open()
        await answered.passed
        return look(WAIT, { waitMs: HOUR_MS }) // what was read before the block
      },
    })
    await asked.passed
    await handle.signal(wakeSignal, { why: 'block 111' })
    await vi.waitUntil(async () => (await handle.fetchHistory()).events?.some((e) => e.workflowExecutionSignaledEventAttributes), SOON)
    answered.open()
    expect(await handle.result()).toEqual({ outcome: 'proved' })
  })

  test('shows what a look fails with, and goes on when it succeeds', async () => {
    let isAway = true
    const { handle } = await start({
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
    const { handle } = await start({ look: async () => look(WAIT, { waitMs: HOUR_MS }) })
    await untilStatus(handle, { phase: 'submit', waitingFor: WAIT.why, step: WAIT, proofsDone: 0, proofsNeeded: 6, quarantined: null })
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
    const other = hash(0xdb)
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
    const scene = await startProving(async (store) => (store.isFinal() ? done() : reprove()), { prepareSequence, isHeld: false })
    await untilStatus(scene.handle, { waitingFor: 'a node has lost its logs' })
    await scene.handle.signal(wakeSignal, { why: 'a test' })
    expect(await scene.handle.result()).toEqual({ outcome: 'proved' })
  })
})

describe.concurrent('forceResubmit', () => {
  const WHO = { who: 'ann', reason: 'the pool forgot it' }

  test.each<{ step: Step; isDone: boolean; answer: string }>([
    { step: COMMIT, isDone: true, answer: 'hash' },
    { step: PROVE, isDone: true, answer: 'The proof' },
    { step: { ...PROVE, isLate: true }, isDone: true, answer: 'late proof' },
    { step: { kind: 'claim' }, isDone: true, answer: 'claim' },
    { step: WAIT, isDone: false, answer: WAIT.why },
    { step: { kind: 'reprove', why: 'no proof is stored' }, isDone: false, answer: 'no proof is stored' },
    { step: { kind: 'done', outcome: 'proved' }, isDone: false, answer: 'ended as proved' },
  ])('answers after a fresh look: $step.kind', async ({ step, isDone, answer }) => {
    let isAsked = false
    const { handle, handed, seen } = await start({
      look: async () => (isAsked ? look(step, { waitMs: HOUR_MS }) : look(WAIT, { waitMs: HOUR_MS })),
    })
    await vi.waitUntil(() => seen.looks === 1, SOON)
    isAsked = true
    const said = await handle.executeUpdate(forceResubmitUpdate, { args: [WHO] })
    expect(said).toEqual({ isDone, answer: expect.stringContaining(answer) })
    if (isDone) expect(handed[0]).toEqual(step)
    else expect(handed).toEqual([])
  })

  const REFUSED = [{ who: ' ' }, { reason: '' }, { reason: 'x'.repeat(501) }].map((change) => ({ ...WHO, ...change }))
  test.each(REFUSED)('a refused request leaves no trace: $who', async (request) => {
    const { handle, seen } = await start({ look: async () => look(WAIT, { waitMs: HOUR_MS }) })
    await untilStatus(handle, { step: WAIT })
    const before = (await handle.fetchHistory()).events?.length
    await expect(handle.executeUpdate(forceResubmitUpdate, { args: [request] })).rejects.toThrow(WorkflowUpdateFailedError)
    expect((await handle.fetchHistory()).events).toHaveLength(before ?? 0)
    expect(seen.looks).toBe(1)
  })
})

// Helpers

const SOON = { timeout: 25_000, interval: 20 }

interface Scene {
  look: TrustedActivities['lookAtSequence']
  store?: Partial<TrustedActivities>
  kind?: string
}

/** Starts a sequence 4-6 of a rollup of its own. */
async function start(scene: Scene) {
  const sequence = sequenceRef(uniqueName('rollup'), { from: 4, to: 6 })
  const handed: Step[] = []
  const seen = { looks: 0 }
  harness.serve(sequence.rollup, {
    ...scene.store,
    lookAtSequence: (p) => {
      seen.looks += 1
      return scene.look(p)
    },
    handIntent: async ({ step }) => {
      handed.push(step)
      return { sender: 'sender' }
    },
  })
  const handle = await harness.client.workflow.start(WORKFLOW_TYPES.sequence, {
    workflowId: sequenceWorkflowId(sequence),
    taskQueue: AGGREGATOR_TASK_QUEUE,
    args: [{ sequence, setting: setting(scene.kind ?? 'nobody') }],
  })
  return { handle, handed, seen }
}

interface ProvingScene {
  handle: WorkflowHandle
  prover: FakeProver
  store: FakeStore
  /** Provers go on until they are cancelled. */
  isHeld: boolean
  /** What they wait for else. */
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
  const { handle } = await start({ look: (p) => answer(store, p), store: { ...store, ...change }, kind })
  if (isHeld) await vi.waitUntil(() => scene.prover.begun.length === 3, SOON)
  return Object.assign(scene, { handle })
}

async function untilStatus(handle: WorkflowHandle, expected: object): Promise<void> {
  await vi.waitFor(async () => expect(await handle.query(sequenceStatusQuery)).toMatchObject(expected), SOON)
}
