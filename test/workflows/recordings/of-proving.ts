import { setImmediate } from 'node:timers/promises'
import type { WorkflowHandle } from '@temporalio/client'
import { batchCount } from '../../../protocol/base/ranges.ts'
import type { ProofRequest } from '../../../protocol/proof/request.ts'
import { proveRangeWorkflowId } from '../../../protocol/temporal/ids.ts'
import { wakeSignal } from '../../../protocol/temporal/messages.ts'
import { DATA, done, fakeProver, fakeStore, gate, look, proverFailure, reprove, sequenceRef } from '../fakes.ts'
import type { Harness } from '../harness.ts'
import { startSequence, WAIT } from './recording-scene.ts'

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
