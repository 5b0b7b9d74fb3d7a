import type { WorkflowHandle } from '@temporalio/client'
import { describe, expect, test, vi } from 'vitest'
import { name as configuredName, proverName } from '../../protocol/base/fields.ts'
import { batchAttributes } from '../../protocol/temporal/attributes.ts'
import { AGGREGATOR_TASK_QUEUE, proveRangeWorkflowId, sequenceWorkflowId } from '../../protocol/temporal/ids.ts'
import { WORKFLOW_TYPES } from '../../protocol/temporal/workflow-inputs.ts'
import { SOON } from '../support/patience.ts'
import { done, fakeProver, fakeStore, reprove, sequenceRef, setting } from './fakes.ts'
import { only } from './proof/proving-scene.ts'
import { useHarness } from './use-harness.ts'

const harness = useHarness()

/** The longest that the configuration takes. */
const LONGEST = 'r'.repeat(64)
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
