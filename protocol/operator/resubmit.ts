import type { Step } from '../sequence/next-step.ts'
import type { AdminAnswer, AdminRequest } from './requests.ts'
import { checkAdminRequest } from './requests.ts'

/** What a sequence's workflow knows without asking anybody. */
interface ResubmitState {
  /** The last decision of its loop; null before the first. */
  step: Step | null
  /** An earlier request is being carried out. */
  isResubmitting: boolean
}

/**
 * Validates a forced resubmission. It refuses what can't do any good, before a look is spent on it and without a trace
 * in the history.
 * @throws Error that says why.
 */
export function checkResubmit(request: AdminRequest, { step, isResubmitting }: ResubmitState): void {
  checkAdminRequest(request)
  if (isResubmitting) throw new Error('An earlier request of this kind is being carried out: wait for its answer.')
  if (step === null)
    throw new Error("The sequence hasn't looked at the chain yet: once it has, it sends what is missing by itself.")
  if (step.kind === 'reprove') throw new Error(`Nothing to send yet, a proof is being made: ${step.why}.`)
  if (step.kind === 'done') throw new Error(`Nothing is missing: the sequence ended as ${step.outcome}.`)
}

/** Tells whether a forced resubmission would do any good, after a fresh look at the chain. */
export function judgeResubmit(step: Step): AdminAnswer {
  switch (step.kind) {
    case 'commit':
      return { isDone: true, answer: 'The hash is not on chain: it has been handed to the sender again.' }
    case 'prove':
      return {
        isDone: true,
        answer: `The ${step.isLate ? 'late ' : ''}proof is not on chain: it has been handed to the sender again.`,
      }
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
