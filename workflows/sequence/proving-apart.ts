import * as wf from '@temporalio/workflow'
import { formatRange } from '../../protocol/base/ranges.ts'
import type { ProvingStatus } from '../../protocol/proof/status.ts'
import type { SubmissionActivities } from '../../protocol/temporal/activities.ts'
import { PRIORITY } from '../../protocol/temporal/attributes.ts'
import { proveRangeWorkflowId } from '../../protocol/temporal/ids.ts'
import { holdSignal } from '../../protocol/temporal/messages.ts'
import type { ProveSequenceInput } from '../../protocol/temporal/workflow-inputs.ts'
import type { ProvingEvents } from '../proof/prove.ts'
import { type Told, tellDecisions } from '../proof/prove-range.ts'
import type { Proving } from '../proof/sequence-proof.ts'
import { failureText, trustedActivities } from '../waiting.ts'

const submission = trustedActivities<SubmissionActivities>({
  startToCloseTimeout: '30 seconds', // it is one call
  priority: { priorityKey: PRIORITY.look },
})

/** How long proofs of an emptied Temporal, or of provers that hang, may hold up what comes next, ms. */
const MOST_END_MS = 30_000

/** Proving of one sequence's data by a workflow of its own, which outlives the run that asks for it. */
export interface ProvingApart extends Proving {
  /** Starts it unless it runs. Whatever ended it, a lost signal among others, costs a minute. */
  ensure(): Promise<void>
  /** Tells whether this run has made sure that it runs, since it heard of a loss. */
  isEnsured(): boolean
  /** Hears that it was lost. */
  onLost(): void
  /** Tells whether what operators decided is on its way to it. The next run's word may overtake it. */
  isTelling(): boolean
  /** Goes on with one that may run already. It hears of decisions, though no proof may be wanted any more. */
  resume(status: ProvingStatus | null): void
  onStatus(status: ProvingStatus): void
  /** Says how it last told that it stands. */
  status(): ProvingStatus | null
}

/**
 * Makes what proves apart. Nothing is begun before `ensure`.
 * @param events what it hears of operators' decisions.
 */
export function provingApart(
  { sequence, setting }: ProveSequenceInput,
  events: Pick<ProvingEvents, 'isHeld' | 'lifted'>,
): ProvingApart {
  const handle = wf.getExternalWorkflowHandle(proveRangeWorkflowId(sequence, sequence.accInputHash))
  let end: ProvingStatus['end'] = null
  let said: ProvingStatus | null = null
  let isListening = false
  let isEnsured = false
  const told: Told = { isHeld: false }
  return {
    accInputHash: sequence.accInputHash,
    isApart: true,
    isSettled: () => end !== null,
    failure: () => end?.failure ?? null,
    onStatus(status) {
      if (status.accInputHash !== sequence.accInputHash) return
      said = status
      end ??= status.end // an older word may arrive after it
    },
    status: () => said,
    ensure,
    isEnsured: () => isEnsured,
    onLost() {
      isEnsured = false
    },
    isTelling: () => told.isOnItsWay === true,
    resume(status) {
      said = status
      listen()
    },
    async cancel() {
      if (end !== null) return
      const isThere = await handle.cancel().then(
        () => true,
        () => false,
      )
      if (isThere) await wf.condition(() => end !== null, MOST_END_MS, { summary: 'provers are stopped' })
      end ??= { failure: 'it was ended' }
    },
  }

  async function ensure(): Promise<void> {
    const summary = `have batches ${formatRange(sequence)} proved`
    try {
      await submission.ensureProving.executeWithOptions({ summary }, [{ sequence, setting, isHeld: events.isHeld() }])
    } catch (error) {
      if (wf.isCancellation(error)) throw error
      end = { failure: failureText(error) }
    }
    listen()
    if (!isEnsured) await tellAnew()
    isEnsured = true
  }

  /** Tells it anew, because an earlier run may have told it otherwise. */
  async function tellAnew(): Promise<void> {
    if (wf.patched('hold-in-turn')) told.isHeld = null
    else await handle.signal(holdSignal, events.isHeld()).catch(() => {})
  }

  function listen(): void {
    if (isListening) return
    isListening = true
    tellDecisions(handle, events, { hasEnded: () => end !== null, told }).catch(() => {}) // the run ends
  }
}
