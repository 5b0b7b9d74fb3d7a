import type { PublicClient } from 'viem'
import type { Address } from '../../protocol/base/ranges.ts'
import type { StakeOnChain } from '../../protocol/sender/fates.ts'
import { depositAbi, rewardsAbi, twoStepAbi } from '../abi.ts'
import type { BlockRef, Endpoints, Pin, StateReader } from '../endpoints/endpoints.ts'
import type { Generation } from './read-deployment.ts'

/** What the contract asks for and the miner has, in one block's state. */
export interface Terms {
  isContractPaused: boolean
  nextRound: { commitBlocks: number; proveBlocks: number }
  stakeWei: bigint
  /** Zero where the contract locks nothing (2023). */
  lockedWei: bigint
  minStakeWei: bigint
  /** Penalty of a round that opens now. */
  penaltyWei: bigint
  balanceWei: bigint
  /** Credited and not paid out; null where rewards aren't pulled (2023). */
  claimableWei: bigint | null
}

/** Reads stake, balance and the rules of a round that would open now. */
export function readTerms(
  endpoints: Endpoints,
  generation: Generation,
  { contract, miner, at }: { contract: Address; miner: Address; at: BlockRef },
): Promise<Terms> {
  return endpoints.agreeAt(at, 'stake and parameters', async (client, pin) => {
    const from = { ...pin, address: contract, abi: twoStepAbi } as const
    const address = await client.readContract({ ...from, functionName: 'ideDeposit' })
    const deposit = { ...pin, address, abi: depositAbi, args: [miner] } as const
    const isOurs = generation === 'rounds'
    const [
      isContractPaused,
      commitBlocks,
      proveBlocks,
      minStakeWei,
      penaltyWei,
      balanceWei,
      stakeWei,
      lockedWei,
      claimableWei,
    ] = await Promise.all([
      client.readContract({ ...from, functionName: 'isEmergencyState' }),
      client.readContract({ ...from, functionName: 'proofHashCommitEpoch' }),
      client.readContract({ ...from, functionName: 'proofCommitEpoch' }),
      client.readContract({ ...from, functionName: 'minDeposit' }),
      client.readContract({ ...from, functionName: 'noProofPunishAmount' }),
      client.getBalance({ ...pin, address: miner }),
      client.readContract({ ...deposit, functionName: 'depositOf' }),
      isOurs ? client.readContract({ ...deposit, functionName: 'lockedOf' }) : 0n,
      isOurs ? claimableOf(client, pin, contract, miner) : null,
    ])
    const stake = { stakeWei, lockedWei, minStakeWei, penaltyWei }
    return { isContractPaused, nextRound: { commitBlocks, proveBlocks }, ...stake, balanceWei, claimableWei }
  })
}

/** A miner's stake with the contract that keeps it. */
export type KeptStake = Omit<StakeOnChain, 'reserveWei' | 'liabilities'> & { deposit: Address }

/** Reads stake and balance after block `at`, of a contract that locks stake (ours). */
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

/** Reads what our contract has credited to the miner and not paid out, wei. */
export const readClaimable = (
  endpoints: StateReader,
  { contract, miner, at }: { contract: Address; miner: Address; at: BlockRef },
): Promise<bigint> => endpoints.agreeAt(at, 'rewards', (client, pin) => claimableOf(client, pin, contract, miner))

async function claimableOf(client: PublicClient, pin: Pin, contract: Address, miner: Address): Promise<bigint> {
  const address = await client.readContract({ ...pin, address: contract, abi: twoStepAbi, functionName: 'slotAdapter' })
  return client.readContract({ ...pin, address, abi: rewardsAbi, functionName: 'claimable', args: [miner] })
}

/** Reads whether the contract refuses everything for now. */
export function readIsPaused(endpoints: Endpoints, contract: Address, at: BlockRef): Promise<boolean> {
  return endpoints.agreeAt(at, 'the emergency state', (client, pin) =>
    client.readContract({ ...pin, address: contract, abi: twoStepAbi, functionName: 'isEmergencyState' }),
  )
}
