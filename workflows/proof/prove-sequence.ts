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
import { proveInRun } from './bounded-run.ts'
import { partProgress } from './part-progress.ts'
import { proveWhole } from './sequence-proof.ts'
import { type WorkUnderWay, workUnderWay } from './work-under-way.ts'

/**
 * Proves one sequence's data.
 * It is a workflow of its own, because the looks at the chain beside it would fill their history in hours, and proofs
 * that are being made don't survive the end of a run. It tells its sequence how it stands, whichever run of that
 * listens.
 */
export async function proveSequence(input: ProveSequenceInput): Promise<{ failure: string | null }> {
  const { sequence } = input
  const progress = partProgress(
    { sequence, range: { from: sequence.from, to: sequence.to } },
    input,
    proofsNeeded(sequence),
  )
  wf.setHandler(partStatusQuery, progress.status)
  wf.setHandler(holdSignal, progress.onHold)
  wf.setHandler(liftedSignal, progress.onLifted)
  wf.setHandler(partSignal, progress.onPart)
  let end: ProvingStatus['end'] = null
  const underWay = workUnderWay()
  const proving = proveInRun(underWay, progress, () => untilSettled(() => proveWhole(input, progress, underWay)))
  const told = wf.CancellationScope.nonCancellable(() =>
    tellSequence(() => ({ ...progress.whole(), end }), sequenceWorkflowId(sequence), underWay),
  )
  const outcome = await proving
  if (outcome === null) return wf.continueAsNew<typeof proveSequence>({ ...input, ...progress.goingOn() })
  end = { failure: outcome.proved }
  await told
  return end
}

/** Gives why proving failed, or null. */
async function untilSettled(prove: () => Promise<void>): Promise<string | null> {
  const scope = new wf.CancellationScope()
  return scope.run(prove).then(
    () => null,
    (error: unknown) => {
      scope.cancel() // what else is being proved would be asked for again, and so be made twice
      return failureText(error)
    },
  )
}

/**
 * Tells of what is news, one report at a time, until it has told the end. A sequence that doesn't run looks into the
 * stores when it does.
 */
async function tellSequence(status: () => ProvingStatus, workflowId: string, underWay: WorkUnderWay): Promise<void> {
  const sequence = wf.getExternalWorkflowHandle(workflowId)
  const isDue = wf.patched('told-now-and-then') ? isNews : hasChanged
  let told: ProvingStatus | null = null
  for (;;) {
    await wf.condition(() => told === null || isDue(status(), told))
    const now = status()
    told = now
    const word = underWay.begin('tells')
    await sequence.signal(provingSignal, now).catch(() => {})
    word.end()
    if (now.end !== null) return
  }
}

/** Tells whether anything has changed: older runs told of every proof. */
const hasChanged = (now: ProvingStatus, told: ProvingStatus): boolean => JSON.stringify(now) !== JSON.stringify(told)
