import { setImmediate } from 'node:timers/promises'
import type { WorkflowHandle } from '@temporalio/client'
import { batchCount } from '../../../protocol/base/ranges.ts'
import { proveRangeWorkflowId } from '../../../protocol/temporal/ids.ts'
import { wakeSignal } from '../../../protocol/temporal/messages.ts'
import { DATA, done, fakeProver, fakeStore, gate, look, reprove, sequenceRef } from '../fakes.ts'
import type { Harness } from '../harness.ts'
import { startSequence, WAIT } from './recording-scene.ts'

/** A rival verifies the sequence while its proofs are being made: they are ended. */
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
 * What proves a long sequence with a gap in what an earlier run has left: two parts, of which one is lost and begun
 * again.
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
