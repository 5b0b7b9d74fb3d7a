import type { AdminAnswer } from './messages.ts'
import type { Step } from './next-step.ts'

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
