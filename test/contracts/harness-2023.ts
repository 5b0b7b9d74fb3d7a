import { type Abi, type Address, encodeFunctionData, parseEther, parseEventLogs } from 'viem'
import { slotAdapterAbi } from '../../contracts/abi.ts'
import { deployRollup2023, type Rollup2023Params } from '../../contracts/simulated/deploy-rollup-2023.ts'
import type { Artifacts } from '../../contracts/tooling/compile.ts'
import { deploySimulatedVerifier } from '../../contracts/tooling/deploy-verifier.ts'
import type { Anvil } from '../support/nodes/anvil.ts'
import { compiledContracts } from '../support/nodes/compiled-contracts.ts'
import { type Action, type Call, Harness, startFreeAnvil, testParams, type WireCall } from './harness.ts'

/** Values of the tests' rollup of 2023; stake is in coins, by whole ones of which it divides rewards. */
const params2023 = {
  ...{ chainId: testParams.chainId, forkId: testParams.forkId, genesisStateRoot: testParams.genesis.stateRoot },
  ...{ commitBlocks: testParams.commitBlocks, proveBlocks: testParams.proveBlocks },
  minDeposit: parseEther('50'),
  penalty: parseEther('1'),
  wrongProofPenalty: parseEther('10'),
  rewardPerBlock: parseEther('6'),
  funds: parseEther('1000'),
} as const satisfies Partial<Rollup2023Params>

const amountsAbi = slotAdapterAbi.filter((item) => item.type === 'event')

/** What only its contracts take, by where it is called. */
interface Special {
  part: 'rollup' | 'ideDeposit' | 'slotAdapter'
  functionName: string
  args?: readonly unknown[]
  value?: bigint
  from?: Address
}

/**
 * Plays a chain as `Harness` does, with a rollup of 2023: the miners' calls are the same, stake and rewards are
 * elsewhere.
 */
export class Harness2023 extends Harness {
  ideDeposit: Address = '0x'
  slotAdapter: Address = '0x'
  private readonly abi: Abi

  private constructor(anvil: Anvil, artifacts: Artifacts) {
    super(anvil, artifacts)
    this.abi = ['Rollup2023', 'Deposit2023', 'SlotAdapter2023'].flatMap((name) => artifacts[name]?.abi ?? [])
  }

  static override async start(params: Partial<Rollup2023Params> = {}): Promise<Harness2023> {
    const harness = new Harness2023(await startFreeAnvil(), compiledContracts())
    await harness.open(() => harness.deploy2023(params))
    return harness
  }

  /**
   * Sends what only the contracts of 2023 take, in a block of its own; the owner sends if nobody else is named. Throws
   * if it reverts.
   */
  async special({ part, functionName, args = [], value = 0n, from = this.owner }: Special): Promise<void> {
    const data = encodeFunctionData({ abi: this.abi, functionName, args })
    const hash = await this.client.sendTransaction({
      account: from,
      to: this[part],
      data,
      value,
      gas: 5_000_000n,
      gasPrice: 0n,
    })
    await this.client.mine({ blocks: 1 })
    const receipt = await this.client.getTransactionReceipt({ hash })
    if (receipt.status !== 'success') throw new Error(`${functionName} reverted`)
  }

  /** Lists the fines of a miner so far, wei, in their order. */
  fines(miner: Address): Promise<bigint[]> {
    return this.amountsOf('PunishAmount', miner)
  }

  /** Lists what a miner was paid so far, wei, in its order. */
  paid(miner: Address): Promise<bigint[]> {
    return this.amountsOf('DistributeRewards', miner)
  }

  read2023<T>(part: Special['part'], functionName: string, args: readonly unknown[] = []): Promise<T> {
    return this.client.readContract({ address: this[part], abi: this.abi, functionName, args }) as Promise<T>
  }

  protected override wire<name extends Action>(call: Call<name>): WireCall {
    const wired = { ...super.wire(call), abi: this.abi }
    if (call.functionName === 'deposit') return { ...wired, to: this.ideDeposit, args: [wired.value] }
    return call.functionName === 'fundRewards' ? { ...wired, to: this.slotAdapter } : wired
  }

  private async amountsOf(eventName: 'PunishAmount' | 'DistributeRewards', miner: Address): Promise<bigint[]> {
    const logs = await this.client.getLogs({ address: this.slotAdapter, fromBlock: 0n })
    return parseEventLogs({ abi: amountsAbi, logs, eventName }).flatMap(({ args }) =>
      args.miner === miner ? [args.amount] : [],
    )
  }

  private async deploy2023(params: Partial<Rollup2023Params>): Promise<void> {
    const clients = this.deployClients()
    const verifier = await deploySimulatedVerifier(clients, this.artifacts)
    const people = { owner: this.owner, trustedSequencer: this.sequencer, verifier }
    const deployed = await deployRollup2023(clients, this.artifacts, { ...params2023, ...people, ...params })
    this.rollup = deployed.rollup
    this.ideDeposit = deployed.ideDeposit
    this.slotAdapter = deployed.slotAdapter
    this.deploymentBlock = deployed.deploymentBlock
  }
}
