/**
 * Temporal priority keys of what the aggregator does, 1 is the most urgent: they share one queue, and a proof that is owed mustn't wait
 * behind hundreds of looks that a block has woken. Provers' tasks have a queue and keys of their own.
 */
export const PRIORITY = {
  /** What sends transactions, and what follows the blocks that everything waits for. */
  send: 1,
  /** Looks of a sequence whose hash is out, what it hands over, and what an operator waits for. */
  owed: 2,
  /** Looks of other sequences, and what provers wait for. */
  look: 3,
  survey: 4,
  prepare: 5,
} as const
