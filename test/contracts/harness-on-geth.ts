import { createWalletClient, encodeFunctionData, type Hex, http } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { foundry } from 'viem/chains'
import type { Artifacts } from '../../contracts/tooling/compile.ts'
import type { RollupParams } from '../../contracts/tooling/deploy.ts'
import type { DeployClients } from '../../contracts/tooling/deploy-contract.ts'
import { startGeth } from '../../dev/stack/nodes/geth.ts'
import type { NodePart } from '../../dev/stack/part.ts'
import { anvilKeys } from '../chain/anvil-keys.ts'
import { nodeRpc } from '../chaos/nodes/node-rpc.ts'
import { compiledContracts } from '../support/nodes/compiled-contracts.ts'
import { commitBlocks, ON_DEMAND } from '../support/nodes/geth-blocks.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { type Action, type Call, Harness } from './harness.ts'

const GWEI = 10n ** 9n

/**
 * Plays a chain of a real execution client, under the rules of its newest fork, with one rollup as `Harness` has it.
 */
export class HarnessOnGeth extends Harness {
  private constructor(geth: NodePart, artifacts: Artifacts) {
    super({ url: geth.rpcUrl, port: 0, stop: () => geth.stop() }, artifacts)
  }

  static override async start(params: Partial<RollupParams> = {}): Promise<HarnessOnGeth> {
    const geth = await startGeth(await scratchFolder(), { chainId: foundry.id, extraArgs: ON_DEMAND })
    const harness = new HarnessOnGeth(geth, compiledContracts())
    harness.accounts = anvilKeys.map((key) => privateKeyToAccount(key).address)
    try {
      await harness.whileMining(() => harness.deploy(params))
      return harness
    } catch (error) {
      await geth.stop()
      throw error
    }
  }

  override mine(blocks: number): Promise<void> {
    return commitBlocks(nodeRpc(this.anvil.url).call, blocks)
  }

  override async send<name extends Action>(call: Call<name>): Promise<bigint> {
    const hash = await this.enqueue(call)
    await this.mine(1)
    const receipt = await this.client.getTransactionReceipt({ hash })
    if (receipt.status !== 'success') throw new Error(`${call.functionName} reverted`)
    return receipt.gasUsed
  }

  override async enqueue<name extends Action>(call: Call<name>, gas = 5_000_000n): Promise<Hex> {
    const { to, value, ...wired } = this.wire(call)
    const fees = { maxFeePerGas: 20n * GWEI, maxPriorityFeePerGas: GWEI }
    return this.walletOf(call.from).sendTransaction({ to, data: encodeFunctionData(wired), value, gas, ...fees })
  }

  override deployClients(): DeployClients {
    return { publicClient: super.deployClients().publicClient, walletClient: this.walletOf(this.owner) }
  }

  private walletOf(address: string) {
    const account = privateKeyToAccount(anvilKeys[this.accounts.indexOf(address as Hex)] as Hex)
    return createWalletClient({ account, chain: foundry, transport: http(this.anvil.url) })
  }

  private async whileMining(act: () => Promise<void>): Promise<void> {
    let isDone = false
    const acting = act().finally(() => {
      isDone = true
    })
    acting.catch(() => undefined) // it is thrown below
    while (!isDone) await this.mine(1)
    await acting
  }
}
