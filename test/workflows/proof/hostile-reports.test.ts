import { describe, expect, test, vi } from 'vitest'
import type { ProofTask, ProofUpload } from '../../../protocol/proof/task.ts'
import { AGGREGATOR_TASK_QUEUE, proveRangeWorkflowId } from '../../../protocol/temporal/ids.ts'
import { WORKFLOW_TYPES } from '../../../protocol/temporal/workflow-inputs.ts'
import { uniqueName } from '../../support/names.ts'
import { LATER } from '../../support/patience.ts'
import {
  DATA,
  type FakeProver,
  type FakeStore,
  fakeProver,
  fakeStore,
  hash,
  sequenceRef,
  setting,
  upload,
} from '../fakes.ts'
import { useHarness } from '../use-harness.ts'
import { only, startProving } from './proving-scene.ts'

// A prover's worker answers a task, in the hands of somebody who means harm. The answer is judged by `acceptProof`, and
// decides nothing itself.

const harness = useHarness()

/** As much as the server takes in one answer, all but: with anything beside it, it would take no call that holds it. */
const ENORMOUS = 'x'.repeat(2 * 1024 * 1024 - 200)

/** By: as whom it names its prover. */
const REPORTS: { report: unknown; what: string; by?: string }[] = [
  { what: 'a proof found late', report: { late: { sha256: hash(1), size: 1 } } },
  { what: 'no proof found late', report: { late: null } },
  { what: 'a verdict', report: { kind: 'late', proof: { sha256: hash(1), size: 1 }, status: 'verified' } },
  { what: 'null', report: null },
  { what: 'nothing', report: undefined },
  { what: 'a text', report: 'late' },
  { what: 'a number', report: 7 },
  { what: 'a list', report: [{ late: null }] },
  { what: 'a hash that is none', report: { sha256: { toString: 1 }, prover: 'liar' }, by: 'liar' },
  { what: 'a name alone', report: { prover: 'liar' }, by: 'liar' },
  { what: 'a name that never ends', report: { prover: ENORMOUS }, by: `${'x'.repeat(199)}…` },
]

/** A prover makes five attempts with growing pauses, 20 s of them in all. */

describe.concurrent.each(REPORTS)('a prover that reports $what', ({ report, by = '(unnamed)' }) => {
  test('to a sequence is refused, and its task set aside with evidence', async () => {
    const { proving, store, accepted, begun } = await sequenceWith(async () => report)
    harness.bloated.add(proving.workflowId)
    await vi.waitUntil(() => store.quarantined.size > 0, LATER)
    expect(begun.filter((name) => name === 'batch 1')).toHaveLength(5)
    expect(store.evidence.get('batch 1')).toMatchObject([{ prover: by, why: 'it names no proof', times: 5 }])
    expect(store.proofs.has(`batch 1 of ${DATA}`)).toBe(false)
    expect(accepted.every((heard) => JSON.stringify(heard).length < 1_000)).toBe(true)
  })

  test('to a part of a long one is refused, and its task set aside with evidence', async () => {
    const { handle, store } = await rangeWith(async () => report)
    harness.bloated.add(handle.workflowId)
    await vi.waitUntil(() => store.quarantined.size > 0, LATER)
    expect(store.evidence.get('batch 1')).toMatchObject([{ prover: by, why: 'it names no proof', times: 5 }])
    expect(await handle.describe()).toMatchObject({ status: { name: 'RUNNING' } })
    await handle.terminate()
  })
})

describe.concurrent('a prover', () => {
  test('that reports nonsense under its name leaves the task to others', async () => {
    let lies = 0
    const liar = async (made: ProofUpload) => (lies++ === 0 ? { prover: 'liar' } : made)
    const { result, store, tasks } = await sequenceWith(liar, { hasOtherProver: async () => true })
    await result
    expect(tasks.map(({ stage, excludedProvers }) => [stage, excludedProvers])).toEqual([
      ['batch', []],
      ['batch', ['liar']],
      ['final', []],
    ])
    expect(store.quarantined.size).toBe(0)
  })
})

/** What is answered instead of what was made. */
type Report = (made: ProofUpload) => Promise<unknown>

/** Takes only what names the honest proof, and tells what it was asked. */
function judging(store: FakeStore) {
  const accepted: ProofUpload[] = []
  const acceptProof: FakeStore['acceptProof'] = async (p) => {
    accepted.push(p.upload)
    return p.upload?.sha256 === upload(p.request.range, '').sha256
      ? store.acceptProof(p)
      : { status: 'refused', reason: 'it names no proof' }
  }
  return { accepted, acceptProof }
}

/** Makes a prover that answers batches with something else. */
function lyingProver(report: Report): FakeProver {
  const honest = fakeProver()
  const prove = async (task: ProofTask) => {
    const made = await honest.prove(task)
    return task.stage === 'batch' ? ((await report(made)) as ProofUpload) : made
  }
  return { ...honest, prove }
}

async function sequenceWith(report: Report, change: Partial<FakeStore> = {}) {
  const kind = uniqueName('kind')
  const prover = lyingProver(report)
  await harness.startProver(kind, prover.prove)
  let accepted: ProofUpload[] = []
  const proving = await startProving(harness, only(1), {
    kind,
    prover,
    change: (store) => {
      const judge = judging(store)
      accepted = judge.accepted
      return { acceptProof: judge.acceptProof, ...change }
    },
  })
  return { ...proving, accepted }
}

async function rangeWith(report: Report) {
  const kind = uniqueName('kind')
  await harness.startProver(kind, lyingProver(report).prove)
  const sequence = sequenceRef(uniqueName('rollup'), only(1))
  const store = fakeStore({ kind })
  harness.serve(sequence.rollup, { ...store, acceptProof: judging(store).acceptProof })
  const handle = await harness.client.workflow.start(WORKFLOW_TYPES.proveRange, {
    workflowId: proveRangeWorkflowId(sequence, sequence.accInputHash),
    taskQueue: AGGREGATOR_TASK_QUEUE,
    args: [{ sequence, range: only(1), setting: setting(kind) }],
  })
  return { handle, store }
}
