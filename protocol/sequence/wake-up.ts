import type { BatchRange } from '../base/ranges.ts'
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

/** The longest sleep, ms, whatever is estimated. No log tells that a chain which stood still, or was slow, goes on. */
const MOST_MS = { withHashOut: 30_000, withoutHash: 600_000, betweenPasses: 15_000 }

/**
 * Reckons the time until a sequence should look again by itself, ms. It is null when only an event can change anything.
 * With a hash out it is half of the estimate at most, so that neither a fast chain nor a dead watcher costs a window
 * (docs/design.md#when-to-look).
 */
export function nextLookMs({ step, head, msPerBlock, owesProof }: WakeUp): number | null {
  const blocks = blocksToWait(step, head)
  if (!owesProof) return blocks === null ? null : Math.min(Math.ceil(blocks * msPerBlock), MOST_MS.withoutHash)
  const halved = blocks === null ? IN_FLIGHT_BLOCKS : Math.max(1, blocks / 2)
  return Math.min(Math.ceil(halved * msPerBlock), MOST_MS.withHashOut)
}

/** Reckons the time until the next pass of a sender that has anything under way, ms: a block. */
export const nextPassMs = (msPerBlock: number): number => Math.min(msPerBlock, MOST_MS.betweenPasses)

function blocksToWait(step: Step, head: number): number | null {
  if (step.kind === 'commit' || step.kind === 'prove' || step.kind === 'claim') return IN_FLIGHT_BLOCKS
  return step.kind === 'wait' && step.untilBlock !== null ? Math.max(1, step.untilBlock - head) : null
}

/** What a log of a rollup's contract is about. */
export type RollupEvent =
  | { kind: 'sequenced'; numBatch: number }
  | { kind: 'committed'; numBatch: number; isOurs: boolean }
  | { kind: 'verified'; numBatch: number }
  /** What became of its round, or of our share in it. */
  | { kind: 'round'; numBatch: number }
  /** Parameters, pause or our own coins: something that may change every decision. */
  | { kind: 'rules' }

/**
 * Tells whether an event can change what a sequence does next. That is one of its own round or of the rules, or a
 * predecessor's verification or hash of ours, for which its own waits.
 */
export function concerns(event: RollupEvent, range: BatchRange): boolean {
  if (event.kind === 'rules' || event.numBatch === range.to) return true
  const isAwaited = event.kind === 'verified' || (event.kind === 'committed' && event.isOurs)
  return isAwaited && event.numBatch < range.from
}

/** Tells whether an event changes the rollup's list of open sequences. */
export const concernsRollup = (event: RollupEvent): boolean => event.kind !== 'committed' && event.kind !== 'round'
