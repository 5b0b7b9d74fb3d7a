import { defineSearchAttributeKey, type SearchAttributePair, SearchAttributeType } from '@temporalio/common'
import type { SequenceKey } from '../base/ranges.ts'
import type { SequenceSetting } from './activities.ts'

/** Search attributes of all workflows. `start-dev` and the Compose file create them under these names. */
export const searchAttributes = {
  rollup: defineSearchAttributeKey('ZkpowRollup', SearchAttributeType.KEYWORD),
  chainId: defineSearchAttributeKey('ZkpowChainId', SearchAttributeType.INT),
  phase: defineSearchAttributeKey('ZkpowPhase', SearchAttributeType.KEYWORD),
  startBatch: defineSearchAttributeKey('ZkpowStartBatch', SearchAttributeType.INT),
  miner: defineSearchAttributeKey('ZkpowMiner', SearchAttributeType.KEYWORD),
} as const

/** What every workflow that works on batches of a rollup is found by. */
export const batchAttributes = ({ rollup, from }: SequenceKey, { chainId, miner }: SequenceSetting): SearchAttributePair[] => [
  { key: searchAttributes.rollup, value: rollup },
  { key: searchAttributes.chainId, value: chainId },
  { key: searchAttributes.startBatch, value: from },
  { key: searchAttributes.miner, value: miner },
]

/** Names and types as Temporal's operator API and command line take them. */
export const searchAttributeTypes: { name: string; type: 'Keyword' | 'Int' }[] = Object.values(searchAttributes).map((key) => ({
  name: key.name,
  type: key.type === SearchAttributeType.INT ? 'Int' : 'Keyword',
}))
