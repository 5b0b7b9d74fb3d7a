import { Eip1559FeesNotSupportedError, type PublicClient } from 'viem'
import type { Hex } from '../../protocol/base/ranges.ts'
import type { FeeMarket } from '../../protocol/sender/fees.ts'
import type { BlockRef, Endpoints } from '../endpoints/endpoints.ts'
import { orUnknown } from '../endpoints/pruned-state.ts'
import { inABatchOfItsOwn } from '../endpoints/stragglers.ts'
import { max } from '../trials/gas.ts'

/** Blocks that the priority fee is taken from. */
const HISTORY_BLOCKS = 10

/** Percentile of a block's gas whose priority fee counts as what the block asked for. */
const PERCENTILE = 60

/** EIP-1559: the base fee stays when a block is half full, and changes by an eighth at most. */
const ELASTICITY = 2n
const CHANGE_DENOMINATOR = 8n

/** How long tips are waited for, ms. */
const MOST_MS = 3_000

/** Where nobody has ever told one, wei per gas: a gwei, which is as much as pools of most chains ask for. */
const USUAL_TIP = 10n ** 9n

/**
 * Tips that differ by more than this factor aren't all honest, or of markets that differ: then stragglers are waited
 * for.
 */
const SPREAD = 2n

/**
 * Reads the base fee of the block after `head`, and a priority fee that recent blocks took, wei per gas. A lie about
 * either would stop every transaction, or have none mined.
 *
 * The base fee follows from the header of `head`, on which as many endpoints must agree as the configuration asks for.
 * On a chain with a market of its own it is an estimate. Estimates of honest endpoints differ in the priority fee, so
 * that is the median of what all say: of three, one that lies decides nothing. Of two the higher counts: a lie can then
 * cost up to our cap, but no window. One alone is believed.
 */
export async function readFeeMarket(
  endpoints: Endpoints,
  head: BlockRef,
  p = { wasRefused: false },
): Promise<FeeMarket> {
  const [baseFee, recentTip, suggestedTip] = await Promise.all([
    readBaseFee(endpoints, head),
    readPriorityFee(endpoints, head),
    p.wasRefused ? told(() => readSuggestedTip(endpoints)) : 0n,
  ])
  return {
    baseFeePerGas: baseFee ?? 0n,
    priorityFeePerGas: max(recentTip, suggestedTip ?? 0n),
    ...(baseFee === null && { isLegacy: true }),
  }
}

/** Reads the next base fee; null where blocks have none. */
function readBaseFee(endpoints: Endpoints, head: BlockRef): Promise<bigint | null> {
  return endpoints.agreeAt(head, 'the base fee', async (client, pin) => nextBaseFee(await client.getBlock(pin)))
}

/**
 * Reads a priority fee. A window doesn't wait for what endpoints hang on, or refuse: then it is what they suggest, what
 * it was before, or a usual one.
 */
async function readPriorityFee(endpoints: Endpoints, head: BlockRef): Promise<bigint> {
  const last = lastTips.get(endpoints)
  if (last?.at === head.hash) return last.tip
  const ask = async (client: PublicClient) => (await readPaidTip(client, head)) ?? (await suggestedTip(client))
  const tip =
    (await told(async () => median(await endpoints.answers(ask, areAlike)))) ??
    (await told(() => readSuggestedTip(endpoints)))
  if (tip !== null) lastTips.set(endpoints, { at: head.hash, tip })
  return tip ?? last?.tip ?? USUAL_TIP
}

/** What was told last, and at which head: many look at one. */
const lastTips = new WeakMap<Endpoints, { at: Hex; tip: bigint }>()

/** Gives what endpoints tell in time; null where too few do. */
const told = (ask: () => Promise<bigint>): Promise<bigint | null> => orUnknown(inABatchOfItsOwn(ask), MOST_MS)

/** Reads what recent blocks took; null where they tell nothing, or the node has no history of fees. */
async function readPaidTip(client: PublicClient, head: BlockRef): Promise<bigint | null> {
  const asked = { blockCount: HISTORY_BLOCKS, blockNumber: BigInt(head.number), rewardPercentiles: [PERCENTILE] }
  const { reward } = await client.getFeeHistory(asked).catch(() => ({ reward: [] }))
  const rewards = (reward ?? []).flatMap((block) => block?.[0] || []) // an empty block has 0 and tells nothing
  return rewards.length > 0 ? median(rewards) : null
}

/** Reads what the nodes would offer themselves: a pool may ask for more than blocks took. */
async function readSuggestedTip(endpoints: Endpoints): Promise<bigint> {
  return median(await endpoints.answers(suggestedTip, areAlike))
}

/** Reads what a node suggests: where blocks have no base fee, all of the gas price. */
const suggestedTip = (client: PublicClient): Promise<bigint> =>
  client.estimateMaxPriorityFeePerGas().catch((error: unknown) => {
    if (error instanceof Eip1559FeesNotSupportedError) return client.getGasPrice()
    throw error
  })

/** Reckons the next base fee as EIP-1559 has it; null where blocks have none. */
function nextBaseFee({
  baseFeePerGas: fee,
  gasUsed,
  gasLimit,
}: {
  baseFeePerGas: bigint | null
  gasUsed: bigint | undefined
  gasLimit: bigint | undefined
}): bigint | null {
  const target = (gasLimit ?? 0n) / ELASTICITY
  if (fee === null) return null
  // Headers of some chains (Celo) don't tell it, so the most is taken.
  if (gasUsed === undefined || target === 0n) return fee + fee / CHANGE_DENOMINATOR
  if (gasUsed === target) return fee
  if (gasUsed < target) return fee - (fee * (target - gasUsed)) / target / CHANGE_DENOMINATOR
  const rise = (fee * (gasUsed - target)) / target / CHANGE_DENOMINATOR
  return fee + (rise > 0n ? rise : 1n)
}

const sorted = (values: readonly bigint[]): bigint[] => values.toSorted((a, b) => (a < b ? -1 : 1))

/** Takes the higher one in the middle of an even number. */
const median = (values: readonly bigint[]): bigint => sorted(values)[Math.floor(values.length / 2)] ?? 0n

function areAlike(tips: readonly bigint[]): boolean {
  const inOrder = sorted(tips)
  return (inOrder.at(-1) ?? 0n) <= (inOrder[0] ?? 0n) * SPREAD
}
