import type { ProofRefusal } from './view.ts'

/** Why the contract would refuse a final proof, for people. */
export function refusalText(refusal: ProofRefusal | undefined): string {
  if (refusal?.kind === 'other-root') {
    const { batch, ours, contracts } = refusal
    return `the final proof starts from state root ${ours} after batch ${batch}, the contract has ${contracts} there`
  }
  if (refusal?.kind === 'other-input') return 'the contract makes another public input of what the final proof states'
  return "the contract's verifier refuses the final proof"
}
