import type { Chain } from '../../chain/create-chain.ts'
import type { AgreedBlock } from '../../chain/endpoints/endpoints.ts'

/** Taken for a block's time while a chain has too few blocks to tell. */
const UNKNOWN_MS_PER_BLOCK = 1_000

/** Estimated time per block, ms. @param head the agreed one, asked for if it isn't given. */
export async function estimateBlockMs(chain: Chain, head?: AgreedBlock): Promise<number> {
  return (await chain.msPerBlock(head ?? (await chain.agreedBlocks()).head)) ?? UNKNOWN_MS_PER_BLOCK
}
