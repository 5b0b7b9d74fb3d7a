import { setImmediate } from 'node:timers/promises'
import type { WorkflowHandle } from '@temporalio/client'
import { type BatchRange, batchCount, formatRange } from '../../../protocol/base/ranges.ts'
import type { ProofRequest } from '../../../protocol/proof/request.ts'
import { proveRangeWorkflowId } from '../../../protocol/temporal/ids.ts'
import { partStatusQuery, wakeSignal } from '../../../protocol/temporal/messages.ts'
import {
  DATA,
  done,
  type FakeStore,
  fakeProver,
  fakeStore,
  gate,
  look,
  proverFailure,
  reprove,
  sequenceRef,
} from '../fakes.ts'
import type { Harness } from '../harness.ts'
import { firstRunOf, startSequence, WAIT } from './recording-scene.ts'

/** Records a rival that verifies the sequence while its proofs are being made: they are ended. */
export async function recordUselessProving(harness: Harness): Promise<WorkflowHandle> {
  const prover = fakeProver(() => new Promise(() => {}))
  await harness.startProver('useless', prover.prove)
  let isVerified = false
  const answers = [
    look(WAIT, { waitMs: 1, atHead: { accInputHash: DATA, isVerified: true, round: null, own: null } }),
    done('proved-by-others'),
  ]
  const handle = await startSequence(
    harness,
    'useless',
    { from: 1, to: 1 },
    {
      ...fakeStore({ kind: 'useless' }),
      lookAtSequence: async () => (isVerified ? (answers.shift() ?? done('proved-by-others')) : reprove()),
    },
  )
  while (prover.begun.length === 0) await setImmediate()
  isVerified = true
  await handle.signal(wakeSignal, { why: 'a rival has verified it' })
  await handle.result()
  return handle
}

/**
 * Records what proves a sequence whose proofs ask the stores together. One of its tasks can't be opened at first, and a
 * proof is refused.
 */
export async function recordTurns(harness: Harness): Promise<WorkflowHandle> {
  const range = { from: 1, to: 5 }
  const store = fakeStore({ kind: 'turns' })
  await harness.startProver('turns', fakeProver().prove)
  const failures = { ofOpening: 2, ofVerifying: 1 }
  const isOf = (request: ProofRequest, batch: number) => request.stage === 'batch' && request.range.from === batch
  const handle = await startSequence(harness, 'turns', range, {
    ...store,
    async openTask(request) {
      if (isOf(request, 2) && failures.ofOpening-- > 0)
        throw Object.assign(proverFailure('Error', 'its row is locked'), { stack: '' })
      return store.openTask(request)
    },
    async acceptProof(reported) {
      if (isOf(reported.request, 4) && failures.ofVerifying-- > 0)
        return { status: 'refused', reason: 'it does not verify' }
      return store.acceptProof(reported)
    },
    lookAtSequence: async () => (store.isFinal() ? done() : reprove()),
  })
  await handle.result()
  return harness.client.workflow.getHandle(proveRangeWorkflowId(sequenceRef('turns', range), DATA))
}

/**
 * Records what proves a long sequence with a gap in what an earlier run has left: two parts, of which one is lost and
 * begun again.
 */
export async function recordLostPart(harness: Harness): Promise<WorkflowHandle> {
  const [whole, part] = [{ from: 1, to: 42 }, { from: 1, to: 21 }] // biome-ignore format: a row
  // biome-ignore format: a row
  const store = fakeStore({ kind: 'gaps', spans: [{ from: 1, to: 19 }, { from: 22, to: 40 }] })
  const goesOn = gate()
  const prover = fakeProver((name) => (name === 'batch 20' ? goesOn.passed : Promise.resolve()))
  await harness.startProver('gaps', prover.prove)
  const { findProvedSpans } = store
  const handle = await startSequence(harness, 'gaps', whole, {
    ...store,
    findProvedSpans: async (p) => {
      const spans = await findProvedSpans(p)
      return batchCount(p.range) === batchCount(whole) ? spans.map((span) => ({ ...span, to: span.from })) : spans
    },
    lookAtSequence: async () => (store.isFinal() ? done() : reprove()),
  })
  while (!prover.begun.includes('batch 20')) await setImmediate()
  const workflowOf = (range: typeof part) =>
    harness.client.workflow.getHandle(proveRangeWorkflowId(sequenceRef('gaps', range), DATA))
  await workflowOf(part).terminate('as a run ends that cannot be replayed')
  goesOn.open()
  await handle.result()
  return workflowOf(whole)
}

/**
 * Records the first run of what proves a sequence, or a part of it, whose history gets long while a quarantined task
 * waits.
 */
export async function recordContinuedProving(
  harness: Harness,
  rollup: string,
  { whole, part = whole }: { whole: BatchRange; part?: BatchRange },
): Promise<WorkflowHandle> {
  const store = nearlyProved(rollup, whole)
  store.quarantined.set(`batch ${part.to}`, 'the circuit is not satisfied')
  await harness.startProver(rollup, fakeProver().prove)
  const lookAtSequence = async () => (store.isFinal() ? done() : reprove())
  const handle = await startSequence(harness, rollup, whole, { ...store, lookAtSequence })
  const proving = harness.client.workflow.getHandle(proveRangeWorkflowId(sequenceRef(rollup, part), DATA))
  const isQuarantined = async () => (await proving.query(partStatusQuery)).quarantined !== null
  while (!(await isQuarantined().catch(() => false))); // it may not have begun
  const first = await firstRunOf(harness, proving)
  await handle.terminate()
  return first
}

/** Records what proves a sequence in two parts, which nobody wants any more while they are being proved. */
export async function recordCancelledParts(harness: Harness): Promise<WorkflowHandle> {
  const whole = { from: 1, to: 41 }
  const prover = fakeProver(() => new Promise(() => {}))
  await harness.startProver('unwanted', prover.prove)
  let isVerified = false
  const verified = look(WAIT, {
    waitMs: 3_600_000,
    atHead: { accInputHash: DATA, isVerified: true, round: null, own: null },
  })
  await startSequence(harness, 'unwanted', whole, {
    ...nearlyProved('unwanted', whole),
    lookAtSequence: async () => (isVerified ? verified : reprove()),
  }).then(async (handle) => {
    while (prover.begun.length < 3) await setImmediate()
    isVerified = true
    await handle.signal(wakeSignal, { why: 'a rival has verified it' })
  })
  const proving = harness.client.workflow.getHandle(proveRangeWorkflowId(sequenceRef('unwanted', whole), DATA))
  await proving.result()
  return proving
}

/** Makes a store that has most proofs of both parts of a long sequence, and knows nothing of the whole. */
function nearlyProved(kind: string, whole: BatchRange): FakeStore {
  // biome-ignore format: a row
  const store = fakeStore({ kind, spans: [{ from: 1, to: 19 }, { from: 22, to: 40 }] })
  const { findProvedSpans } = store
  store.findProvedSpans = async (p) => (formatRange(p.range) === formatRange(whole) ? [] : findProvedSpans(p))
  return store
}
