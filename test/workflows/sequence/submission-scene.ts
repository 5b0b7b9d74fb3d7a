import type { WorkflowHandle } from '@temporalio/client'
import { expect, vi } from 'vitest'
import type { Step } from '../../../protocol/sequence/next-step.ts'
import type { TrustedActivities } from '../../../protocol/temporal/activities.ts'
import { AGGREGATOR_TASK_QUEUE, sequenceWorkflowId } from '../../../protocol/temporal/ids.ts'
import { sequenceStatusQuery } from '../../../protocol/temporal/messages.ts'
import { WORKFLOW_TYPES } from '../../../protocol/temporal/workflow-inputs.ts'
import { uniqueName } from '../../support/names.ts'
import { SOON } from '../../support/patience.ts'
import { sequenceRef, setting } from '../fakes.ts'
import type { FileHarness } from '../use-harness.ts'

export const COMMIT = { kind: 'commit', firstBlock: 100, lastBlock: null } as const satisfies Step
export const PROVE = { kind: 'prove', firstBlock: 111, lastBlock: 130, isLate: false } as const satisfies Step
export const WAIT = {
  kind: 'wait',
  code: 'proof-window-opens',
  why: 'T1: proofs open at block 111, 7 blocks',
  untilBlock: 110,
} as const satisfies Step
export const HOUR_MS = 3_600_000

interface Scene {
  look: TrustedActivities['lookAtSequence']
  store?: Partial<TrustedActivities>
  kind?: string
}

/** Starts a sequence 4-6 of a rollup of its own. */
export async function startSubmission(harness: FileHarness, scene: Scene) {
  const sequence = sequenceRef(uniqueName('rollup'), { from: 4, to: 6 })
  const handed: Step[] = []
  const seen = { looks: 0 }
  harness.serve(sequence.rollup, {
    ...scene.store,
    lookAtSequence: (p) => {
      seen.looks += 1
      return scene.look(p)
    },
    handIntent: async ({ step }) => {
      handed.push(step)
      return { sender: 'sender' }
    },
  })
  const handle = await harness.client.workflow.start(WORKFLOW_TYPES.sequence, {
    workflowId: sequenceWorkflowId(sequence),
    taskQueue: AGGREGATOR_TASK_QUEUE,
    args: [{ sequence, setting: setting(scene.kind ?? 'nobody') }],
  })
  return { handle, handed, seen }
}

export async function untilStatus(handle: WorkflowHandle, expected: object): Promise<void> {
  await vi.waitFor(async () => expect(await handle.query(sequenceStatusQuery)).toMatchObject(expected), SOON)
}
