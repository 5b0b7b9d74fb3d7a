import * as wf from '@temporalio/workflow'
import { proofsNeeded } from '../../protocol/proof/aggregation-plan.ts'
import { isNews, type ProvingStatus } from '../../protocol/proof/status.ts'
import { sequenceWorkflowId } from '../../protocol/temporal/ids.ts'
import {
  holdSignal,
  liftedSignal,
  partSignal,
  partStatusQuery,
  provingSignal,
} from '../../protocol/temporal/messages.ts'
import type { ProveSequenceInput } from '../../protocol/temporal/workflow-inputs.ts'
import { failureText } from '../waiting.ts'
import { partProgress } from './part-progress.ts'
import { proveWhole } from './sequence-proof.ts'

/**
 * A history that is longer ends the run, though all that is being made begins again. The server ends a workflow at
 * 51,200 events or 50 MB.
 * Only proofs and their failures are written here, so it takes thousands of failures.
 */
const MOST = { events: 20_000, bytes: 20 * 2 ** 20 }

/**
 * Proves one sequence's data.
 * It is a workflow of its own, because the looks at the chain beside it would fill their history in hours, and proofs
 * that are being made don't survive the end of a run. It tells its sequence how it stands, whichever run of that
 * listens.
 */
export async function proveSequence(input: ProveSequenceInput): Promise<{ failure: string | null }> {
  const { sequence, isHeld = false } = input
  const progress = partProgress(
    { sequence, range: { from: sequence.from, to: sequence.to } },
    isHeld,
    proofsNeeded(sequence),
  )
  wf.setHandler(partStatusQuery, progress.status)
  wf.setHandler(holdSignal, progress.onHold)
  wf.setHandler(liftedSignal, progress.onLifted)
  wf.setHandler(partSignal, progress.onPart)
  const scope = new wf.CancellationScope()
  let end: ProvingStatus['end'] = null
  const work = scope
    .run(() => proveWhole(input, progress))
    .then(
      () => null,
      (error: unknown) => failureText(error),
    )
    .then((failure) => {
      scope.cancel() // what else is being proved would be asked for again, and so be made twice
      end = { failure }
    })
  const told = wf.CancellationScope.nonCancellable(() =>
    tellSequence(() => ({ ...progress.whole(), end }), sequenceWorkflowId(sequence)),
  )
  await wf.CancellationScope.nonCancellable(() => wf.condition(() => end !== null || isLong()))
  if (end === null) {
    scope.cancel()
    await work
    return wf.continueAsNew<typeof proveSequence>({ ...input, isHeld: progress.isHeld() })
  }
  await told
  return end
}

const isLong = (): boolean => {
  const { historyLength, historySize } = wf.workflowInfo()
  return historyLength > MOST.events || historySize > MOST.bytes
}

/**
 * Tells of what is news, one report at a time, until it has told the end. A sequence that doesn't run looks into the
 * stores when it does.
 */
async function tellSequence(status: () => ProvingStatus, workflowId: string): Promise<void> {
  const sequence = wf.getExternalWorkflowHandle(workflowId)
  const isDue = wf.patched('told-now-and-then') ? isNews : hasChanged
  let told: ProvingStatus | null = null
  for (;;) {
    await wf.condition(() => told === null || isDue(status(), told))
    const now = status()
    told = now
    await sequence.signal(provingSignal, now).catch(() => {})
    if (now.end !== null) return
  }
}

/** Tells whether anything has changed: older runs told of every proof. */
const hasChanged = (now: ProvingStatus, told: ProvingStatus): boolean => JSON.stringify(now) !== JSON.stringify(told)
