import type { SequencePhase } from '../temporal/activities.ts'
import type { Step } from './next-step.ts'

/** Where a sequence stands when its next step is this one. */
export function phaseOf(step: Step): SequencePhase {
  if (step.kind === 'done') return 'done'
  if (step.kind === 'reprove') return 'prove'
  return step.kind === 'wait' && step.code === 'held-by-operator' ? 'held' : 'submit'
}

/** What a sequence waits for, one sentence for lists, the Query and the Web UI. */
export function describeStep(step: Step): string {
  switch (step.kind) {
    case 'wait':
      return step.why
    case 'reprove':
      return `proofs are being made: ${step.why}`
    case 'commit':
      return `the hash to be mined${beforeBlock(step.lastBlock)}`
    case 'prove':
      return `the ${step.isLate ? 'late ' : ''}proof to be mined${beforeBlock(step.lastBlock)}`
    case 'claim':
      return 'the claim to be mined'
    case 'done':
      return `nothing: ${step.outcome}`
  }
}

const beforeBlock = (lastBlock: number | null): string => (lastBlock === null ? '' : `, in block ${lastBlock} at the latest`)
