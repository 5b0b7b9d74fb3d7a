import { readFile } from 'node:fs/promises'
import {
  type Account,
  type Address,
  type Chain,
  createPublicClient,
  createWalletClient,
  type Hex,
  http,
  type PublicClient,
  parseAbi,
  type Transport,
  type WalletClient,
} from 'viem'
import { foundry } from 'viem/chains'
import { rollupAbi } from '../../contracts/abi.ts'
import { deployRollup2023 } from '../../contracts/simulated/deploy-rollup-2023.ts'
import { type Artifacts, compileContracts } from '../../contracts/tooling/compile.ts'
import { type DeployedRollup, deployRollup } from '../../contracts/tooling/deploy.ts'
import { confirm } from '../../contracts/tooling/deploy-contract.ts'
import { deployHonkVerifier, deploySimulatedVerifier } from '../../contracts/tooling/deploy-verifier.ts'
import { genesisOf } from '../../kinds/payments/genesis.ts'
import { DATA_BYTES } from '../../kinds/payments/transfer.ts'
import type { FirstState } from '../../protocol/proof/rollup-kind.ts'
import { assertSrsAllowed } from '../../protocol/proof/srs.ts'
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
  return {
    publicClient: createPublicClient(options) as PublicClient,
    walletClient: createWalletClient({ ...options, account }),
  }
}

/**
 * Compiles the contracts and the verifier that set-up generated (without artifacts: the simulated one), once per
 * process.
 */
export async function compileWithVerifier(artifactsDir: string | null): Promise<Artifacts> {
  if (artifactsDir === null) return compileContracts()
  return compileContracts({ 'HonkVerifier.sol': await readFile(artifactPaths(artifactsDir).solidityVerifier, 'utf8') })
}

/** Whose rules a rollup's contract has: ours, or those of 2023, on a simulated contract for development. */
export type Generation = 'ours' | '2023'

/** A rollup with users. */
export interface PaymentsRollup extends DeployedRollup {
  generation: Generation
  /** Its first state in the kind's encoding: a contract of 2023 emits none. */
  genesis: Hex
}

/** What a development rollup is deployed with. */
interface Payments {
  artifactsDir: string | null
  artifacts: Artifacts
  sequencer: Address
  treasury: Address
  rollupChainId: bigint
  rules: DevelopmentRules
  /** @default 'ours' */
  generation?: Generation
}

/** Rewards that a development rollup has coins for. */
const FUNDED_REWARDS = 100n

/** A wrong proof costs this many times what a missing one does at a contract of 2023. */
const WRONG_PROOF_TIMES = 10n

/**
 * Deploys a development rollup with the real verifier (without artifacts: the simulated one), funds its rewards and
 * gives it its users.
 */
export async function deployPayments(owner: AccountClients, p: Payments): Promise<PaymentsRollup> {
  const verifier = await deployVerifier(owner, p)
  const first = genesisOf(genesisAccounts())
  const generation = p.generation ?? 'ours'
  const deployed =
    generation === 'ours'
      ? await deployOurs(owner, p, { verifier, first })
      : await deploy2023(owner, p, { verifier, first })
  return { ...deployed, generation, genesis: first.state }
}

interface Parts {
  verifier: Address
  first: FirstState
}

async function deployOurs(owner: AccountClients, p: Payments, { verifier, first }: Parts): Promise<DeployedRollup> {
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
    genesis: first,
  })
  await fundRewards(owner, deployed, p.rules.rewardWei * FUNDED_REWARDS)
  return deployed
}

async function deploy2023(owner: AccountClients, p: Payments, { verifier, first }: Parts): Promise<DeployedRollup> {
  const deployed = await deployRollup2023(owner, p.artifacts, {
    owner: owner.walletClient.account.address,
    trustedSequencer: p.sequencer,
    verifier,
    chainId: p.rollupChainId,
    forkId: 1n,
    commitBlocks: p.rules.commitBlocks,
    proveBlocks: p.rules.proveBlocks,
    minDeposit: p.rules.minDepositWei,
    penalty: p.rules.penaltyWei,
    wrongProofPenalty: p.rules.penaltyWei * WRONG_PROOF_TIMES,
    rewardPerBlock: p.rules.rewardWei,
    funds: p.rules.rewardWei * FUNDED_REWARDS,
    genesisStateRoot: first.stateRoot,
  })
  return { ...deployed, verifier }
}

async function deployVerifier(
  owner: AccountClients,
  p: { artifactsDir: string | null; artifacts: Artifacts },
): Promise<Address> {
  if (p.artifactsDir === null) return deploySimulatedVerifier(owner, p.artifacts)
  assertSrsAllowed(await loadManifest(p.artifactsDir), owner.walletClient.chain.id)
  return deployHonkVerifier(owner, p.artifacts)
}

async function fundRewards(
  { publicClient, walletClient }: AccountClients,
  { slotAdapter }: DeployedRollup,
  value: bigint,
): Promise<void> {
  await confirm(
    publicClient,
    await walletClient.writeContract({ address: slotAdapter, abi: rollupAbi, functionName: 'fundRewards', value }),
  )
}

/** The deposit of 2023 names what is sent along. */
const deposit2023 = parseAbi(['function deposit(uint256 amount) payable'])

/** Stakes for a miner, before its sender owns the account's nonce. */
export async function stake(
  { publicClient, walletClient }: AccountClients,
  { ideDeposit: address, generation }: Pick<PaymentsRollup, 'ideDeposit' | 'generation'>,
  value: bigint,
): Promise<void> {
  const txHash =
    generation === 'ours'
      ? await walletClient.writeContract({ address, abi: rollupAbi, functionName: 'deposit', value })
      : await walletClient.writeContract({ address, abi: deposit2023, functionName: 'deposit', args: [value], value })
  await confirm(publicClient, txHash)
}
