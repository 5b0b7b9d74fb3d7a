import { setImmediate } from 'node:timers/promises'
import type { WorkflowHandle } from '@temporalio/client'
import type { Step } from '../../../protocol/sequence/next-step.ts'
import { senderWorkflowId } from '../../../protocol/temporal/ids.ts'
import {
  forceResubmitUpdate,
  liftedSignal,
  sequenceStatusQuery,
  wakeSignal,
} from '../../../protocol/temporal/messages.ts'
import { DATA, done, fakeProver, fakeStore, gate, hash, look, MINER, proverFailure, reprove } from '../fakes.ts'
import type { Harness } from '../harness.ts'
import { firstRunOf, startSequence, WAIT } from './recording-scene.ts'

const COMMIT: Step = { kind: 'commit', firstBlock: 100, lastBlock: null }
const PROVE: Step = { kind: 'prove', firstBlock: 111, lastBlock: 130, isLate: false }

/**
 * Records a sequence from the first look through proving, commit, a wait that a signal ends, an admin’s Update, proof
 * and finality to the end.
 */
export async function recordSequence(
  harness: Harness,
  rollup: string,
  range: { from: number; to: number },
): Promise<WorkflowHandle> {
  const store = fakeStore({ kind: rollup })
  await harness.startProver(rollup, fakeProver().prove)
  const waits = gate()
  const steps = [COMMIT, WAIT, WAIT, PROVE]
  const handle = await startSequence(harness, rollup, range, {
    ...store,
    async lookAtSequence() {
      if (!store.isFinal()) return reprove()
      const step = steps.shift()
      if (step === undefined) return done()
      if (step.kind === 'wait') waits.open()
      return look(step, { waitMs: step.kind === 'wait' ? 3_600_000 : 1 })
    },
    handIntent: async () => ({ sender: senderWorkflowId(31337, MINER) }),
  })
  await waits.passed
  await handle.executeUpdate(forceResubmitUpdate, { args: [{ who: 'ann', reason: 'a recording' }] })
  await handle.signal(wakeSignal, { why: 'block 111' })
  await handle.result()
  return handle
}

/**
 * Records a sequence of two parts, each nearly proved by an earlier run. The child's own history is recorded after it.
 */
export async function recordLongSequence(harness: Harness): Promise<WorkflowHandle> {
  // biome-ignore format: a row
  const store = fakeStore({ kind: 'long', spans: [{ from: 1, to: 19 }, { from: 22, to: 40 }] })
  await harness.startProver('long', fakeProver().prove)
  const { findProvedSpans } = store
  const handle = await startSequence(
    harness,
    'long',
    { from: 1, to: 41 },
    {
      ...store,
      // Nothing is known of the whole.
      findProvedSpans: async (p) => (p.range.to - p.range.from < 40 ? findProvedSpans(p) : []),
      lookAtSequence: async () => (store.isFinal() ? done() : reprove()),
    },
  )
  await handle.result()
  return handle
}

/** Records a task that a prover fails until it is quarantined. An operator lifts that. */
export async function recordQuarantine(harness: Harness): Promise<WorkflowHandle> {
  const store = fakeStore({ kind: 'quarantined' })
  let failures = 0
  await harness.startProver(
    'quarantined',
    fakeProver(async (name) => {
      if (name === 'batch 1' && failures++ < 5)
        // The stack names the machine.
        throw Object.assign(proverFailure('NoirError', 'the circuit is not satisfied'), { stack: '' })
    }).prove,
  )
  const handle = await startSequence(
    harness,
    'quarantined',
    { from: 1, to: 1 },
    {
      ...store,
      lookAtSequence: async () => (store.isFinal() ? done() : reprove()),
    },
  )
  while ((await handle.query(sequenceStatusQuery)).quarantined === null);
  store.quarantined.clear()
  await handle.signal(liftedSignal)
  await handle.result()
  return handle
}

/**
 * Records a prover that fails a task and hands it back twice while others are to have it first. It was recorded when
 * such a task kept its priority.
 */
export async function recordHandedBack(harness: Harness): Promise<WorkflowHandle> {
  const store = fakeStore({ kind: 'handed-back' })
  let attempts = 0
  await harness.startProver(
    'handed-back',
    fakeProver(async (name, { excludedProvers }) => {
      if (name !== 'batch 1' || ++attempts > 3) return
      const isExcluded = excludedProvers.includes('test')
      const failure = isExcluded
        ? proverFailure('ProverExcludedError', 'left to others')
        : proverFailure('NoirError', 'no proof')
      throw Object.assign(failure, { stack: '' }) // the stack names the machine
    }).prove,
  )
  const handle = await startSequence(
    harness,
    'handed-back',
    { from: 1, to: 1 },
    {
      ...store,
      hasOtherProver: async () => true,
      lookAtSequence: async () => (store.isFinal() ? done() : reprove()),
    },
  )
  await handle.result()
  return handle
}

/** Records a reorg that changes the data while batches are being proved. */
export async function recordReorg(harness: Harness): Promise<WorkflowHandle> {
  const other = hash(0xdb)
  const store = fakeStore({ kind: 'reorg' })
  const prover = fakeProver(() => (data === DATA ? new Promise(() => {}) : Promise.resolve()))
  await harness.startProver('reorg', prover.prove)
  let data = DATA
  const handle = await startSequence(
    harness,
    'reorg',
    { from: 1, to: 2 },
    {
      ...store,
      lookAtSequence: async () => (store.isFinal(other) ? done() : reprove(data)),
    },
  )
  while (prover.begun.length < 2) await setImmediate()
  data = other
  await handle.signal(wakeSignal, { why: 'a reorg' })
  await handle.result()
  return handle
}

/** Records the first run of a sequence whose history gets long while it waits. */
export async function recordContinuedSequence(harness: Harness): Promise<WorkflowHandle> {
  const handle = await startSequence(
    harness,
    'continued',
    { from: 1, to: 1 },
    {
      lookAtSequence: async () => look(WAIT, { waitMs: 3_600_000 }),
    },
  )
  return firstRunOf(harness, handle)
}
