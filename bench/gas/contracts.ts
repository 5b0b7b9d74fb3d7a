import { type Abi, type Address, type Hex, parseAbi, parseEther } from 'viem'
import { rollupAbi } from '../../contracts/abi.ts'
import { deployRollup2023 } from '../../contracts/simulated/deploy-rollup-2023.ts'
import type { Artifacts } from '../../contracts/tooling/compile.ts'
import { deployRollup } from '../../contracts/tooling/deploy.ts'
import { deploySimulatedVerifier } from '../../contracts/tooling/deploy-verifier.ts'
import { DATA_BYTES } from '../../kinds/payments/transfer.ts'
import type { ContractCall, GasChain } from './chain.ts'

/** Ours, or the contracts of 2023 as they are played for tests. */
export type Generation = 'ours' | '2023'

/** A deployed rollup, whose verifier costs next to nothing. */
export interface GasRollup {
  generation: Generation
  address: Address
  /** Makes a call of the rollup itself. */
  call(functionName: string, args: readonly unknown[]): ContractCall
  /** Makes the call that deposits a miner's stake. */
  deposit(amount: bigint): ContractCall
}

/** T1, T2 and the late proofs' window, in blocks: every transaction here is a block. */
export const WINDOWS = { commitBlocks: 3, proveBlocks: 4, lateProofBlocks: 6 } as const
export const STAKE = parseEther('100')

const GENESIS: Hex = `0x${'11'.padStart(64, '0')}`
const COIN = parseEther('1')
const SHARED = {
  ...{ chainId: 1_000n, forkId: 1n, commitBlocks: WINDOWS.commitBlocks, proveBlocks: WINDOWS.proveBlocks },
  ...{ minDeposit: 50n * COIN, penalty: COIN },
} as const

export async function deploy(chain: GasChain, artifacts: Artifacts, generation: Generation): Promise<GasRollup> {
  const verifier = await deploySimulatedVerifier(chain.clientsOf('owner'), artifacts)
  return generation === 'ours' ? deployOurs(chain, artifacts, verifier) : deploy2023(chain, artifacts, verifier)
}

async function deployOurs(chain: GasChain, artifacts: Artifacts, verifier: Address): Promise<GasRollup> {
  const { rollup } = await deployRollup(chain.clientsOf('owner'), artifacts, {
    ...SHARED,
    ...{ trustedSequencer: chain.address('sequencer'), treasury: chain.address('treasury'), verifier },
    ...{ batchBytes: DATA_BYTES, lateProofBlocks: BigInt(WINDOWS.lateProofBlocks), rewardPerSequence: 6n * COIN },
    genesis: { stateRoot: GENESIS, state: '0x' },
  })
  const call = callsOf(rollup, rollupAbi)
  await chain.send('owner', { ...call('fundRewards', []), value: 1_000n * COIN })
  return { generation: 'ours', address: rollup, call, deposit: (value) => ({ ...call('deposit', []), value }) }
}

async function deploy2023(chain: GasChain, artifacts: Artifacts, verifier: Address): Promise<GasRollup> {
  const { rollup, ideDeposit } = await deployRollup2023(chain.clientsOf('owner'), artifacts, {
    ...SHARED,
    ...{ owner: chain.address('owner'), trustedSequencer: chain.address('sequencer'), verifier },
    ...{ wrongProofPenalty: 10n * COIN, rewardPerBlock: 6n * COIN, funds: 1_000n * COIN, genesisStateRoot: GENESIS },
  })
  const call = callsOf(rollup, rollupAbi)
  const depositAbi = parseAbi(['function deposit(uint256 amount) payable'])
  const deposit = (value: bigint) => ({ ...callsOf(ideDeposit, depositAbi)('deposit', [value]), value })
  return { generation: '2023', address: rollup, call, deposit }
}

const callsOf =
  (to: Address, abi: Abi) =>
  (functionName: string, args: readonly unknown[]): ContractCall => ({ to, abi, functionName, args })
