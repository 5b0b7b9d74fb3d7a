/**
 * Records the histories that replay.test.ts replays: `node test/workflows/record-histories.ts`, after a change of a workflow that
 * running ones need not survive. Otherwise the change goes behind a patch marker, and a history with it is added.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { WorkflowHandle } from '@temporalio/client'
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import { startTemporal } from '../../dev/stack/temporal.ts'
import type { SurveyedSequence } from '../../protocol/activities.ts'
import { AGGREGATOR_TASK_QUEUE, chainWorkflowId, rollupWorkflowId, senderWorkflowId, sequenceWorkflowId } from '../../protocol/ids.ts'
import { forceResubmitUpdate, intentSignal, linesQuery, wakeSignal } from '../../protocol/messages.ts'
import type { Step } from '../../protocol/next-step.ts'
import { searchAttributeTypes } from '../../protocol/search-attributes.ts'
import type { Intent } from '../../protocol/sender-queue.ts'
import { formatRange } from '../../protocol/sequence.ts'
import { WORKFLOW_TYPES } from '../../protocol/workflow-inputs.ts'
import { DATA, done, fakeProver, fakeStore, gate, hash, look, MINER, reprove, sequenceRef, setting } from './fakes.ts'
import { type Harness, installQuietRuntime, startHarness } from './harness.ts'

/** File of a recorded history. */
export const historyFile = (name: string): URL => new URL(`../histories/${name}.json`, import.meta.url)

/** What is recorded, by name of its file. */
export const RECORDINGS: Record<string, (harness: Harness) => Promise<WorkflowHandle>> = {
  'sequence-1-batch': (harness) => recordSequence(harness, 'one', { from: 1, to: 1 }),
  'sequence-3-batches': (harness) => recordSequence(harness, 'three', { from: 2, to: 4 }),
  rollup: recordRollup,
  sender: recordSender,
  chain: recordChain,
}

const COMMIT: Step = { kind: 'commit', firstBlock: 100, lastBlock: null }
const WAIT: Step = { kind: 'wait', code: 'proof-window-opens', why: 'T1: proofs open at block 111, 7 blocks', untilBlock: 110 }
const PROVE: Step = { kind: 'prove', firstBlock: 111, lastBlock: 130, isLate: false }

/** From the first look through proving, commit, a wait that a signal ends, an admin’s Update, proof and finality to the end. */
async function recordSequence(harness: Harness, rollup: string, range: { from: number; to: number }): Promise<WorkflowHandle> {
  const store = fakeStore({ kind: rollup })
  await harness.startProver(rollup, fakeProver().prove)
  const waits = gate()
  const steps = [COMMIT, WAIT, WAIT, PROVE]
  const sequence = sequenceRef(rollup, range)
  harness.serve(rollup, {
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
  const handle = await start(harness, WORKFLOW_TYPES.sequence, sequenceWorkflowId(sequence), { sequence, setting: setting(rollup) })
  await waits.passed
  await handle.executeUpdate(forceResubmitUpdate, { args: [{ who: 'ann', reason: 'a recording' }] })
  await handle.signal(wakeSignal, { why: 'block 111' })
  await handle.result()
  return handle
}

/** Two surveys: one sequence is proved, one is started, one waits; then the second is quarantined. */
async function recordRollup(harness: Harness): Promise<WorkflowHandle> {
  const [first, second] = [gate(), gate()]
  const open = (from: number, isProved = false): SurveyedSequence => ({ ...sequenceRef('all', { from, to: from }), isDeep: true, isProved })
  let surveys = 0
  harness.serve('all', {
    async surveyRollup() {
      surveys += 1
      if (surveys === 2) second.open()
      return {
        ...{ lastVerifiedBatch: 0, lastBatchSequenced: 3, maxUnproved: 2, held: null, waitMs: 3_600_000, setting: setting('nobody') },
        open: [open(1, surveys > 1), open(2), { ...open(3), isDeep: false }],
      }
    },
    prepareSequence: async ({ sequence }) =>
      surveys > 1 ? { status: 'quarantined', reason: `batches ${formatRange(sequence)} can't be decoded` } : { status: 'prepared' },
    async lookAtSequence({ sequence }) {
      if (sequence.from === 2) first.open()
      return look(WAIT, { waitMs: 3_600_000 })
    },
  })
  const handle = await start(harness, WORKFLOW_TYPES.rollup, rollupWorkflowId('all'), { rollup: 'all' })
  await first.passed
  await handle.signal(wakeSignal, { why: 'batch 1 is proved' })
  await second.passed
  await untilLines(handle, 'quarantined')
  return handle
}

/** Intents that arrive before, during and after a pass. */
async function recordSender(harness: Harness): Promise<WorkflowHandle> {
  const [asked, answered, idle] = [gate(), gate(), gate()]
  const intent = (from: number): Intent => ({
    ...{ rollup: 'all', from, to: from, accInputHash: DATA, step: 'commit', contract: MINER, firstBlock: 1, lastBlock: null },
    finalProof: { sha256: DATA, size: 16_384, proofHash: hash(2) },
  })
  let passes = 0
  harness.serve(31337, {
    async advanceSender({ queue }) {
      passes += 1
      if (passes === 1) asked.open()
      if (passes === 1) await answered.passed
      if (passes === 4) idle.open()
      return { queue: queue.slice(1), unfinalNonces: 1, lines: [`pass ${passes}`], waitMs: passes === 2 ? 1 : 3_600_000 }
    },
  })
  const id = senderWorkflowId(31337, MINER)
  const handle = await start(harness, WORKFLOW_TYPES.sender, id, { chainId: 31337, account: MINER, queue: [intent(1)] })
  await asked.passed
  for (const from of [2, 3, 2]) await handle.signal(intentSignal, intent(from))
  answered.open()
  await untilLines(handle, 'pass 3')
  await handle.signal(wakeSignal, { why: 'block 101' })
  await idle.passed
  await untilLines(handle, 'pass 4')
  return handle
}

/** Two runs of the watcher and the beginning of a third. */
async function recordChain(harness: Harness): Promise<WorkflowHandle> {
  const third = gate()
  let runs = 0
  harness.serve(1, {
    async watchChain() {
      runs += 1
      if (runs < 3) return { blocks: 100 }
      third.open()
      return { blocks: await new Promise<number>(() => {}) }
    },
  })
  const handle = await start(harness, WORKFLOW_TYPES.chain, chainWorkflowId(1), { chainId: 1 })
  await third.passed
  return handle
}

const start = (harness: Harness, type: string, workflowId: string, input: object): Promise<WorkflowHandle> =>
  harness.client.workflow.start(type, { workflowId, taskQueue: AGGREGATOR_TASK_QUEUE, args: [input] })

async function untilLines(handle: WorkflowHandle, text: string): Promise<void> {
  while (!(await handle.query(linesQuery)).join().includes(text));
}

async function record(): Promise<void> {
  installQuietRuntime()
  const folder = await mkdtemp(join(tmpdir(), 'zkpow-record-'))
  const temporal = await startTemporal(folder, { searchAttributes: searchAttributeTypes })
  try {
    const harness = await startHarness(temporal)
    for (const [name, recording] of Object.entries(RECORDINGS)) {
      const history = await (await recording(harness)).fetchHistory()
      await writeFile(historyFile(name), `${historyToJSON(history)}\n`)
      console.log(`${name}: ${history.events?.length} events`)
    }
    // The workers wait for activities that never end: the process ends them.
  } finally {
    await temporal.stop()
    await rm(folder, { recursive: true })
    process.exit()
  }
}

if (import.meta.main) await record()
