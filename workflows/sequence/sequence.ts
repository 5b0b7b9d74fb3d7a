import * as wf from '@temporalio/workflow'
import type { Hex } from '../../protocol/base/ranges.ts'
import { type AdminAnswer, refuseCancel } from '../../protocol/operator/requests.ts'
import { checkResubmit, judgeResubmit } from '../../protocol/operator/resubmit.ts'
import type { SequenceLook } from '../../protocol/sequence/look.ts'
import { endsProving } from '../../protocol/sequence/look.ts'
import type { Outcome, Step } from '../../protocol/sequence/next-step.ts'
import type { SubmissionActivities } from '../../protocol/temporal/activities.ts'
import { PRIORITY } from '../../protocol/temporal/attributes.ts'
import { rollupWorkflowId } from '../../protocol/temporal/ids.ts'
import {
  forceResubmitUpdate,
  holdsChangedSignal,
  liftedSignal,
  partSignal,
  provingLostSignal,
  provingSignal,
  sequenceStatusQuery,
  wakeSignal,
} from '../../protocol/temporal/messages.ts'
import type { SequenceInput } from '../../protocol/temporal/workflow-inputs.ts'
import { serveAdmins } from '../operator/admin.ts'
import { type Proving, startProving } from '../proof/sequence-proof.ts'
import { failureText, pause, trustedActivities } from '../waiting.ts'
import { sequenceProgress } from './progress.ts'
import { type ProvingApart, provingApart } from './proving-apart.ts'

const submission = trustedActivities<SubmissionActivities>({
  startToCloseTimeout: '2 minutes', // a look asks every endpoint a few times; a hanging one times out after 10 s
  retry: { maximumAttempts: 3 }, // then the loop shows the failure and looks again
})

/** A step that only an event can end is looked at again after this, in case the event's signal was lost. */
const LOST_SIGNAL_MS = 60_000

/** So many events are days of looking beside a proof that nobody makes. The server ends a workflow at 51,200 events. */
const MAX_EVENTS_WHILE_PROVING = 20_000

/** The pause after a look or a hand-over failed for good, or proving succeeded and changed nothing. */
const AFTER_FAILURE_MS = 10_000

interface Work {
  proving: Proving | null
  /** The same where a workflow of its own proves. */
  apart: ProvingApart | null
  /** The data that were proved just now. */
  madeOf: Hex | null
}

/**
 * Brings one sequence from its posted data to its verification on a final block. It remembers nothing about the chain.
 * Each wake reads a view, and the pure `nextStep` says what to do (docs/design.md#looks-not-events).
 */
export async function sequence({
  sequence: initial,
  setting,
  isUrgent: mayBeUrgent = false,
  proving: before,
}: SequenceInput): Promise<{ outcome: Outcome }> {
  const progress = sequenceProgress(initial)
  let ref = initial
  let isWoken = true
  let isResubmitting = false
  let isUrgent = mayBeUrgent // our hash was out when it last looked
  const work: Work = { proving: null, apart: null, madeOf: null }
  // A run that was lost has left it behind.
  if (before !== undefined || wf.patched('prove-apart'))
    resumeProving(before ?? { accInputHash: ref.accInputHash, status: null })
  wf.setHandler(sequenceStatusQuery, () => progress.status())
  wf.setHandler(wakeSignal, () => {
    isWoken = true
  })
  wf.setHandler(partSignal, progress.onPart)
  wf.setHandler(provingSignal, (status) => {
    work.apart?.onStatus(status)
    progress.onStatus(status)
  })
  wf.setHandler(provingLostSignal, () => {
    isWoken = true
    work.apart?.onLost()
  })
  wf.setHandler(liftedSignal, () => {
    isWoken = true
    progress.onLifted()
  })
  wf.setHandler(holdsChangedSignal, () => {
    isWoken = true
    return hearHold()
  })
  wf.setHandler(forceResubmitUpdate, resubmit, {
    validator: (request) => checkResubmit(request, { step: progress.status().step, isResubmitting }),
  })
  serveAdmins({
    rollup: initial.rollup,
    rangeOf: () => ({ from: initial.from, to: initial.to }),
    refuse: async (decision) => (decision === 'cancel' ? refuseCancel(await lookForAdmin()) : null),
    wake: () => {
      isWoken = true
    },
  })

  for (;;) {
    isWoken = false
    const step = await lookAndAct()
    if (step?.kind === 'done') {
      await stopProving()
      await wf.condition(wf.allHandlersFinished)
      return { outcome: step.outcome }
    }
    if (mayContinueAsNew()) {
      if (work.proving?.isApart === false) await stopProving()
      await wf.condition(() => wf.allHandlersFinished() && work.apart?.isTelling() !== true)
      return wf.continueAsNew<typeof sequence>({ sequence: ref, setting, isUrgent, ...goingOn() })
    }
  }

  /**
   * Tells whether the run may end. What is being proved in it would be lost, so it is waited for, but not until the
   * server ends the workflow.
   */
  function mayContinueAsNew(): boolean {
    const { continueAsNewSuggested, historyLength } = wf.workflowInfo()
    const isProving = work.proving?.isApart === false && !work.proving.isSettled()
    return continueAsNewSuggested && (!isProving || historyLength > MAX_EVENTS_WHILE_PROVING)
  }

  async function lookAndAct(): Promise<Step | null> {
    try {
      const look = await submission.lookAtSequence.executeWithOptions(
        { summary: 'look at the chain', priority: priority() },
        [{ sequence: ref }],
      )
      progress.onLook(look)
      isUrgent = look.owesProof
      await act(look)
      return look.step
    } catch (error) {
      if (wf.isCancellation(error)) throw error
      progress.onFailure(failureText(error))
      await pause(() => isWoken, AFTER_FAILURE_MS, failureText(error))
      return null
    }
  }

  async function act(look: SequenceLook): Promise<void> {
    const { step } = look
    if (step.kind === 'done') return
    if (step.kind === 'reprove') return prove(look, step.why)
    work.madeOf = null
    if (isUseless(look)) await stopProving()
    if (step.kind !== 'wait') await hand(look)
    await pause(() => isWoken, look.waitMs ?? LOST_SIGNAL_MS, progress.status().waitingFor)
  }

  /** Tells whether what is being proved is useless. Older runs ended proving for cancelled sequences alone. */
  function isUseless(look: SequenceLook): boolean {
    if (work.proving === null || !endsProving(look, work.proving.accInputHash)) return false
    return (look.view.holds.cancelled !== null && !look.owesProof) || wf.patched('end-useless-proving')
  }

  /** Proves in the background and keeps looking. A rival's success or a reorg ends work that has become useless. */
  async function prove({ view }: SequenceLook, why: string): Promise<void> {
    const wanted = view.atHead.accInputHash ?? ref.accInputHash
    if (work.madeOf === wanted) return proveLater(why)
    if (work.proving?.accInputHash !== wanted) await stopProving()
    ref = { ...ref, accInputHash: wanted }
    const running = work.proving ?? begin()
    if (work.apart?.isEnsured() === false) await work.apart.ensure()
    await pause(() => isWoken || running.isSettled(), LOST_SIGNAL_MS, 'proofs are being made')
    if (!running.isSettled()) return isWoken ? undefined : work.apart?.ensure()
    forget()
    const failure = running.failure()
    if (failure === null) {
      work.madeOf = wanted
      return wakeRollup()
    }
    progress.onFailure(failure)
    await pause(() => isWoken, AFTER_FAILURE_MS, failure)
  }

  /**
   * Pauses before it proves again. What is in the stores isn't what the look wants to find there, whatever the cause,
   * and asking them again at once would be a loop without a pause.
   */
  async function proveLater(why: string): Promise<void> {
    work.madeOf = null
    const said = `${why}; that proving has just ended changed nothing`
    progress.onFailure(said)
    await pause(() => isWoken, AFTER_FAILURE_MS, said)
  }

  /**
   * Begins proofs, which outlive this run: it looks every minute and each time that it is woken, and so may fill its
   * history before they are made.
   */
  function begin(): Proving {
    progress.onProving(ref.accInputHash)
    const input = { sequence: ref, setting }
    work.apart = wf.patched('prove-apart') ? provingApart(input, progress) : null
    work.proving = work.apart ?? startProving(input, progress)
    return work.proving
  }

  function resumeProving({ accInputHash, status }: NonNullable<SequenceInput['proving']>): void {
    work.apart = provingApart({ sequence: { ...ref, accInputHash }, setting }, progress)
    work.proving = work.apart
    work.apart.resume(status)
    if (status !== null) progress.onStatus(status)
  }

  /** Says what the next run is to know of proofs that are being made. */
  function goingOn(): Pick<SequenceInput, 'proving'> {
    const { apart } = work
    return apart === null || apart.isSettled()
      ? {}
      : { proving: { accInputHash: apart.accInputHash, status: apart.status() } }
  }

  async function stopProving(): Promise<void> {
    await work.proving?.cancel()
    forget()
  }

  function forget(): void {
    work.proving = null
    work.apart = null
  }

  function priority(): { priorityKey: number } {
    return { priorityKey: isUrgent ? PRIORITY.owed : PRIORITY.look }
  }

  async function hand({ step, view: { finalProof } }: SequenceLook): Promise<void> {
    const handed = { sequence: ref, step, finalProof }
    await submission.handIntent.executeWithOptions({ summary: `hand over: ${step.kind}`, priority: priority() }, [
      handed,
    ])
  }

  /** Wakes the rollup, which counts how many are unproved. If it doesn't run, its next run counts anew. */
  async function wakeRollup(): Promise<void> {
    const handle = wf.getExternalWorkflowHandle(rollupWorkflowId(ref.rollup))
    await handle.signal(wakeSignal, { why: `batches up to ${ref.to} are proved` }).catch(() => {})
  }

  function lookForAdmin(): Promise<SequenceLook> {
    return submission.lookAtSequence.executeWithOptions(
      { summary: 'look for an admin', priority: { priorityKey: PRIORITY.owed } },
      [{ sequence: ref }],
    )
  }

  /** Hears of a hold, because provers need not wait for a look, which may have to wait for the chain. */
  async function hearHold(): Promise<void> {
    if (work.proving === null) return
    const { step } = progress.status()
    const asked = submission.findHold.executeWithOptions(
      { summary: 'what do operators hold?', priority: { priorityKey: PRIORITY.owed } },
      [{ sequence: ref }],
    )
    const held = await asked.catch(() => undefined)
    // A look that has ended meanwhile knows more. Without an answer the next one says it.
    if (held !== undefined && progress.status().step === step) progress.onHold(held)
  }

  async function resubmit(): Promise<AdminAnswer> {
    isResubmitting = true
    try {
      const look = await lookForAdmin()
      const answer = judgeResubmit(look.step)
      if (answer.isDone) await hand(look)
      return answer
    } finally {
      isResubmitting = false
      isWoken = true
    }
  }
}
