import type { WorkflowHandle } from '@temporalio/client'
import type { BatchRange } from '../../../protocol/base/ranges.ts'
import type { SequenceLook } from '../../../protocol/sequence/look.ts'
import { AGGREGATOR_TASK_QUEUE, proveRangeWorkflowId, sequenceWorkflowId } from '../../../protocol/temporal/ids.ts'
import { WORKFLOW_TYPES } from '../../../protocol/temporal/workflow-inputs.ts'
import { uniqueName } from '../../support/names.ts'
import {
  DATA,
  done,
  type FakeProver,
  type FakeStore,
  fakeProver,
  fakeStore,
  hash,
  reprove,
  sequenceRef,
  setting,
} from '../fakes.ts'
import type { FileHarness } from '../use-harness.ts'

export const now = Promise.resolve()
/** A promise that is never kept: the task is still being proved when the test has ended. */
export const held = new Promise<void>(() => {})

/** Makes a range of one batch. */
export const only = (batch: number): BatchRange => ({ from: batch, to: batch })

interface Proving extends FakeProver {
  store: FakeStore
  handle: WorkflowHandle
  /** The workflow that proves it. */
  proving: WorkflowHandle
  result: Promise<unknown>
}

export interface Scene {
  kind?: string
  spans?: BatchRange[]
  /** Verified proofs that are there already. */
  stored?: string[]
  act?: Parameters<typeof fakeProver>[0]
  /** A prover whose worker serves the kind already. */
  prover?: FakeProver
  change?(store: FakeStore): Partial<FakeStore>
  /** @default a proof is wanted, and all is done when it is there */
  look?: () => Promise<SequenceLook>
}

/** Starts a sequence of a rollup of its own, which is done when its final proof is in the store. */
export async function startProving(
  harness: FileHarness,
  range: BatchRange,
  { kind = uniqueName('kind'), stored = [], act, ...scene }: Scene = {},
): Promise<Proving> {
  const rollup = uniqueName('rollup')
  const store = fakeStore({ kind, spans: scene.spans ?? [] })
  for (const name of stored) store.proofs.set(`${name} of ${DATA}`, { sha256: hash(name.length), size: 1 })
  const prover = scene.prover ?? fakeProver(act)
  if (scene.prover === undefined) await harness.startProver(kind, prover.prove)
  let looks = 0
  harness.serve(rollup, {
    ...store,
    ...scene.change?.(store),
    lookAtSequence: scene.look ?? (async () => (looks++ > 0 && store.isFinal() ? done() : reprove())),
  })
  const sequence = sequenceRef(rollup, range)
  const handle = await harness.client.workflow.start(WORKFLOW_TYPES.sequence, {
    workflowId: sequenceWorkflowId(sequence),
    taskQueue: AGGREGATOR_TASK_QUEUE,
    args: [{ sequence, setting: setting(kind) }],
  })
  const result = handle.result()
  result.catch(() => {}) // the test may leave the sequence behind
  const proving = harness.client.workflow.getHandle(proveRangeWorkflowId(sequence, sequence.accInputHash))
  return { ...prover, store, handle, proving, result }
}
