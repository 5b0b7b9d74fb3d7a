import type { Step } from './next-step.ts'

/** What the time until the next look is reckoned from. */
export interface WakeUp {
  step: Step
  head: number
  /** Estimated time per block, ms. */
  msPerBlock: number
  /** Our hash is out and its proof is owed. */
  owesProof: boolean
}

/** A handed-over transaction is looked after this often, blocks. */
const IN_FLIGHT_BLOCKS = 2

/**
 * Time until a sequence should look again by itself, ms; null when only an event can change anything. With a hash out
 * it is half of the estimate at most, so that neither a fast chain nor a dead watcher costs a window (design §3).
 */
export function nextLookMs({ step, head, msPerBlock, owesProof }: WakeUp): number | null {
  const blocks = blocksToWait(step, head)
  if (blocks === null) return owesProof ? IN_FLIGHT_BLOCKS * msPerBlock : null
  const isHalved = owesProof && blocks > 1
  return Math.ceil(blocks * msPerBlock * (isHalved ? 0.5 : 1))
}

function blocksToWait(step: Step, head: number): number | null {
  if (step.kind === 'commit' || step.kind === 'prove' || step.kind === 'claim') return IN_FLIGHT_BLOCKS
  return step.kind === 'wait' && step.untilBlock !== null ? Math.max(1, step.untilBlock - head) : null
}
