import { parseAbiItem } from 'viem'
import type { Address, Hex } from '../../protocol/base/ranges.ts'
import type { DeploymentIds, FirstState } from '../../protocol/proof/rollup-kind.ts'
import { roundsAbi, twoStepAbi } from '../abi.ts'
import type { BlockRef, Endpoints } from '../endpoints/endpoints.ts'
import { readLogs } from '../endpoints/read-logs.ts'
import { ContractRevertedError, GenesisMissingError } from '../errors.ts'

const genesisState = parseAbiItem('event GenesisState(bytes32 stateRoot, bytes state)')

/** What never changes about a deployment, and the root of its first state. */
export interface Deployment extends DeploymentIds {
  genesisStateRoot: Hex
}

/** @throws NoContractError when no rollup contract is at the address. */
export function readDeployment(endpoints: Endpoints, contract: Address, at: BlockRef): Promise<Deployment> {
  return endpoints.agreeAt(at, 'chainID and forkID', async (client, pin) => {
    const from = { ...pin, address: contract, abi: twoStepAbi } as const
    const [chainId, forkId, genesisStateRoot] = await Promise.all([
      client.readContract({ ...from, functionName: 'chainID' }),
      client.readContract({ ...from, functionName: 'forkID' }),
      client.readContract({ ...from, functionName: 'batchNumToStateRoot', args: [0n] }),
    ])
    return { chainId: `${chainId}`, forkId: `${forkId}`, genesisStateRoot }
  })
}

/**
 * Looks for the event in stretches of `rangeBlocks` from the contract's deployment on.
 * @throws GenesisMissingError when there is none up to `at`.
 */
export async function readGenesis(
  endpoints: Endpoints,
  { contract, at, from, rangeBlocks }: { contract: Address; at: BlockRef; from: number; rangeBlocks: number },
): Promise<FirstState> {
  for (let first = from; first <= at.number; first += rangeBlocks) {
    const last = Math.min(first + rangeBlocks - 1, at.number)
    const [genesis] = await readLogs(endpoints, {
      what: 'logs of GenesisState',
      ...{ from: first, to: last, head: at },
      read: async (client, stretch) => {
        const logs = await client.getLogs({ address: contract, event: genesisState, strict: true, ...stretch })
        return logs.map(({ args: { stateRoot, state } }) => ({ stateRoot, state }))
      },
    })
    if (genesis) return genesis
  }
  throw new GenesisMissingError(`The contract emitted no GenesisState in blocks ${from} to ${at.number}.`)
}

/** Ours keeps rounds, settles and pays claims; that of 2023 has globals and a ledger of its own. */
export type Generation = 'rounds' | 'globals'

/**
 * Finds out which generation of the two-step contracts stands at the address. Only a revert of `getRound` while the
 * contract answers otherwise tells that it is of 2023: an endpoint that is away tells nothing.
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
