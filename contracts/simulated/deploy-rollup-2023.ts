import { type Address, type Hex, parseAbi } from 'viem'
import type { Artifacts } from '../tooling/compile.ts'
import { confirm, type DeployClients, deployContract, findArtifact } from '../tooling/deploy-contract.ts'

/** What a SIMULATED rollup of 2023 is deployed with, in blocks and wei. */
export interface Rollup2023Params {
  owner: Address
  trustedSequencer: Address
  verifier: Address
  chainId: bigint
  forkId: bigint
  /** T1. */
  commitBlocks: number
  /** T2. */
  proveBlocks: number
  minDeposit: bigint
  /** For a hash without a proof in time. */
  penalty: bigint
  /** For a proof that is wrong. */
  wrongProofPenalty: bigint
  /** Of all sequences that one block posts together. */
  rewardPerBlock: bigint
  /** Wei for rewards. */
  funds: bigint
  genesisStateRoot: Hex
}

/** Where its parts are. */
export interface DeployedRollup2023 {
  rollup: Address
  ideDeposit: Address
  slotAdapter: Address
  deploymentBlock: bigint
}

const wiring = parseAbi(['function setDeposit(address)', 'function setSlotAdapter(address)'])

/**
 * Deploys a SIMULATED rollup with the loose rules of 2023, for development chains. The wallet's account must be its
 * owner.
 */
export async function deployRollup2023(
  clients: DeployClients,
  artifacts: Artifacts,
  p: Rollup2023Params,
): Promise<DeployedRollup2023> {
  const deploy = (name: string, args: readonly unknown[]) =>
    deployContract(clients, findArtifact(artifacts, name), { args })
  const rollup = await deploy('Rollup2023', [constructorParams(p)])
  const slotAdapter = (await deploy('SlotAdapter2023', [p.owner, rollup.address, p.rewardPerBlock])).address
  const ideDeposit = (await deploy('Deposit2023', [rollup.address, slotAdapter])).address
  await call(clients, { address: rollup.address, functionName: 'setDeposit', argument: ideDeposit })
  await call(clients, { address: slotAdapter, functionName: 'setDeposit', argument: ideDeposit })
  await call(clients, { address: rollup.address, functionName: 'setSlotAdapter', argument: slotAdapter })
  const funding = await clients.walletClient.writeContract({
    ...{
      address: slotAdapter,
      abi: parseAbi(['function fundRewards() payable']),
      functionName: 'fundRewards',
      value: p.funds,
    },
  })
  await confirm(clients.publicClient, funding)
  return { rollup: rollup.address, ideDeposit, slotAdapter, deploymentBlock: rollup.blockNumber }
}

const constructorParams = (p: Rollup2023Params) => ({
  owner: p.owner,
  trustedSequencer: p.trustedSequencer,
  verifier: p.verifier,
  chainID: p.chainId,
  forkID: p.forkId,
  proofHashCommitEpoch: p.commitBlocks,
  proofCommitEpoch: p.proveBlocks,
  minDeposit: p.minDeposit,
  noProofPunishAmount: p.penalty,
  incorrectProofHashPunishAmount: p.wrongProofPenalty,
  genesisStateRoot: p.genesisStateRoot,
})

async function call(
  { publicClient, walletClient }: DeployClients,
  { argument, ...to }: { address: Address; functionName: 'setDeposit' | 'setSlotAdapter'; argument: Address },
): Promise<void> {
  await confirm(publicClient, await walletClient.writeContract({ ...to, abi: wiring, args: [argument] }))
}
