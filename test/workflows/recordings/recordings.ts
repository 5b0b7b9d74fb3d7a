import { setImmediate } from 'node:timers/promises'
import type { WorkflowHandle } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { formatRange } from '../../../protocol/base/ranges.ts'
import type { SurveyedSequence } from '../../../protocol/rollup/survey.ts'
import { chainWorkflowId, rollupWorkflowId, senderWorkflowId } from '../../../protocol/temporal/ids.ts'
import { intentSignal, wakeSignal, watcherSignal } from '../../../protocol/temporal/messages.ts'
import { WORKFLOW_TYPES } from '../../../protocol/temporal/workflow-inputs.ts'
import { gate, look, MINER, sequenceRef, setting } from '../fakes.ts'
import type { Harness } from '../harness.ts'
import { commitIntent, firstRunOf, start, untilLines, WAIT } from './recording-scene.ts'

/** Records two surveys: one sequence is proved, one is started, one waits; then the second is quarantined. */
export async function recordRollup(harness: Harness): Promise<WorkflowHandle> {
  const [first, second] = [gate(), gate()]
  const open = (from: number, isProved = false): SurveyedSequence => ({
    ...sequenceRef('all', { from, to: from }),
    isDeep: true,
    isProved,
  })
  let surveys = 0
  harness.serve('all', {
    async surveyRollup() {
      surveys += 1
      if (surveys === 2) second.open()
      return {
        ...{
          lastVerifiedBatch: 0,
          lastBatchSequenced: 3,
          maxUnproved: 2,
          held: null,
          waitMs: 3_600_000,
          setting: setting('nobody'),
        },
        open: [open(1, surveys > 1), open(2), { ...open(3), isDeep: false }],
      }
    },
    prepareSequence: async ({ sequence }) =>
      surveys > 1
        ? { status: 'quarantined', reason: `batches ${formatRange(sequence)} can't be decoded` }
        : { status: 'prepared' },
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

/** Records a preparation that ends long after what is owed was started, another that fails, and the next try. */
export async function recordPreparingApart(harness: Harness): Promise<WorkflowHandle> {
  const [asked, prepared, second] = [gate(), gate(), gate()]
  const open = (from: number): SurveyedSequence => ({
    ...sequenceRef('beside', { from, to: from }),
    isDeep: true,
    isProved: false,
  })
  const running = new Set<number>()
  let failures = 1
  harness.serve('beside', {
    surveyRollup: async () => ({
      ...{ lastVerifiedBatch: 0, lastBatchSequenced: 3, maxUnproved: 2, held: null, waitMs: 3_600_000 },
      setting: setting('nobody'),
      open: [{ ...open(1), isOwed: true }, open(2), open(3)].map((one) => ({
        ...one,
        ...(running.has(one.from) && { isRunning: true }),
      })),
    }),
    async prepareSequence({ sequence }) {
      if (sequence.from === 2) {
        asked.open()
        await prepared.passed
      }
      if (sequence.from === 3 && failures-- > 0)
        throw Object.assign(ApplicationFailure.nonRetryable('no disk is left'), { stack: '' }) // it names the machine
      return { status: 'prepared' }
    },
    async lookAtSequence({ sequence }) {
      running.add(sequence.from)
      if (sequence.from === 2) second.open()
      return look(WAIT, { waitMs: 3_600_000 })
    },
  })
  const handle = await start(harness, WORKFLOW_TYPES.rollup, rollupWorkflowId('beside'), { rollup: 'beside' })
  await asked.passed
  while (!running.has(1)) await setImmediate()
  await handle.signal(wakeSignal, { why: 'block 7' })
  prepared.open()
  await second.passed
  await untilLines(handle, 'no disk is left')
  while (!running.has(3)) await setImmediate()
  return handle
}

/** Records intents that arrive before, during and after a pass. */
export async function recordSender(harness: Harness): Promise<WorkflowHandle> {
  const [asked, answered, idle] = [gate(), gate(), gate()]
  let passes = 0
  harness.serve(31337, {
    async advanceSender({ queue }) {
      passes += 1
      if (passes === 1) asked.open()
      if (passes === 1) await answered.passed
      if (passes === 4) idle.open()
      return {
        queue: queue.slice(1),
        unfinalNonces: 1,
        lines: [`pass ${passes}`],
        waitMs: passes === 2 ? 1 : 3_600_000,
      }
    },
  })
  const id = senderWorkflowId(31337, MINER)
  const handle = await start(harness, WORKFLOW_TYPES.sender, id, {
    chainId: 31337,
    account: MINER,
    queue: [commitIntent(1)],
  })
  await asked.passed
  for (const from of [2, 3, 2]) await handle.signal(intentSignal, commitIntent(from))
  answered.open()
  await untilLines(handle, 'pass 3')
  await handle.signal(wakeSignal, { why: 'block 101' })
  await idle.passed
  await untilLines(handle, 'pass 4')
  return handle
}

/** Records two runs of the watcher and the beginning of a third, which sees nothing. */
export async function recordChain(harness: Harness): Promise<WorkflowHandle> {
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
  await handle.signal(watcherSignal, 'no endpoint answers')
  await untilLines(handle, 'no endpoint answers')
  return handle
}

/** Records the first run of a sender whose history gets long while intents wait. */
export async function recordContinuedSender(harness: Harness): Promise<WorkflowHandle> {
  harness.serve(2, {
    advanceSender: async ({ queue }) => ({
      queue,
      unfinalNonces: 0,
      lines: [`${queue.length} waiting`],
      waitMs: 3_600_000,
    }),
  })
  const handle = await start(harness, WORKFLOW_TYPES.sender, senderWorkflowId(2, MINER), {
    chainId: 2,
    account: MINER,
    queue: [],
  })
  await handle.signal(intentSignal, commitIntent(1))
  await untilLines(handle, '1 waiting')
  return firstRunOf(harness, handle)
}
