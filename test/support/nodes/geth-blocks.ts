import { type Hex, numberToHex, zeroAddress, zeroHash } from 'viem'

/** Of geth, so that no block comes by itself; but for one as it starts. */
export const ON_DEMAND = ['--dev.period', '1000000000']

/**
 * Lets a geth that makes blocks on demand have as many, with what is in its pool. At least a second passes from one to
 * the next.
 */
export async function commitBlocks(
  call: <T>(method: string, ...params: unknown[]) => Promise<T>,
  blocks: number,
): Promise<void> {
  for (let i = 0; i < blocks; i += 1) {
    const { timestamp } = await call<{ timestamp: Hex }>('eth_getBlockByNumber', 'latest', false)
    const block = {
      ...{ timestamp: later(timestamp), prevRandao: zeroHash, suggestedFeeRecipient: zeroAddress },
      ...{ withdrawals: [], parentBeaconBlockRoot: zeroHash },
    }
    await call('testing_commitBlockV1', block, null, null)
  }
}

const later = (timestamp: Hex): Hex => numberToHex(Math.max(Number(timestamp) + 1, Math.floor(Date.now() / 1_000)))
