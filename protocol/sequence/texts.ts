import type { Step } from './next-step.ts'
import type { ProofRefusal } from './view.ts'

/** Says what a sequence waits for, in one sentence for lists, the Query and the Web UI. */
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

const beforeBlock = (lastBlock: number | null): string =>
  lastBlock === null ? '' : `, in block ${lastBlock} at the latest`

/** Says why the contract would refuse a final proof, for people. */
export function refusalText(refusal: ProofRefusal | undefined): string {
  if (refusal?.kind === 'other-root') {
    const { batch, ours, contracts } = refusal
    return `the final proof starts from state root ${ours} after batch ${batch}, the contract has ${contracts} there`
  }
  if (refusal?.kind === 'other-input') return 'the contract makes another public input of what the final proof states'
  return "the contract's verifier refuses the final proof"
}

/**
 * Says why nothing can be called final though the chain goes on, for people.
 * @param p.final null while no block is called so.
 */
export const finalUnknown = (p: { head: number; final: number | null }): string => {
  if (p.final === null)
    return "the endpoints don't tell a block by the tag `finalized`: finality by confirmations needs none"
  return `the endpoints don't tell what stands after final block ${p.final}, ${p.head - p.final} below the head: their nodes keep too few states`
}
