import { type BatchRange, formatRange } from '../base/ranges.ts'

/** A replay of a rollup's state that runs. */
export interface Replay {
  rollup: string
  /** For which sequence. */
  range: BatchRange
  /** The last batch that is executed; 0 while none is known. */
  batchNum: number
  /** ISO text. */
  startedAt: string
}

/** For lists and heartbeats. */
export const replayText = ({ range, batchNum }: Replay): string =>
  `the state is being replayed for batches ${formatRange(range)}${batchNum === 0 ? '' : `, batch ${batchNum} is done`}`
