import { type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client'
import { DefaultLogger, Runtime } from '@temporalio/worker'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createHasBegun } from '../../activities/has-begun.ts'
import type { AdminActivities, HoldDecision, RollupSurvey, SequenceLook, SurveyedSequence } from '../../protocol/activities.ts'
import { AGGREGATOR_TASK_QUEUE, rollupWorkflowId, sequenceWorkflowId } from '../../protocol/ids.ts'
import {
  bumpFeesUpdate,
  cancelUpdate,
  linesQuery,
  pauseUpdate,
  resumeUpdate,
  sequenceStatusQuery,
  wakeSignal,
} from '../../protocol/messages.ts'
import { nextStep, owesProof, type Step } from '../../protocol/next-step.ts'
import { type BatchRange, batchCount, formatRange, type SequenceRef } from '../../protocol/sequence.ts'
import { type Holds, holdText, type SequenceView } from '../../protocol/sequence-view.ts'
import { WORKFLOW_TYPES } from '../../protocol/workflow-inputs.ts'
import { committed, OWN, ROUND, view } from '../protocol/views.ts'
import { uniqueName } from '../support/names.ts'
import { createTestNamespace } from '../support/temporal.ts'
import { DATA, fakeProver, fakeStore, gate, look, sequenceRef, setting } from './fakes.ts'
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

const ANN = { who: 'ann', reason: 'maintenance' }
const SOON = { timeout: 25_000, interval: 20 }

describe.concurrent('a paused sequence', () => {
  test('still proves what it owes', async () => {
    const scene = await start({ see: () => committed({ head: 105 }) })
    await untilStatus(scene.handle, { waitingFor: expect.stringContaining('T1') })
    const said = await scene.handle.executeUpdate(pauseUpdate, { args: [ANN] })
    expect(said).toEqual({ isDone: true, answer: expect.stringContaining('a hash that is out is still proved') })
    expect(scene.holds.paused).toBe('maintenance')
    scene.see = () => committed({ head: 111 })
    await scene.handle.signal(wakeSignal, { why: 'block 111' })
    await vi.waitUntil(() => scene.handed.length > 0, SOON)
    expect(scene.handed[0]).toMatchObject({ kind: 'prove', lastBlock: 130 })
  })

  test('sends no hash until it is resumed', async () => {
    const scene = await start({ holds: { paused: 'costs' } })
    await untilStatus(scene.handle, { phase: 'held', waitingFor: 'paused: costs' })
    expect(scene.handed).toEqual([])
    expect(await scene.handle.executeUpdate(resumeUpdate, { args: [ANN] })).toMatchObject({ isDone: true })
    await vi.waitUntil(() => scene.handed.length > 0, SOON)
    expect(scene.handed[0]).toMatchObject({ kind: 'commit' })
    const again = await scene.handle.executeUpdate(resumeUpdate, { args: [ANN] })
    expect(again).toEqual({ isDone: false, answer: expect.stringContaining('Nothing to resume') })
  })

  test('finishes the proofs that are being made and begins none', async () => {
    const made = gate()
    const scene = await startProving({ act: () => made.passed })
    await scene.handle.executeUpdate(pauseUpdate, { args: [ANN] })
    await untilStatus(scene.handle, { phase: 'held' })
    made.open()
    await vi.waitUntil(() => scene.store.proofs.size === 3, SOON)
    await untilStatus(scene.handle, { phase: 'held', proofsDone: 3, waitingFor: 'paused: maintenance' })
    expect(scene.prover).toMatchObject({ cancelled: [], begun: { length: 3 } })
    await scene.handle.executeUpdate(resumeUpdate, { args: [ANN] })
    await vi.waitUntil(() => scene.store.isFinal(), SOON)
    expect(scene.prover.begun).toHaveLength(6)
  })

  test('takes back the tasks that no prover has begun', async () => {
    const made = gate()
    const scene = await startProving({ act: () => made.passed, concurrency: 1 })
    await untilPending(scene.handle, 3)
    await scene.handle.executeUpdate(pauseUpdate, { args: [ANN] })
    await untilPending(scene.handle, 1)
    made.open()
    await untilPending(scene.handle, 0)
    await untilStatus(scene.handle, { phase: 'held', proofsDone: 1 })
    expect(scene.prover).toMatchObject({ cancelled: [], begun: { length: 1 } })
    await scene.handle.executeUpdate(resumeUpdate, { args: [ANN] })
    await vi.waitUntil(() => scene.store.isFinal(), SOON)
    expect(new Set(scene.prover.begun).size).toBe(6)
    expect(scene.prover.begun).toHaveLength(6)
  })

  test('of many batches is held in all of its parts', { timeout: 120_000 }, async () => {
    const made = gate()
    const scene = await startProving({ range: { from: 1, to: 41 }, act: () => made.passed })
    await scene.handle.executeUpdate(pauseUpdate, { args: [ANN] })
    await untilStatus(scene.handle, { phase: 'held' })
    await untilHeard(scene.sequence, [{ from: 1, to: 21 }, { from: 22, to: 41 }]) // biome-ignore format: a row
    made.open()
    await vi.waitUntil(() => scene.store.proofs.size === 41, SOON)
    await scene.handle.executeUpdate(resumeUpdate, { args: [ANN] })
    await vi.waitUntil(() => scene.store.isFinal(), { ...SOON, timeout: 60_000 })
    expect(scene.prover.begun.slice(0, 41).every((name) => name.startsWith('batch'))).toBe(true)
    expect(scene.prover.begun).toHaveLength(82)
  })

  test('is held by a workflow that is started anew', async () => {
    const { handle, sequence, ...scene } = await startProving({ act: () => new Promise(() => {}) })
    await handle.executeUpdate(pauseUpdate, { args: [ANN] })
    await handle.terminate('Temporal is emptied')
    const begun = scene.prover.begun.length
    const again = await run(sequence, scene.kind)
    await untilStatus(again, { phase: 'held', waitingFor: 'paused: maintenance' })
    expect(scene.prover.begun).toHaveLength(begun)
  })
})

describe.concurrent('a cancelled sequence', () => {
  test('stops its provers and ends', async () => {
    const { handle, prover } = await startProving({ act: () => new Promise(() => {}) })
    expect(await handle.executeUpdate(cancelUpdate, { args: [ANN] })).toMatchObject({ isDone: true })
    expect(await handle.result()).toEqual({ outcome: 'cancelled' })
    await vi.waitUntil(() => prover.cancelled.length === 3, SOON)
  })

  test('whose hash may yet land goes on proving', async () => {
    const made = gate()
    const scene = await startProving({ act: () => made.passed })
    scene.see = () => view({ finalProof: null, unfinalCommit: true })
    await scene.handle.executeUpdate(cancelUpdate, { args: [ANN] })
    await untilStatus(scene.handle, { waitingFor: expect.stringContaining('may yet land') })
    made.open()
    await vi.waitUntil(() => scene.store.isFinal(), SOON)
    expect(scene.prover).toMatchObject({ cancelled: [], begun: { length: 6 } })
  })

  test('whose round has expired, but not for good, stops its provers and waits', async () => {
    const scene = await startProving({ act: () => new Promise(() => {}) })
    const out = { round: ROUND, own: OWN }
    scene.see = () => view({ head: 131, finalBlock: 121, finalProof: null, atHead: out, atFinal: out })
    await scene.handle.executeUpdate(cancelUpdate, { args: [ANN] })
    await untilStatus(scene.handle, { waitingFor: expect.stringContaining('to become final') })
    await vi.waitUntil(() => scene.prover.cancelled.length === 3, SOON)
    expect((await scene.handle.describe()).status.name).toBe('RUNNING')
  })

  test('is refused when it is verified, and nothing is written', async () => {
    const scene = await start({ see: () => view({ atHead: { isVerified: true } }) })
    const said = await scene.handle.executeUpdate(cancelUpdate, { args: [ANN] })
    expect(said).toEqual({ isDone: false, answer: expect.stringContaining('verified on chain') })
    expect(scene.decided).toEqual([])
  })
})

describe.concurrent('bumping fees', () => {
  test.each([
    { nonces: [7, 8], isDone: true },
    { nonces: [], isDone: false },
  ])('names what is in flight: $nonces', async ({ nonces, isDone }) => {
    const scene = await start({ see: () => committed(), inFlight: nonces })
    const said = await scene.handle.executeUpdate(bumpFeesUpdate, { args: [ANN] })
    expect(said.isDone).toBe(isDone)
    for (const nonce of nonces) expect(said.answer).toContain(`(nonce ${nonce})`)
    expect(scene.hurried).toEqual([{ rollup: scene.sequence.rollup, range: { from: 4, to: 6 }, why: 'ann: maintenance' }])
  })
})

describe.concurrent('a rollup', () => {
  test('that is paused starts nothing new, until it is resumed', async () => {
    const scene = await startRollup([open(1), open(2)])
    await vi.waitUntil(() => scene.looked.size === 1, SOON)
    expect(await scene.handle.executeUpdate(pauseUpdate, { args: [ANN] })).toMatchObject({ isDone: true })
    scene.survey.open = [{ ...open(1), isProved: true }, open(2)]
    await scene.handle.signal(wakeSignal, { why: 'batch 1 is proved' })
    await vi.waitFor(async () => expect(await scene.says()).toContain('no new work: paused: maintenance'), SOON)
    expect(scene.decided).toEqual([{ ...ANN, rollup: scene.name, range: null, decision: 'pause' }])
    expect(scene.looked).toEqual(new Set(['1']))
    await scene.handle.executeUpdate(resumeUpdate, { args: [ANN] })
    await vi.waitUntil(() => scene.looked.has('2'), SOON)
  })

  test('answers for a sequence that does not run, if it has it', async () => {
    const scene = await startRollup([open(1), open(2)])
    const ask = (batch: number) => scene.handle.executeUpdate(cancelUpdate, { args: [{ ...ANN, range: { from: batch, to: batch } }] })
    expect(await ask(2)).toMatchObject({ isDone: true })
    expect(await ask(10)).toEqual({ isDone: false, answer: expect.stringContaining('No sequence of batches 10 is posted') })
    expect(scene.decided).toMatchObject([{ decision: 'cancel', range: { from: 2, to: 2 } }])
  })

  test('does not start a cancelled sequence again and again, and says so', async () => {
    const scene = await startRollup([{ ...open(1), isProved: true, holds: { ...NO_HOLDS, cancelled: 'no use' }, isOwed: false }, open(2)])
    await vi.waitUntil(() => scene.looked.has('2'), SOON)
    expect(await scene.says()).toContain('batches 1 are cancelled: no use')
    expect(scene.looked).toEqual(new Set(['2']))
  })
})

test.each([pauseUpdate, resumeUpdate, cancelUpdate, bumpFeesUpdate])(
  'a request without a reason leaves no trace: $name',
  async (update) => {
    const sequence = await start({ see: () => committed() })
    await untilStatus(sequence.handle, { phase: 'submit' })
    const rollup = await startRollup([])
    await vi.waitUntil(async () => (await rollup.says()).includes('verified up to batch 0, sequenced up to 9, 0 open'), SOON)
    for (const handle of [sequence.handle, rollup.handle]) {
      const before = (await handle.fetchHistory()).events?.length
      await expect(handle.executeUpdate(update, { args: [{ who: 'ann', reason: ' ' }] })).rejects.toThrow(WorkflowUpdateFailedError)
      expect((await handle.fetchHistory()).events).toHaveLength(before ?? 0)
    }
    expect([...sequence.decided, ...sequence.hurried, ...rollup.decided]).toEqual([])
  },
)

// Helpers

const NO_HOLDS: Holds = { paused: null, cancelled: null, quarantined: null }

const open = (batch: number): SurveyedSequence => ({
  ...{ rollup: '', from: batch, to: batch, accInputHash: DATA, isDeep: true, isProved: false },
})

interface Scene {
  range?: BatchRange
  /** What the chain and the stores say, but for the holds. */
  see?(): SequenceView
  holds?: Partial<Holds>
  /** Nonces of transactions that wait to be mined. */
  inFlight?: number[]
  kind?: string
  store?: object
}

/** Rows of holds that outlive the workflows, and what was asked of them. */
function fakeDecisions(holds: Holds, inFlight: readonly number[] = []) {
  const decided: HoldDecision[] = []
  const hurried: object[] = []
  const fakes: AdminActivities = {
    async changeHold(p) {
      decided.push(p)
      const before = { ...holds }
      if (p.decision === 'resume') Object.assign(holds, { paused: null, cancelled: null })
      else holds[p.decision === 'pause' ? 'paused' : 'cancelled'] = p.reason
      return { isChanged: holdText(before) !== holdText(holds), heldStill: holdText(holds) }
    },
    async hurryTransactions(p) {
      hurried.push(p)
      return inFlight.map((nonce) => ({ nonce, step: 'commit', range: { from: 4, to: 6 } }))
    },
  }
  return { decided, hurried, fakes }
}

/** Starts a sequence of a rollup of its own that follows the real rules. */
async function start({ range = { from: 4, to: 6 }, kind = 'nobody', ...scene }: Scene) {
  const sequence = sequenceRef(uniqueName('rollup'), range)
  const holds: Holds = { ...NO_HOLDS, ...scene.holds }
  const { fakes, decided, hurried } = fakeDecisions(holds, scene.inFlight)
  const handed: Step[] = []
  const state = { see: scene.see ?? (() => view()), holds, decided, hurried, handed, sequence, kind }
  harness.serve(sequence.rollup, {
    ...fakes,
    ...scene.store,
    lookAtSequence: async (p) => lookBy({ ...state.see(), expectedAccInputHash: p.sequence.accInputHash, holds: { ...holds } }),
    handIntent: async ({ step }) => {
      handed.push(step)
      return { sender: 'sender' }
    },
  })
  return Object.assign(state, { handle: await run(sequence, kind) })
}

function lookBy({ atHead, ...seen }: SequenceView): SequenceLook {
  const whole = { ...seen, atHead: { ...atHead, accInputHash: seen.expectedAccInputHash } }
  return { view: whole, step: nextStep(whole), waitMs: 3_600_000, owesProof: owesProof(whole) }
}

const run = (sequence: SequenceRef, kind: string): Promise<WorkflowHandle> =>
  harness.client.workflow.start(WORKFLOW_TYPES.sequence, {
    workflowId: sequenceWorkflowId(sequence),
    taskQueue: AGGREGATOR_TASK_QUEUE,
    args: [{ sequence, setting: setting(kind) }],
  })

interface ProvingScene {
  act(): Promise<unknown>
  range?: BatchRange
  /** Proofs that its prover makes at a time. */
  concurrency?: number
}

/** Starts a sequence of whose batches as many are being proved when this returns as its prover can. */
async function startProving({ act, range = { from: 4, to: 6 }, concurrency = 50 }: ProvingScene) {
  const kind = uniqueName('kind')
  const store = fakeStore({ kind })
  const prover = fakeProver(act)
  await harness.startProver(kind, prover.prove, { concurrency })
  const proof = view().finalProof
  const scene = await start({
    kind,
    range,
    store: { ...store, hasBegun: createHasBegun({ temporal: harness.client }) },
    see: () => view({ finalProof: store.isFinal() ? proof : null }),
  })
  await vi.waitUntil(() => prover.begun.length === Math.min(concurrency, batchCount(range)), SOON)
  return Object.assign(scene, { store, prover })
}

/** Waits until the parts of a big sequence have been told of a hold. */
async function untilHeard({ rollup, accInputHash }: SequenceRef, parts: BatchRange[]): Promise<void> {
  for (const part of parts) {
    const child = harness.client.workflow.getHandle(`prove/${rollup}/${part.from}-${part.to}/${accInputHash.slice(2, 10)}`)
    const isSignal = ({
      workflowExecutionSignaledEventAttributes: signal,
    }: object & { workflowExecutionSignaledEventAttributes?: unknown }) => signal != null
    await vi.waitUntil(async () => (await child.fetchHistory()).events?.some(isSignal), SOON)
  }
}

/** Starts a rollup whose sequences, once they have looked, wait for ever; one may be unproved at a time. */
async function startRollup(sequences: SurveyedSequence[]) {
  const name = uniqueName('rollup')
  const holds = { ...NO_HOLDS }
  const { fakes, decided } = fakeDecisions(holds)
  const looked = new Set<string>()
  const survey: Pick<RollupSurvey, 'open'> = { open: sequences }
  harness.serve(name, {
    ...fakes,
    surveyRollup: async () => ({
      ...{ lastVerifiedBatch: 0, lastBatchSequenced: 9, maxUnproved: 1, held: holdText(holds), isCancelled: holds.cancelled !== null },
      open: survey.open.map((one) => ({ ...one, rollup: name })),
      ...{ waitMs: 3_600_000, setting: setting('nobody') },
    }),
    prepareSequence: async () => ({ status: 'prepared' }),
    lookAtSequence: async ({ sequence }) => {
      looked.add(formatRange(sequence))
      return look({ kind: 'wait', code: 'finality', why: 'a test', untilBlock: null }, { waitMs: 3_600_000 })
    },
  })
  const handle: WorkflowHandle = await harness.client.workflow.start(WORKFLOW_TYPES.rollup, {
    workflowId: rollupWorkflowId(name),
    taskQueue: AGGREGATOR_TASK_QUEUE,
    args: [{ rollup: name }],
  })
  return { handle, name, decided, looked, survey, says: () => handle.query(linesQuery) }
}

async function untilStatus(handle: WorkflowHandle, expected: object): Promise<void> {
  await vi.waitFor(async () => expect(await handle.query(sequenceStatusQuery)).toMatchObject(expected), SOON)
}

/** Waits until so many tasks of a sequence are with provers or in their queue. */
async function untilPending(handle: WorkflowHandle, count: number): Promise<void> {
  const isTask = (one: { activityType?: { name?: string | null } | null }) => one.activityType?.name === 'prove'
  await vi.waitUntil(async () => (await handle.describe()).raw.pendingActivities?.filter(isTask).length === count, SOON)
}
