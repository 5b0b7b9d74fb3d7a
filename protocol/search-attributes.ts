import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common'

/** Search attributes of all workflows. `start-dev` and the Compose file create them under these names. */
export const searchAttributes = {
  rollup: defineSearchAttributeKey('ZkpowRollup', SearchAttributeType.KEYWORD),
  chainId: defineSearchAttributeKey('ZkpowChainId', SearchAttributeType.INT),
  phase: defineSearchAttributeKey('ZkpowPhase', SearchAttributeType.KEYWORD),
  startBatch: defineSearchAttributeKey('ZkpowStartBatch', SearchAttributeType.INT),
  miner: defineSearchAttributeKey('ZkpowMiner', SearchAttributeType.KEYWORD),
} as const

/** Names and types as Temporal's operator API and command line take them. */
export const searchAttributeTypes: { name: string; type: 'Keyword' | 'Int' }[] = Object.values(searchAttributes).map((key) => ({
  name: key.name,
  type: key.type === SearchAttributeType.INT ? 'Int' : 'Keyword',
}))
