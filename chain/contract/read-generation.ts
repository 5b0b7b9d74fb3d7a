import type { Address } from '../../protocol/base/ranges.ts'
import { roundsAbi, twoStepAbi } from '../abi.ts'
import type { BlockRef, Endpoints } from '../endpoints/endpoints.ts'
import { ContractRevertedError } from '../errors.ts'

/** Ours keeps rounds, settles and pays claims; that of 2023 has globals and a ledger of its own. */
export type Generation = 'rounds' | 'globals'

/**
 * Which generation of the two-step contracts stands at the address. Only a revert of `getRound` while the contract
 * answers otherwise tells that it is of 2023: an endpoint that is away tells nothing.
 * @throws NoContractError when there is no contract.
 */
export async function readGeneration(endpoints: Endpoints, contract: Address, at: BlockRef): Promise<Generation> {
  await endpoints.agreeAt(at, 'lastVerifiedBatch', (client, pin) =>
    client.readContract({ ...pin, address: contract, abi: twoStepAbi, functionName: 'lastVerifiedBatch' }),
  )
  try {
    await endpoints.agreeAt(at, 'getRound', (client, pin) =>
      client.readContract({ ...pin, address: contract, abi: roundsAbi, functionName: 'getRound', args: [0n] }),
    )
    return 'rounds'
  } catch (error) {
    if (error instanceof ContractRevertedError) return 'globals'
    throw error
  }
}
