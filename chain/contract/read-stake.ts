import type { Address } from '../../protocol/base/ranges.ts'
import type { StakeOnChain } from '../../protocol/sender/fates.ts'
import { depositAbi, twoStepAbi } from '../abi.ts'
import type { BlockRef, StateReader } from '../endpoints/endpoints.ts'

/** A miner's stake with the contract that keeps it. */
export type KeptStake = Omit<StakeOnChain, 'reserveWei' | 'liabilities'> & { deposit: Address }

/** Stake and balance after block `at`, of a contract that locks stake (ours). */
export function readStake(
  endpoints: StateReader,
  { contract, miner, at }: { contract: Address; miner: Address; at: BlockRef },
): Promise<KeptStake> {
  return endpoints.agreeAt(at, 'stake and balance', async (client, pin) => {
    const deposit = await client.readContract({
      ...pin,
      address: contract,
      abi: twoStepAbi,
      functionName: 'ideDeposit',
    })
    const from = { ...pin, address: deposit, abi: depositAbi, args: [miner] } as const
    const [stakeWei, lockedWei, balanceWei] = await Promise.all([
      client.readContract({ ...from, functionName: 'depositOf' }),
      client.readContract({ ...from, functionName: 'lockedOf' }),
      client.getBalance({ ...pin, address: miner }),
    ])
    return { deposit, stakeWei: `${stakeWei}`, lockedWei: `${lockedWei}`, balanceWei: `${balanceWei}` }
  })
}
