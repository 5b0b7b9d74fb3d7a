import { readFile } from 'node:fs/promises'
import {
  type Account,
  type Address,
  type Chain,
  createPublicClient,
  createWalletClient,
  http,
  type PublicClient,
  type Transport,
  type WalletClient,
} from 'viem'
import { foundry } from 'viem/chains'
import { rollupAbi } from '../../contracts/abi.ts'
import { type Artifacts, compileContracts } from '../../contracts/compile.ts'
import { type DeployedRollup, deployRollup } from '../../contracts/deploy.ts'
import { confirm } from '../../contracts/deploy-contract.ts'
import { deployHonkVerifier, deploySimulatedVerifier } from '../../contracts/deploy-verifier.ts'
import { stateRoot, treeOf } from '../../kinds/payments/account-tree.ts'
import { encodeGenesis } from '../../kinds/payments/genesis.ts'
import { DATA_BYTES } from '../../kinds/payments/transfer.ts'
import { assertSrsAllowed } from '../../protocol/srs.ts'
import { artifactPaths, loadManifest } from '../../provers/noir/artifacts.ts'
import { genesisAccounts } from './users.ts'

/** Windows in blocks, amounts in wei. */
export interface DevelopmentRules {
  commitBlocks: number
  proveBlocks: number
  lateProofBlocks: number
  minDepositWei: bigint
  penaltyWei: bigint
  rewardWei: bigint
}

/** Clients of anvil with one of its funded accounts. */
export interface AccountClients {
  publicClient: PublicClient
  walletClient: WalletClient<Transport, Chain, Account>
}

/** @param chainId of the anvil instance; the reads poll fast because its blocks are. */
export function accountClients(rpcUrl: string, account: Account, chainId: number = foundry.id): AccountClients {
  const options = { chain: { ...foundry, id: chainId }, transport: http(rpcUrl), pollingInterval: 100 }
  return { publicClient: createPublicClient(options) as PublicClient, walletClient: createWalletClient({ ...options, account }) }
}

/** Contracts and the verifier that set-up generated (without artifacts: the simulated one), compiled once per process. */
export async function compileWithVerifier(artifactsDir: string | null): Promise<Artifacts> {
  if (artifactsDir === null) return compileContracts()
  return compileContracts({ 'HonkVerifier.sol': await readFile(artifactPaths(artifactsDir).solidityVerifier, 'utf8') })
}

/** Deploys a development rollup with the real verifier (without artifacts: the simulated one), funds its rewards and gives it its users. */
export async function deployPayments(
  owner: AccountClients,
  p: {
    artifactsDir: string | null
    artifacts: Artifacts
    sequencer: Address
    treasury: Address
    rollupChainId: bigint
    rules: DevelopmentRules
  },
): Promise<DeployedRollup> {
  const verifier = await deployVerifier(owner, p)
  const accounts = genesisAccounts()
  const tree = treeOf(accounts.map((account, index) => [index, { ...account, nonce: 0n }] as const))
  const deployed = await deployRollup(owner, p.artifacts, {
    trustedSequencer: p.sequencer,
    treasury: p.treasury,
    verifier,
    chainId: p.rollupChainId,
    forkId: 1n,
    batchBytes: DATA_BYTES,
    commitBlocks: p.rules.commitBlocks,
    proveBlocks: p.rules.proveBlocks,
    lateProofBlocks: BigInt(p.rules.lateProofBlocks),
    minDeposit: p.rules.minDepositWei,
    penalty: p.rules.penaltyWei,
    rewardPerSequence: p.rules.rewardWei,
    genesis: { stateRoot: stateRoot(tree), accounts: encodeGenesis(accounts) },
  })
  await fundRewards(owner, deployed, p.rules.rewardWei * 100n)
  return deployed
}

async function deployVerifier(owner: AccountClients, p: { artifactsDir: string | null; artifacts: Artifacts }): Promise<Address> {
  if (p.artifactsDir === null) return deploySimulatedVerifier(owner, p.artifacts)
  assertSrsAllowed(await loadManifest(p.artifactsDir), owner.walletClient.chain.id)
  return deployHonkVerifier(owner, p.artifacts)
}

async function fundRewards({ publicClient, walletClient }: AccountClients, { slotAdapter }: DeployedRollup, value: bigint): Promise<void> {
  await confirm(
    publicClient,
    await walletClient.writeContract({ address: slotAdapter, abi: rollupAbi, functionName: 'fundRewards', value }),
  )
}

/** Stakes for a miner, before its sender owns the account's nonce. */
export async function stake({ publicClient, walletClient }: AccountClients, { ideDeposit }: DeployedRollup, value: bigint): Promise<void> {
  await confirm(publicClient, await walletClient.writeContract({ address: ideDeposit, abi: rollupAbi, functionName: 'deposit', value }))
}
