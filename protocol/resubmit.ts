import type { AdminAnswer, AdminRequest } from './messages.ts'
import type { Step } from './next-step.ts'

/** Longest reason that an admin may give, characters: it is shown in one line. */
const MAX_REASON_CHARS = 500

/**
 * Validator of every admin Update; a refused one leaves no trace in the history.
 * @throws Error that says which part is missing.
 */
export function checkAdminRequest({ who, reason }: AdminRequest): void {
  if (!who?.trim()) throw new Error('An admin request must say who asks: set `who`.')
  if (!reason?.trim()) throw new Error('An admin request must say why: set `reason`.')
  if (reason.length > MAX_REASON_CHARS) throw new Error(`The reason has ${reason.length} characters, ${MAX_REASON_CHARS} are allowed.`)
}

/** Whether a forced resubmission would do any good, after a fresh look at the chain. */
export function judgeResubmit(step: Step): AdminAnswer {
  switch (step.kind) {
    case 'commit':
      return { isDone: true, answer: 'The hash is not on chain: it has been handed to the sender again.' }
    case 'prove':
      return { isDone: true, answer: `The ${step.isLate ? 'late ' : ''}proof is not on chain: it has been handed to the sender again.` }
    case 'claim':
      return { isDone: true, answer: 'The reward is not claimed: the claim has been handed to the sender again.' }
    case 'reprove':
      return { isDone: false, answer: `Nothing to send yet, a proof has to be made first: ${step.why}.` }
    case 'wait':
      return { isDone: false, answer: `Sending now would be refused or do harm: ${step.why}.` }
    case 'done':
      return { isDone: false, answer: `Nothing is missing: the sequence ended as ${step.outcome}.` }
  }
}
