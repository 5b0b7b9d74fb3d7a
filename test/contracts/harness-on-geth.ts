import { createClient, createWalletClient, encodeFunctionData, type Hex, http, numberToHex, zeroAddress, zeroHash } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { foundry } from 'viem/chains'
import type { Artifacts } from '../../contracts/compile.ts'
import type { RollupParams } from '../../contracts/deploy.ts'
import type { DeployClients } from '../../contracts/deploy-contract.ts'
import { startGeth } from '../../dev/stack/geth.ts'
import type { NodePart } from '../../dev/stack/part.ts'
import { anvilKeys } from '../chain/anvil-keys.ts'
import { compiledContracts } from '../support/compiled-contracts.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { type Action, type Call, Harness } from './harness.ts'

/** No block comes by itself. */
const ON_DEMAND = ['--dev.period', '1000000000']

const GWEI = 10n ** 9n

/** A chain of a real execution client, under the rules of its newest fork, with one rollup as `Harness` has it. */
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

  override async mine(blocks: number): Promise<void> {
    const client = createClient({ transport: http(this.anvil.url) })
    type Commit = (request: { method: 'testing_commitBlockV1'; params: unknown[] }) => Promise<Hex>
    for (let i = 0; i < blocks; i += 1) {
      const { timestamp } = await this.client.getBlock()
      const block = {
        ...{ timestamp: numberToHex(timestamp + 1n), prevRandao: zeroHash, suggestedFeeRecipient: zeroAddress },
        ...{ withdrawals: [], parentBeaconBlockRoot: zeroHash },
      }
      await (client.request as Commit)({ method: 'testing_commitBlockV1', params: [block, null, null] })
    }
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
    acting.catch(() => undefined) // is thrown below
    while (!isDone) await this.mine(1)
    await acting
  }
}
