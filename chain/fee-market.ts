import type { FeeMarket } from '../protocol/fees.ts'
import type { BlockRef, Endpoints } from './endpoints.ts'

/** Blocks that the priority fee is taken from. */
const HISTORY_BLOCKS = 10

/** Percentile of a block's gas whose priority fee counts as what the block asked for. */
const PERCENTILE = 60

/** EIP-1559: the base fee stays when a block is half full, and changes by an eighth at most. */
const ELASTICITY = 2n
const CHANGE_DENOMINATOR = 8n

/** Tips that differ by more than this factor aren't all honest, or of markets that differ: then stragglers are waited for. */
const SPREAD = 2n

/**
 * Base fee of the block after `head`, and a priority fee that recent blocks took, wei per gas. A lie about either would stop every
 * transaction, or have none mined.
 *
 * The base fee follows from the header of `head`, on which as many endpoints must agree as the configuration asks for. On a chain
 * with a market of its own it is an estimate. Estimates of honest endpoints differ in the priority fee, so that is the median of
 * what all say: of three, one that lies decides nothing. Of two the higher counts: a lie can then cost up to our cap, but no window.
 * One alone is believed.
 */
export async function readFeeMarket(endpoints: Endpoints, head: BlockRef): Promise<FeeMarket> {
  const [baseFeePerGas, priorityFeePerGas] = await Promise.all([readBaseFee(endpoints, head), readPriorityFee(endpoints, head)])
  return { baseFeePerGas, priorityFeePerGas }
}

function readBaseFee(endpoints: Endpoints, head: BlockRef): Promise<bigint> {
  return endpoints.agreeAt(head, 'the base fee', async (client, pin) => nextBaseFee(await client.getBlock(pin)))
}

async function readPriorityFee(endpoints: Endpoints, head: BlockRef): Promise<bigint> {
  const tips = await endpoints.answers(async (client) => {
    const history = await client.getFeeHistory({
      blockCount: HISTORY_BLOCKS,
      blockNumber: BigInt(head.number),
      rewardPercentiles: [PERCENTILE],
    })
    const rewards = (history.reward ?? []).flatMap(([reward]) => (reward ? [reward] : [])) // an empty block has 0 and tells nothing
    return rewards.length > 0 ? median(rewards) : await client.estimateMaxPriorityFeePerGas()
  }, areAlike)
  return median(tips)
}

/** As EIP-1559 has it; 0 where blocks have no base fee. */
function nextBaseFee({
  baseFeePerGas: fee,
  gasUsed,
  gasLimit,
}: {
  baseFeePerGas: bigint | null
  gasUsed: bigint
  gasLimit: bigint
}): bigint {
  const target = gasLimit / ELASTICITY
  if (fee === null) return 0n
  if (gasUsed === target) return fee
  if (gasUsed < target) return fee - (fee * (target - gasUsed)) / target / CHANGE_DENOMINATOR
  const rise = (fee * (gasUsed - target)) / target / CHANGE_DENOMINATOR
  return fee + (rise > 0n ? rise : 1n)
}

const sorted = (values: readonly bigint[]): bigint[] => values.toSorted((a, b) => (a < b ? -1 : 1))

/** Of an even number the higher one in the middle. */
const median = (values: readonly bigint[]): bigint => sorted(values)[Math.floor(values.length / 2)] ?? 0n

function areAlike(tips: readonly bigint[]): boolean {
  const inOrder = sorted(tips)
  return (inOrder.at(-1) ?? 0n) <= (inOrder[0] ?? 0n) * SPREAD
}
