import type { Address } from '../protocol/sequence.ts'
import { depositAbi, twoStepAbi } from './abi.ts'
import type { BlockRef, Endpoints } from './endpoints.ts'
import type { Generation } from './read-generation.ts'

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
}

/** Stake, balance and the rules of a round that would open now. */
export function readTerms(
  endpoints: Endpoints,
  generation: Generation,
  { contract, miner, at }: { contract: Address; miner: Address; at: BlockRef },
): Promise<Terms> {
  return endpoints.agreeAt(at, 'stake and parameters', async (client, pin) => {
    const from = { ...pin, address: contract, abi: twoStepAbi } as const
    const address = await client.readContract({ ...from, functionName: 'ideDeposit' })
    const deposit = { ...pin, address, abi: depositAbi, args: [miner] } as const
    const [isContractPaused, commitBlocks, proveBlocks, minStakeWei, penaltyWei, balanceWei, stakeWei, lockedWei] = await Promise.all([
      client.readContract({ ...from, functionName: 'isEmergencyState' }),
      client.readContract({ ...from, functionName: 'proofHashCommitEpoch' }),
      client.readContract({ ...from, functionName: 'proofCommitEpoch' }),
      client.readContract({ ...from, functionName: 'minDeposit' }),
      client.readContract({ ...from, functionName: 'noProofPunishAmount' }),
      client.getBalance({ ...pin, address: miner }),
      client.readContract({ ...deposit, functionName: 'depositOf' }),
      generation === 'rounds' ? client.readContract({ ...deposit, functionName: 'lockedOf' }) : 0n,
    ])
    return { isContractPaused, nextRound: { commitBlocks, proveBlocks }, stakeWei, lockedWei, minStakeWei, penaltyWei, balanceWei }
  })
}

/** Whether the contract refuses everything for now. */
export function readIsPaused(endpoints: Endpoints, contract: Address, at: BlockRef): Promise<boolean> {
  return endpoints.agreeAt(at, 'the emergency state', (client, pin) =>
    client.readContract({ ...pin, address: contract, abi: twoStepAbi, functionName: 'isEmergencyState' }),
  )
}
