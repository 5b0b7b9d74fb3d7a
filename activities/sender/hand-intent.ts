import { intentOf } from '../../protocol/sender/intent.ts'
import type { SubmissionActivities } from '../../protocol/temporal/activities.ts'
import { intentSignal } from '../../protocol/temporal/messages.ts'
import type { SubmissionDeps } from '../context.ts'
import { signalSender } from './signal-sender.ts'

export const createHandIntent =
  (deps: SubmissionDeps): SubmissionActivities['handIntent'] =>
  async ({ sequence, step, finalProof = null }) => {
    const rollup = deps.rollupOf(sequence.rollup)
    const intent = intentOf(step, { sequence, contract: rollup.contract, kept: finalProof })
    return intent && { sender: await signalSender(deps, rollup, intentSignal, intent) }
  }
