import { type Address, type Hex, isAddress, zeroAddress } from 'viem'
import { z } from 'zod'
import { BN254_SCALAR_FIELD } from '../../protocol/proof/public-input.ts'
import type { FirstState } from '../../protocol/proof/rollup-kind.ts'
import { rollupAbi } from '../abi.ts'
import type { Artifacts } from './compile.ts'
import { confirm, type DeployClients, DeploymentError, deployContract, findArtifact } from './deploy-contract.ts'

const address = z.custom<Address>((value) => typeof value === 'string' && isAddress(value) && value !== zeroAddress, {
  error: 'must be an address (with a correct checksum if it has one) and not zero',
})
const hex = z.custom<Hex>((value) => typeof value === 'string' && /^0x([0-9a-f]{2})*$/i.test(value), {
  error: 'must be bytes in hex',
})
const uint64 = z.bigint().min(0n).max(0xffff_ffff_ffff_ffffn)
/** The contract keeps amounts in 128 bits. */
const wei = z
  .bigint()
  .min(0n)
  .lt(2n ** 128n)

/** What a rollup is deployed with. Blocks, wei, bytes; the contract's NatSpec explains each. */
const rollupParamsSchema = z.object({
  owner: address.optional(),
  trustedSequencer: address,
  treasury: address,
  verifier: address,
  /** The rollup's own chain id: unique for each deployment, or transfers could be replayed on another. */
  chainId: uint64,
  forkId: uint64,
  batchBytes: z.int().min(1),
  /** T1 in blocks. */
  commitBlocks: z.int().min(1).max(255),
  /** T2 in blocks. */
  proveBlocks: z.int().min(1).max(255),
  lateProofBlocks: uint64.max(2n ** 27n),
  minDeposit: wei,
  penalty: wei,
  rewardPerSequence: wei,
  genesis: z.object({
    stateRoot: hex.refine(
      (root) => root.length === 66 && BigInt(root) > 0n && BigInt(root) < BN254_SCALAR_FIELD,
      'must be a root: 32 bytes, not 0, in the field',
    ),
    /** In the kind's own encoding, which is not looked into here. */
    state: hex,
  }),
})

/** Validated parameters of a deployment. */
export type RollupParams = z.input<typeof rollupParamsSchema>

/** Where a rollup is. `ideDeposit` and `slotAdapter` are the rollup's own address today; read them anyway. */
export type DeployedRollup = {
  rollup: Address
  ideDeposit: Address
  slotAdapter: Address
  verifier: Address
  deploymentBlock: bigint
}

/**
 * Deploys a rollup over an existing verifier (deploy-verifier.ts) and initialises it with its first state: two
 * transactions, and a third that offers the ownership if `owner` is not the deployer (it must then accept).
 */
export async function deployRollup(
  clients: DeployClients,
  artifacts: Artifacts,
  input: RollupParams,
): Promise<DeployedRollup> {
  const params = parseParams(input)
  const deployer = clients.walletClient.account.address
  const artifact = findArtifact(artifacts, 'ZkpowRollup')
  // The deployer initialises, so it owns the contract until another owner accepts it.
  const created = await deployContract(clients, artifact, { args: [constructorParams(params, deployer)] })
  await initialize(clients, created.address, params.genesis)
  await offerOwnership(clients, created.address, params.owner ?? deployer)
  const rollup = { address: created.address, abi: rollupAbi } as const
  return {
    rollup: created.address,
    ideDeposit: await clients.publicClient.readContract({ ...rollup, functionName: 'ideDeposit' }),
    slotAdapter: await clients.publicClient.readContract({ ...rollup, functionName: 'slotAdapter' }),
    verifier: params.verifier,
    deploymentBlock: created.blockNumber,
  }
}

function parseParams(input: RollupParams): z.output<typeof rollupParamsSchema> {
  const parsed = rollupParamsSchema.safeParse(input)
  if (parsed.success) return parsed.data
  throw new DeploymentError(`The rollup can't be deployed with these parameters:\n${z.prettifyError(parsed.error)}`, {
    remedy: 'correct the parameters named above.',
  })
}

function constructorParams(params: z.output<typeof rollupParamsSchema>, owner: Address) {
  return {
    owner,
    trustedSequencer: params.trustedSequencer,
    treasury: params.treasury,
    verifier: params.verifier,
    chainID: params.chainId,
    forkID: params.forkId,
    batchBytes: BigInt(params.batchBytes),
    proofHashCommitEpoch: params.commitBlocks,
    proofCommitEpoch: params.proveBlocks,
    lateProofBlocks: params.lateProofBlocks,
    minDeposit: params.minDeposit,
    noProofPunishAmount: params.penalty,
    rewardPerSequence: params.rewardPerSequence,
  }
}

async function initialize(clients: DeployClients, rollup: Address, genesis: FirstState): Promise<void> {
  const { publicClient, walletClient } = clients
  const args = [genesis.stateRoot, genesis.state] as const
  await confirm(
    publicClient,
    await walletClient.writeContract({ address: rollup, abi: rollupAbi, functionName: 'initialize', args }),
  )
}

async function offerOwnership(clients: DeployClients, rollup: Address, owner: Address): Promise<void> {
  const { publicClient, walletClient } = clients
  if (owner.toLowerCase() === walletClient.account.address.toLowerCase()) return
  await confirm(
    publicClient,
    await walletClient.writeContract({
      address: rollup,
      abi: rollupAbi,
      functionName: 'transferOwnership',
      args: [owner],
    }),
  )
}
