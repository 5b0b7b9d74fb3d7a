import { defineSearchAttributeKey, type SearchAttributePair, SearchAttributeType } from '@temporalio/common'
import type { SequenceKey } from '../base/ranges.ts'
import type { SequenceSetting } from '../rollup/survey.ts'
import type { StakeIntent } from '../sender/intent.ts'

/** Search attributes of all workflows. `start-dev` and the Compose file create them under these names. */
export const searchAttributes = {
  rollup: defineSearchAttributeKey('ZkpowRollup', SearchAttributeType.KEYWORD),
  chainId: defineSearchAttributeKey('ZkpowChainId', SearchAttributeType.INT),
  phase: defineSearchAttributeKey('ZkpowPhase', SearchAttributeType.KEYWORD),
  startBatch: defineSearchAttributeKey('ZkpowStartBatch', SearchAttributeType.INT),
  miner: defineSearchAttributeKey('ZkpowMiner', SearchAttributeType.KEYWORD),
} as const

/** Gives the attributes by which every workflow that works on batches of a rollup is found. */
export const batchAttributes = (
  { rollup, from }: SequenceKey,
  { chainId, miner }: SequenceSetting,
): SearchAttributePair[] => [
  { key: searchAttributes.rollup, value: rollup },
  { key: searchAttributes.chainId, value: chainId },
  { key: searchAttributes.startBatch, value: from },
  { key: searchAttributes.miner, value: miner },
]

/** Names and types as Temporal's operator API and command line take them. */
export const searchAttributeTypes: { name: string; type: 'Keyword' | 'Int' }[] = Object.values(searchAttributes).map(
  (key) => ({
    name: key.name,
    type: key.type === SearchAttributeType.INT ? 'Int' : 'Keyword',
  }),
)

/**
 * Temporal priority keys of what the aggregator does, of which 1 is the most urgent. They share one queue, and a proof
 * that is owed mustn't wait behind hundreds of looks that a block has woken. Provers' tasks have a queue and keys of
 * their own.
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

/**
 * What a workflow says of itself in its memo, where everybody reads it without asking. So it is told also when no
 * aggregator runs, and when the workflow can't go on.
 * Rows say what the last look came to, so this is only what no row says.
 */
export interface WorkflowMemo {
  /** What goes wrong and is tried again, plain and bounded. It is null when nothing does. */
  trouble?: string | null
  /** A sender's stakes that are seen to. */
  stakes?: StakeInWork[] | null
}

/** A stake that a sender sees to. */
export interface StakeInWork {
  /** What was asked for. A sender that is started anew after its run was lost goes on with it. */
  intent: StakeIntent
  /** How it stands, one sentence. */
  standing: string
}
