import type { WorkflowHandle } from '@temporalio/client'
import { expect, test, vi } from 'vitest'
import { createStartSequences } from '../../../activities/rollup/start-sequences.ts'
import { createSurveyRollup } from '../../../activities/rollup/survey-rollup.ts'
import { formatRange } from '../../../protocol/base/ranges.ts'
import type { TrustedActivities } from '../../../protocol/temporal/activities.ts'
import { AGGREGATOR_TASK_QUEUE, rollupWorkflowId } from '../../../protocol/temporal/ids.ts'
import { wakeSignal } from '../../../protocol/temporal/messages.ts'
import { WORKFLOW_TYPES } from '../../../protocol/temporal/workflow-inputs.ts'
import { fakeChain, type Posted, setUp } from '../../activities/support.ts'
import { hash, openTestDatabase } from '../../db/fixtures.ts'
import { LATER } from '../../support/patience.ts'
import { look } from '../fakes.ts'
import { useHarness } from '../use-harness.ts'

const harness = useHarness()
const { db } = await openTestDatabase()

/** More sequences than one round starts. */
const SEQUENCES = 205

test('a rollup of many open sequences starts each, and writes nothing of them while they run', async () => {
  const { handle, looked, surveys } = await startRollup()
  harness.bloated.add(handle.workflowId)
  await vi.waitUntil(() => looked.size === SEQUENCES, LATER)
  await vi.waitUntil(async () => (await isIdle(handle)) && surveys() > 1, LATER)
  const before = await sizeOf(handle)
  const idle = surveys() + 1
  await handle.signal(wakeSignal, { why: 'a test' })
  await vi.waitUntil(async () => surveys() === idle && (await isIdle(handle)), LATER)
  const after = await sizeOf(handle)
  expect(after.events - before.events).toBeLessThan(15)
  expect(after.bytes - before.bytes).toBeLessThan(5_000)
  const { events } = await handle.fetchHistory()
  expect(events?.filter((event) => event.startChildWorkflowExecutionInitiatedEventAttributes)).toEqual([])
})

/** Starts a rollup of sequences that others have verified and in which our share waits: each needs a workflow. */
async function startRollup() {
  const posted = Array.from({ length: SEQUENCES }, (_, i): Posted => ({ from: i + 1, to: i + 1, data: [`${i}`] }))
  const listed = fakeChain(posted)
  const round = { startBlock: 80, commitBlocks: 10, proveBlocks: 20, isVerified: true, lateProofDeadlineBlock: 140 }
  const own = { proofHash: hash(1), roundStartBlock: 80, isProved: true, isSettled: false }
  const scene = await setUp(db, {
    posted,
    chain: {
      readRollup: async (p) => ({
        ...(await listed.readRollup(p)),
        lastVerifiedBatch: SEQUENCES,
        finalVerifiedBatch: SEQUENCES,
      }),
      readOnChain: async () => ({ accInputHash: hash(1), isVerified: true, round, own }),
      readClaimable: async () => 0n,
    },
  })
  const deps = { ...scene.deps, temporal: harness.client }
  const survey = createSurveyRollup(deps)
  const looked = new Set<string>()
  let surveys = 0
  const fakes: Partial<TrustedActivities> = {
    surveyRollup: async (p) => {
      const found = await survey(p)
      surveys += 1
      return found
    },
    startSequences: createStartSequences(deps),
    lookAtSequence: async ({ sequence }) => {
      looked.add(formatRange(sequence))
      return look({ kind: 'wait', code: 'finality', why: 'a test', untilBlock: null }, { waitMs: 3_600_000 })
    },
  }
  harness.serve(scene.rollup.name, fakes)
  const handle = await harness.client.workflow.start(WORKFLOW_TYPES.rollup, {
    workflowId: rollupWorkflowId(scene.rollup.name),
    taskQueue: AGGREGATOR_TASK_QUEUE,
    args: [{ rollup: scene.rollup.name }],
  })
  return { handle, looked, surveys: () => surveys }
}

/** Tells whether it has looked, started all, and waits for the time of the next survey, not of the next start. */
async function isIdle(handle: WorkflowHandle): Promise<boolean> {
  const { raw } = await handle.describe()
  const { events } = await handle.fetchHistory()
  const last = events?.at(-1)?.timerStartedEventAttributes
  return (raw.pendingActivities ?? []).length === 0 && Number(last?.startToFireTimeout?.seconds ?? 0) > 1
}

async function sizeOf(handle: WorkflowHandle): Promise<{ events: number; bytes: number }> {
  const { raw } = await handle.describe()
  const { historyLength, historySizeBytes } = raw.workflowExecutionInfo ?? {}
  return { events: Number(historyLength), bytes: Number(historySizeBytes) }
}
