import {
  type Abi,
  type Address,
  BaseError,
  type ContractFunctionArgs,
  type ContractFunctionName,
  ContractFunctionRevertedError,
  createPublicClient,
  createTestClient,
  createWalletClient,
  encodeFunctionData,
  type Hex,
  http,
  publicActions,
  walletActions,
} from 'viem'
import { foundry } from 'viem/chains'
import { rollupAbi } from '../../contracts/abi.ts'
import type { Artifacts } from '../../contracts/tooling/compile.ts'
import { deployRollup, type RollupParams } from '../../contracts/tooling/deploy.ts'
import type { DeployClients } from '../../contracts/tooling/deploy-contract.ts'
import { deploySimulatedVerifier } from '../../contracts/tooling/deploy-verifier.ts'
import { type Anvil, startAnvil } from '../support/nodes/anvil.ts'
import { compiledContracts } from '../support/nodes/compiled-contracts.ts'

/** Functions of the rollup that change state. */
export type Action = ContractFunctionName<typeof rollupAbi, 'nonpayable' | 'payable'>

/** Who calls what with what. */
export type Call<name extends Action = Action> = {
  from: Address
  functionName: name
  args: ContractFunctionArgs<typeof rollupAbi, 'nonpayable' | 'payable', name>
  value?: bigint
}

/** Values of the tests' rollup; single tests override some. Small windows, so that random commands meet the edges. */
export const testParams = {
  chainId: 1001n,
  forkId: 4n,
  batchBytes: 8,
  commitBlocks: 3,
  proveBlocks: 4,
  lateProofBlocks: 6n,
  minDeposit: 1_000n,
  penalty: 100n,
  rewardPerSequence: 1_000n,
  genesis: { stateRoot: `0x${'11'.padStart(64, '0')}`, state: '0x' },
} as const satisfies Partial<RollupParams>

const chainClient = (url: string) =>
  createTestClient({
    mode: 'anvil',
    chain: foundry,
    transport: http(url, { batch: true }),
    cacheTime: 0,
    pollingInterval: 20,
  })
    .extend(publicActions)
    .extend(walletActions)

/** What a call is on the wire: a contract of 2023 has its stake and rewards elsewhere than ours. */
export interface WireCall {
  to: Address
  /** Knows the errors, too, that the call may meet. */
  abi: Abi
  functionName: string
  args: readonly unknown[]
  value: bigint
}

/** Plays a chain that mines only when told, with one rollup over the simulated verifier. */
export class Harness {
  readonly anvil: Anvil
  readonly client: ReturnType<typeof chainClient>
  readonly artifacts: Artifacts
  accounts: readonly Address[] = []
  rollup: Address = '0x'
  deploymentBlock = 0n

  protected constructor(anvil: Anvil, artifacts: Artifacts) {
    this.anvil = anvil
    this.client = chainClient(anvil.url)
    this.artifacts = artifacts
  }

  /** Starts anvil, with further arguments if need be, and deploys. */
  static async start(
    params: Partial<RollupParams> = {},
    extraSources: Record<string, string> = {},
    anvilArgs: readonly string[] = [],
  ): Promise<Harness> {
    const harness = new Harness(await startFreeAnvil(anvilArgs), compiledContracts(extraSources))
    await harness.open(() => harness.deploy(params))
    return harness
  }

  /** Ends the chain where `deploy` fails. */
  protected async open(deploy: () => Promise<void>): Promise<void> {
    try {
      this.accounts = await this.client.getAddresses()
      await deploy()
      await this.client.setAutomine(false)
    } catch (error) {
      await this.anvil.stop()
      throw error
    }
  }

  /** Deploys another rollup on the same chain, for the same people. */
  async beside(params: Partial<RollupParams> = {}): Promise<Harness> {
    const harness = new Harness(this.anvil, this.artifacts)
    harness.accounts = this.accounts
    await this.client.setAutomine(true)
    await harness.deploy(params)
    await this.client.setAutomine(false)
    return harness
  }

  get owner(): Address {
    return this.account(0)
  }
  get sequencer(): Address {
    return this.account(1)
  }
  get treasury(): Address {
    return this.account(2)
  }
  get stranger(): Address {
    return this.account(3)
  }
  get miners(): readonly Address[] {
    return this.accounts.slice(4, 8)
  }

  account(index: number): Address {
    const account = this.accounts[index]
    if (account === undefined) throw new Error(`anvil has no account ${index}`)
    return account
  }

  async head(): Promise<number> {
    return Number(await this.client.getBlockNumber())
  }

  async mine(blocks: number): Promise<void> {
    if (blocks > 0) await this.client.mine({ blocks })
  }

  /** Mines up to `block`, so that the next transaction is in `block + 1`. */
  async mineTo(block: number): Promise<void> {
    const head = await this.head()
    if (block < head) throw new Error(`Block ${block} is over, the head is ${head}`)
    await this.mine(block - head)
  }

  /**
   * Does the call in a block of its own. Answers `ok`, or the name of the custom error it is refused with (then there
   * is no block).
   */
  async act<name extends Action>(call: Call<name>): Promise<string> {
    const refusal = await this.refusal(call)
    if (refusal !== undefined) return refusal
    await this.send(call)
    return 'ok'
  }

  /** Sends without asking first and mines one block. Throws if it reverts. Answers the gas used. */
  async send<name extends Action>(call: Call<name>): Promise<bigint> {
    const hash = await this.enqueue(call)
    await this.client.mine({ blocks: 1 })
    const receipt = await this.client.getTransactionReceipt({ hash })
    if (receipt.status !== 'success') throw new Error(`${call.functionName} reverted though its simulation passed`)
    return receipt.gasUsed
  }

  /** Puts the call into the pool for the next block. */
  enqueue<name extends Action>(call: Call<name>, gas = 5_000_000n): Promise<Hex> {
    const { to, value, ...wired } = this.wire(call)
    return this.client.sendTransaction({
      account: call.from,
      to,
      data: encodeFunctionData(wired),
      value,
      gas,
      gasPrice: 0n,
    })
  }

  /** Tells the error that the call meets if it is in the next block; `undefined` if it passes. */
  async refusal<name extends Action>(call: Call<name>): Promise<string | undefined> {
    const { to: address, ...wired } = this.wire(call)
    const request = { ...wired, address, account: call.from, blockTag: 'pending' }
    try {
      await this.client.simulateContract(request as never)
      return undefined
    } catch (error) {
      return errorName(error)
    }
  }

  /** Makes clients as contracts/deploy*.ts take them; the owner deploys. They need automatic mining. */
  deployClients(account: Address = this.owner): DeployClients {
    return {
      publicClient: createPublicClient({ chain: foundry, transport: http(this.anvil.url), pollingInterval: 20 }),
      walletClient: createWalletClient({ account, chain: foundry, transport: http(this.anvil.url) }),
    }
  }

  protected wire<name extends Action>({ functionName, args, value = 0n }: Call<name>): WireCall {
    return { to: this.rollup, abi: rollupAbi, functionName, args: args as readonly unknown[], value }
  }

  protected async deploy(params: Partial<RollupParams>): Promise<void> {
    const clients = this.deployClients()
    const verifier = await deploySimulatedVerifier(clients, this.artifacts)
    const people = { trustedSequencer: this.sequencer, treasury: this.treasury, verifier }
    const deployed = await deployRollup(clients, this.artifacts, { ...testParams, ...people, ...params })
    this.rollup = deployed.rollup
    this.deploymentBlock = deployed.deploymentBlock
  }
}

/** Starts an anvil without gas prices, so that wallets change by what contracts pay only. */
export const startFreeAnvil = (args: readonly string[] = []): Promise<Anvil> =>
  startAnvil(['--gas-price', '0', '--block-base-fee-per-gas', '0', '--accounts', '10', ...args])

/** Names the custom error that a viem call was refused with. Throws what is no revert with a known error. */
function errorName(error: unknown): string {
  const revert =
    error instanceof BaseError ? error.walk((cause) => cause instanceof ContractFunctionRevertedError) : undefined
  const name = revert instanceof ContractFunctionRevertedError ? revert.data?.errorName : undefined
  if (name === undefined) throw error
  return name
}

/** Makes a root that names `n`, in the field. */
export const rootOf = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`
