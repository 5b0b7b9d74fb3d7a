import type { WorkflowHandle } from '@temporalio/client'
import { describe, expect, test, vi } from 'vitest'
import { name as configuredName, proverName } from '../../protocol/base/fields.ts'
import { judgeRollup, type RollupFacts } from '../../protocol/rollup/judge.ts'
import { batchAttributes } from '../../protocol/temporal/attributes.ts'
import {
  AGGREGATOR_TASK_QUEUE,
  proveRangeWorkflowId,
  rollupWorkflowId,
  sequenceWorkflowId,
} from '../../protocol/temporal/ids.ts'
import { WORKFLOW_TYPES } from '../../protocol/temporal/workflow-inputs.ts'
import { LATER, SOON } from '../support/patience.ts'
import { done, fakeProver, fakeStore, reprove, sequenceRef, setting } from './fakes.ts'
import { only } from './proof/proving-scene.ts'
import { useHarness } from './use-harness.ts'

const harness = useHarness()

/** The longest that the configuration takes. */
const LONGEST = 'r'.repeat(64)
/** The most that `limits.maxUnproved` may be. */
const MOST_UNPROVED = 1_000
const LONGEST_PROVER = '𝔭'.repeat(200) // each has four bytes

describe.concurrent('what a configuration may hold is within what the server takes:', () => {
  test('names', () => {
    expect(configuredName.safeParse(LONGEST).success).toBe(true)
    expect(configuredName.safeParse(`${LONGEST}r`).success).toBe(false)
    expect(proverName.safeParse(LONGEST_PROVER).success).toBe(true)
    expect(proverName.safeParse(`${LONGEST_PROVER}p`).success).toBe(false)
  })

  test.each([{ weight: 0.001 }, { weight: 1000 }])('the longest names, and a weight of $weight', async ({ weight }) => {
    const kind = `${weight}`.replace('.', '-').padEnd(64, 'k')
    const rollup = `${weight}`.replace('.', '-').padEnd(64, 'r')
    const prover = fakeProver()
    await harness.startProver(kind, prover.prove, { identity: LONGEST_PROVER })
    const store = fakeStore({ kind })
    harness.serve(rollup, { ...store, lookAtSequence: async () => (store.isFinal() ? done() : reprove()) })
    await (await startNamed(rollup, kind, weight)).result()
    expect(prover.begun).toEqual(['batch 1', 'final 1'])
  })

  test('as many unproved sequences as a rollup may have, none of which runs', async () => {
    const rollup = 'many-unproved'
    const started = new Set<number>()
    harness.serve(rollup, {
      surveyRollup: async () => ({ ...judgeRollup(backlog(rollup, started)).survey, setting: setting('nobody') }),
      prepareSequence: async () => ({ status: 'prepared' }),
      startSequences: async ({ sequences }) => {
        for (const { from } of sequences) started.add(from)
      },
    })
    const workflowId = rollupWorkflowId(rollup)
    harness.bloated.add(workflowId) // a survey of fifty sequences is larger than a look at one
    const options = { workflowId, taskQueue: AGGREGATOR_TASK_QUEUE, args: [{ rollup }] }
    await harness.client.workflow.start(WORKFLOW_TYPES.rollup, options)
    await vi.waitUntil(() => started.size > 60, LATER) // more than one survey lists
    const { raw } = await harness.client.workflow.getHandle(workflowId).describe()
    const { historyLength, historySizeBytes } = raw.workflowExecutionInfo ?? {}
    // The server ends a workflow at 51,200 events or 50 MB.
    expect((Number(historyLength) / started.size) * MOST_UNPROVED).toBeLessThan(25_000)
    expect((Number(historySizeBytes) / started.size) * MOST_UNPROVED).toBeLessThan(25_000_000)
  })

  test('a longer name of a rollup is what the server would refuse again and again, with the workflow running', async () => {
    const [rollup, kind] = [`${LONGEST}r`, 'too-long']
    harness.serve(rollup, { ...fakeStore({ kind }), lookAtSequence: async () => reprove() })
    const sequence = await startNamed(rollup, kind, 1)
    const { accInputHash } = sequenceRef(rollup, only(1))
    const handle = harness.client.workflow.getHandle(proveRangeWorkflowId(sequenceRef(rollup, only(1)), accInputHash))
    const refused = async () => {
      const { events } = await handle.fetchHistory()
      return (events ?? []).flatMap(({ workflowTaskFailedEventAttributes: failed }) => failed?.failure?.message ?? [])
    }
    await vi.waitFor(async () => expect((await refused()).join()).toMatch(/fairness/i), SOON)
    expect((await handle.describe()).status.name).toBe('RUNNING')
    await handle.terminate()
    await sequence.terminate()
  })
})

/** Makes facts of a rollup with as many sequences as may be unproved. */
function backlog(rollup: string, running: ReadonlySet<number>): RollupFacts {
  return {
    ...{ head: { number: 9_000, hash: '0x01' }, final: 8_900, lastVerifiedBatch: 0, finalVerifiedBatch: 0 },
    ...{ lastBatchSequenced: MOST_UNPROVED, floorBatch: 0, unended: [], holds: [], unpaidWei: 0n, leastRewardWei: 0n },
    ...{ maxUnproved: MOST_UNPROVED, msPerBlock: null },
    posted: Array.from({ length: MOST_UNPROVED }, (_, i) => ({
      ...sequenceRef(rollup, only(i + 1)),
      ...{ isDeep: true, isProved: false, isRunning: running.has(i + 1), hash: null },
    })),
  }
}

function startNamed(rollup: string, kind: string, weight: number): Promise<WorkflowHandle> {
  const sequence = sequenceRef(rollup, only(1))
  const settings = { ...setting(kind), weight }
  return harness.client.workflow.start(WORKFLOW_TYPES.sequence, {
    workflowId: sequenceWorkflowId(sequence),
    taskQueue: AGGREGATOR_TASK_QUEUE,
    args: [{ sequence, setting: settings }],
    typedSearchAttributes: batchAttributes(sequence, settings),
  })
}
