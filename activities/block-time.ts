import type { Chain } from '../chain/create-chain.ts'

/** Taken for a block's time while a chain has too few blocks to tell. */
const UNKNOWN_MS_PER_BLOCK = 1_000

/** Estimated time per block at the agreed head, ms. */
export async function estimateBlockMs(chain: Chain): Promise<number> {
  const { head } = await chain.agreedBlocks()
  return (await chain.msPerBlock(head)) ?? UNKNOWN_MS_PER_BLOCK
}
