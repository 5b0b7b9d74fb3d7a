import type { WorkflowHandle } from '@temporalio/client'
import { expect, vi } from 'vitest'
import { createHasBegun } from '../../../activities/proof/pollers.ts'
import { type BatchRange, batchCount, type SequenceRef } from '../../../protocol/base/ranges.ts'
import type { HoldDecision } from '../../../protocol/operator/requests.ts'
import type { SequenceLook } from '../../../protocol/sequence/look.ts'
import { nextStep, owesProof, type Step } from '../../../protocol/sequence/next-step.ts'
import { type Holds, holdText, type SequenceView } from '../../../protocol/sequence/view.ts'
import type { AdminActivities } from '../../../protocol/temporal/activities.ts'
import { AGGREGATOR_TASK_QUEUE, proveRangeWorkflowId, sequenceWorkflowId } from '../../../protocol/temporal/ids.ts'
import { holdsChangedSignal, partStatusQuery, sequenceStatusQuery } from '../../../protocol/temporal/messages.ts'
import { WORKFLOW_TYPES } from '../../../protocol/temporal/workflow-inputs.ts'
import { view } from '../../protocol/sequence/views.ts'
import { uniqueName } from '../../support/names.ts'
import { LATER, SOON } from '../../support/patience.ts'
import { type FakeStore, fakeProver, fakeStore, sequenceRef, setting } from '../fakes.ts'
import type { FileHarness } from '../use-harness.ts'

export const ANN = { who: 'ann', reason: 'maintenance' }

/** What a workflow that proves says while its sequence is held. */
const HELD = 'its sequence is held'

export const NO_HOLDS: Holds = { paused: null, cancelled: null, quarantined: null }

interface Scene {
  range?: BatchRange
  /** Tells what the chain and the stores say, but for the holds. */
  see?(): SequenceView
  holds?: Partial<Holds>
  /** Nonces of transactions that wait to be mined. */
  inFlight?: number[]
  kind?: string
  store?: object
}

/** Fakes rows of holds that outlive the workflows, and tells what was asked of them. */
export function fakeDecisions(holds: Holds, inFlight: readonly number[] = []) {
  const decided: HoldDecision[] = []
  const bumped: object[] = []
  const fakes: AdminActivities = {
    async changeHold(p) {
      decided.push(p)
      const before = { ...holds }
      if (p.decision === 'resume') Object.assign(holds, { paused: null, cancelled: null })
      else holds[p.decision === 'pause' ? 'paused' : 'cancelled'] = p.reason
      return { isChanged: holdText(before) !== holdText(holds), heldStill: holdText(holds) }
    },
    async hurryTransactions(p) {
      bumped.push(p)
      return inFlight.map((nonce) => ({ nonce, step: 'commit', range: { from: 4, to: 6 } }))
    },
  }
  return { decided, bumped, fakes }
}

/** Starts a sequence of a rollup of its own that follows the real rules. */
export async function startSequence(
  harness: FileHarness,
  { range = { from: 4, to: 6 }, kind = 'nobody', ...scene }: Scene,
) {
  const sequence = sequenceRef(uniqueName('rollup'), range)
  const holds: Holds = { ...NO_HOLDS, ...scene.holds }
  const { fakes, decided, bumped } = fakeDecisions(holds, scene.inFlight)
  const handed: Step[] = []
  const state = {
    chainAnswers: Promise.resolve(),
    see: scene.see ?? (() => view()),
    holds,
    decided,
    bumped,
    handed,
    sequence,
    kind,
  }
  harness.serve(sequence.rollup, {
    ...fakes,
    ...scene.store,
    changeHold: async (p) => {
      const changed = await fakes.changeHold(p)
      await harness.client.workflow
        .getHandle(sequenceWorkflowId(sequence))
        .signal(holdsChangedSignal, { why: p.reason })
      return changed
    },
    findHold: async () => holdText(holds),
    lookAtSequence: async (p) => {
      await state.chainAnswers
      return lookBy({ ...state.see(), expectedAccInputHash: p.sequence.accInputHash, holds: { ...holds } })
    },
    handIntent: async ({ step }) => {
      handed.push(step)
      return { sender: 'sender' }
    },
  })
  return Object.assign(state, { handle: await runSequence(harness, sequence, kind) })
}

function lookBy({ atHead, ...seen }: SequenceView): SequenceLook {
  const whole = { ...seen, atHead: { ...atHead, accInputHash: seen.expectedAccInputHash } }
  return { view: whole, step: nextStep(whole), waitMs: 3_600_000, owesProof: owesProof(whole) }
}

export const runSequence = (harness: FileHarness, sequence: SequenceRef, kind: string): Promise<WorkflowHandle> =>
  harness.client.workflow.start(WORKFLOW_TYPES.sequence, {
    workflowId: sequenceWorkflowId(sequence),
    taskQueue: AGGREGATOR_TASK_QUEUE,
    args: [{ sequence, setting: setting(kind) }],
  })

interface ProvingScene {
  act(name: string): Promise<unknown>
  range?: BatchRange
  /** Proofs that its prover makes at a time. */
  concurrency?: number
  /** How many are being proved, or were, when it returns. @default as many as its prover can */
  begun?: number
  /** Changes the store before anything is asked of it. */
  change?(store: FakeStore): void
}

/** Starts a sequence of which so many proofs are begun when this returns. */
export async function startProving(
  harness: FileHarness,
  { act, range = { from: 4, to: 6 }, concurrency = 50, ...given }: ProvingScene,
) {
  const kind = uniqueName('kind')
  const store = fakeStore({ kind })
  given.change?.(store)
  const prover = fakeProver(act)
  await harness.startProver(kind, prover.prove, { concurrency })
  const proof = view().finalProof
  const scene = await startSequence(harness, {
    kind,
    range,
    store: { ...store, hasBegun: createHasBegun({ temporal: harness.client }) },
    see: () => view({ finalProof: store.isFinal() ? proof : null }),
  })
  await vi.waitUntil(() => prover.begun.length >= (given.begun ?? Math.min(concurrency, batchCount(range))), LATER)
  return Object.assign(scene, { store, prover, proving: provingOf(harness, scene.sequence) })
}

export async function untilStatus(handle: WorkflowHandle, expected: object, patience = SOON): Promise<void> {
  await vi.waitFor(async () => expect(await handle.query(sequenceStatusQuery)).toMatchObject(expected), patience)
}

/**
 * Waits until a sequence is held and the workflow that proves it knows: until then that may begin what the last proof
 * made possible.
 */
export async function untilHeld({ handle, proving }: Record<'handle' | 'proving', WorkflowHandle>): Promise<void> {
  await untilStatus(handle, { phase: 'held' })
  await vi.waitFor(async () => expect(await proving.query(partStatusQuery)).toMatchObject({ waitingFor: HELD }), LATER)
}

/** Waits until so many tasks of workflows, which may not have begun yet, are with provers or in their queue. */
export async function untilPending(handles: readonly WorkflowHandle[], count: number): Promise<void> {
  const isTask = (one: { activityType?: { name?: string | null } | null }) => one.activityType?.name === 'prove'
  await vi.waitFor(async () => {
    const pending = await Promise.all(handles.map(async (one) => (await one.describe()).raw.pendingActivities ?? []))
    expect(pending.flat().filter(isTask)).toHaveLength(count)
  }, LATER)
}

/** Finds the workflow that proves a sequence. */
const provingOf = ({ client }: FileHarness, sequence: SequenceRef): WorkflowHandle =>
  client.workflow.getHandle(proveRangeWorkflowId(sequence, sequence.accInputHash))

/** One batch more than a history bears. */
export const LONG = { from: 1, to: 41 }

/** Finds the workflows of the two parts of a sequence of the range above. */
export function partsOf(
  { client }: FileHarness,
  sequence: SequenceRef,
): [first: WorkflowHandle, second: WorkflowHandle] {
  const workflowOf = (part: BatchRange) =>
    client.workflow.getHandle(proveRangeWorkflowId({ ...sequence, ...part }, sequence.accInputHash))
  return [workflowOf({ from: 1, to: 21 }), workflowOf({ from: 22, to: 41 })]
}
