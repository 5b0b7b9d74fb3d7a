import * as wf from '@temporalio/workflow'
import { formatRange, type Hex } from '../../protocol/base/ranges.ts'
import type { ProofRequest } from '../../protocol/proof/request.ts'
import type { BlobRef } from '../../protocol/proof/task.ts'
import type { ProvingActivities } from '../../protocol/temporal/activities.ts'
import { PRIORITY } from '../../protocol/temporal/attributes.ts'
import { PREPARATION_TASK_QUEUE } from '../../protocol/temporal/ids.ts'
import type { ProveSequenceInput } from '../../protocol/temporal/workflow-inputs.ts'
import { failureText, trustedActivities } from '../waiting.ts'
import { makeProof, type ProvingEvents } from './prove.ts'
import { proveSpan, provingBy } from './prove-range.ts'
import { trusted } from './store-turns.ts'
import { workUnderWay } from './work-under-way.ts'

const preparation = trustedActivities<ProvingActivities>({
  taskQueue: PREPARATION_TASK_QUEUE,
  startToCloseTimeout: '1 hour', // it replays state from the last snapshot, from genesis after a lost database
  cancellationType: wf.ActivityCancellationType.TRY_CANCEL, // other data mustn't wait for the old to be replayed
  priority: { priorityKey: PRIORITY.prepare },
  retry: { maximumAttempts: 3 },
})

/** Proving of one sequence's data, running in the background of its workflow. */
export interface Proving {
  accInputHash: Hex
  isSettled(): boolean
  /** Says why it ended without a proof. It is null while it runs and after success. */
  failure(): string | null
  /** A workflow of its own proves, so this run may end meanwhile. */
  isApart: boolean
  /** Ends the provers' work. It resolves when the workflow's part has ended. */
  cancel(): Promise<void>
}

/**
 * Starts proving in this very run, as older ones did, in a scope of its own. It never rejects: the outcome is asked
 * for.
 */
export function startProving(input: ProveSequenceInput, events: ProvingEvents): Proving {
  const scope = new wf.CancellationScope()
  let isSettled = false
  let failure: string | null = null
  const run = scope
    .run(() => proveWhole(input, events))
    .catch((error) => {
      failure = failureText(error)
      scope.cancel() // what else is being proved would be asked for again, and so be made twice
    })
    .finally(() => {
      isSettled = true
    })
  return {
    accInputHash: input.sequence.accInputHash,
    isApart: false,
    isSettled: () => isSettled,
    failure: () => failure,
    cancel: () => {
      scope.cancel()
      return run
    },
  }
}

/** Prepares a sequence and makes its final proof. */
export async function proveWhole(
  { sequence, setting }: ProveSequenceInput,
  events: ProvingEvents,
  underWay = workUnderWay(),
): Promise<void> {
  const summary = `prepare batches ${formatRange(sequence)}`
  const prepared = await preparation.prepareSequence.executeWithOptions({ summary }, [{ sequence }])
  if (prepared.status === 'quarantined')
    throw wf.ApplicationFailure.nonRetryable(prepared.reason, 'SequenceQuarantined')
  const range = { from: sequence.from, to: sequence.to }
  // A final proof that is there already, perhaps in one store only, needs no proofs beneath it.
  const final = await trusted.openTask.executeWithOptions({ summary: 'final: look in the stores' }, [
    { sequence, range, stage: 'final', children: [] },
  ])
  if (final.status === 'proved') return events.onVerified({ stage: 'final', range })
  const by = provingBy({ setting, events, underWay })
  const finalOf = (whole: BlobRef): ProofRequest => ({ sequence, range, stage: 'final', children: [whole] })
  const whole = await proveSpan({ sequence, range }, by, finalOf)
  await makeProof(finalOf(whole), by)
}
