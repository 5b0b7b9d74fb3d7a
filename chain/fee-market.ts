import type { FeeMarket } from '../protocol/fees.ts'
import type { BlockRef, Endpoints } from './endpoints.ts'

/** Blocks that the priority fee is taken from. */
const HISTORY_BLOCKS = 10

/** Percentile of a block's gas whose priority fee counts as what the block asked for. */
const PERCENTILE = 60

/**
 * Base fee of the block after `head`, and a priority fee that recent blocks took. One answer is enough: nothing but our own
 * cap bounds what a lie can cost, and estimates of honest nodes differ.
 */
export async function readFeeMarket(endpoints: Endpoints, head: BlockRef): Promise<FeeMarket> {
  return endpoints.first(async (client) => {
    const history = await client.getFeeHistory({
      blockCount: HISTORY_BLOCKS,
      blockNumber: BigInt(head.number),
      rewardPercentiles: [PERCENTILE],
    })
    const rewards = (history.reward ?? []).flatMap(([reward]) => (reward ? [reward] : [])) // an empty block has 0 and tells nothing
    const priorityFeePerGas = rewards.length > 0 ? median(rewards) : await client.estimateMaxPriorityFeePerGas()
    return { baseFeePerGas: history.baseFeePerGas.at(-1) ?? 0n, priorityFeePerGas }
  })
}

const median = (values: readonly bigint[]): bigint => values.toSorted((a, b) => (a < b ? -1 : 1))[Math.floor(values.length / 2)] ?? 0n
