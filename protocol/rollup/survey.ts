import { type Address, type BatchRange, formatRange, type SequenceRef } from '../base/ranges.ts'
import type { Holds } from '../sequence/view.ts'

/** What a sequence's workflows need to know of the configuration. */
export interface SequenceSetting {
  chainId: number
  miner: Address
  /** The rollup kind, which names the task queue of its provers. */
  kind: string
  /** Share of the provers among rollups, where 1 is normal. */
  weight: number
}

/** A posted sequence that may need work. */
export interface SurveyedSequence extends SequenceRef {
  /** Its data is as deep on chain as the configuration asks for. */
  isDeep: boolean
  /** We have a final proof of it, for this very data. */
  isProved: boolean
  /** What is decided about this sequence alone. It is left out when nothing is. */
  holds?: Holds
  /** Its workflow runs, so nothing is to be started. */
  isRunning?: boolean
  /**
   * It goes on whatever is held: its hash is out or may yet land, or something is left to settle or to say.
   * It is left out of unverified ones that nothing holds.
   */
  isOwed?: boolean
}

/** A sequence whose workflow is to be started. */
export interface StartedSequence extends SequenceRef {
  /** Its hash is out, or may be. */
  isUrgent: boolean
}

/** A rollup as the chain and the stores see it. */
export interface RollupSurvey {
  lastVerifiedBatch: number
  lastBatchSequenced: number
  /**
   * Sequences that are unverified, or in whose round our hash stands without our accepted proof or unsettled. The
   * lowest comes first.
   * Of those without a final proof there are no more than `maxUnproved`. Before them stands what is over and hasn't
   * said how it ended.
   * A survey leaves out those that run and need nothing, and lists no more than a history bears.
   */
  open: SurveyedSequence[]
  /** How many such sequences there are, with those that `open` leaves out. */
  openInAll?: number
  /** How many of these are neither proved nor begun, because of `maxUnproved`. */
  beyondReach?: number
  /** How many that may be begun `open` leaves out. */
  moreToBegin?: number
  /** How many may be unproved at a time. */
  maxUnproved: number
  /** The operator's pause or cancel of the whole rollup. */
  held: string | null
  /** Why nothing of it is called final, for people. It is left out while that is known. */
  finality?: string
  /** The whole rollup is cancelled, not only paused. */
  isCancelled?: boolean
  /** Time until the next look, ms, even without a signal. */
  waitMs: number
  /** What every sequence of the rollup is started with. */
  setting: SequenceSetting
}

/** A replay of a rollup's state that runs. */
export interface Replay {
  rollup: string
  /** For which sequence. */
  range: BatchRange
  /** The last batch that is executed. It is 0 while none is known. */
  batchNum: number
  /** ISO text. */
  startedAt: string
}

/** Says that a replay runs, in lists and heartbeats. */
export const replayText = ({ range, batchNum }: Replay): string =>
  `the state is being replayed for batches ${formatRange(range)}${batchNum === 0 ? '' : `, batch ${batchNum} is done`}`
