import type { BatchRange } from './sequence.ts'

/** What a log of a rollup's contract is about. */
export type RollupEvent =
  | { kind: 'sequenced'; numBatch: number }
  | { kind: 'committed'; numBatch: number }
  | { kind: 'verified'; numBatch: number }
  /** Parameters, pause, ownership: anything that may change every decision. */
  | { kind: 'rules' }

/** Whether an event can change what a sequence does next: its own round, a hash or proof of a predecessor, for which its own hash waits, or the rules. */
export function concerns(event: RollupEvent, range: BatchRange): boolean {
  if (event.kind === 'rules') return true
  return event.numBatch === range.to || (event.kind !== 'sequenced' && event.numBatch < range.from)
}

/** Whether an event changes the rollup's list of open sequences. */
export const concernsRollup = (event: RollupEvent): boolean => event.kind !== 'committed'
