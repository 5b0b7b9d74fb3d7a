import type { BatchRange } from '../base/ranges.ts'

/** What a log of a rollup's contract is about. */
export type RollupEvent =
  | { kind: 'sequenced'; numBatch: number }
  | { kind: 'committed'; numBatch: number; isOurs: boolean }
  | { kind: 'verified'; numBatch: number }
  /** What became of its round, or of our share in it. */
  | { kind: 'round'; numBatch: number }
  /** Parameters, pause, our own coins: anything that may change every decision. */
  | { kind: 'rules' }

/** Whether an event can change what a sequence does next: its own round, the rules, or a predecessor's verification or hash of ours, for which its own waits. */
export function concerns(event: RollupEvent, range: BatchRange): boolean {
  if (event.kind === 'rules' || event.numBatch === range.to) return true
  const isAwaited = event.kind === 'verified' || (event.kind === 'committed' && event.isOurs)
  return isAwaited && event.numBatch < range.from
}

/** Whether an event changes the rollup's list of open sequences. */
export const concernsRollup = (event: RollupEvent): boolean => event.kind !== 'committed' && event.kind !== 'round'
