import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Abi, type Address, createPublicClient, encodeFunctionData, type Hex, http, type PublicClient } from 'viem'
import { type HDAccount, mnemonicToAccount } from 'viem/accounts'
import { foundry } from 'viem/chains'
import { confirm, type DeployClients } from '../../contracts/tooling/deploy-contract.ts'
import { accountClients } from '../../dev/payments/deploy.ts'
import { type AnvilOptions, startAnvil } from '../../dev/stack/nodes/anvil.ts'
import { startGeth } from '../../dev/stack/nodes/geth.ts'
import { MNEMONIC } from '../../dev/stack/nodes/mnemonic.ts'

/** Whose gas is counted. */
export type NodeName = 'anvil' | 'geth'

/** A call of a contract; `value` in wei. */
export interface ContractCall {
  to: Address
  abi: Abi
  functionName: string
  args: readonly unknown[]
  value?: bigint
}

/** What a transaction took. */
export interface Sent {
  hash: Hex
  gas: number
}

/** Of any call here: what it needs isn't asked for, since that is what is measured. */
const GAS_LIMIT = 8_000_000n
const PEOPLE = ['owner', 'sequencer', 'treasury', 'stranger', 'alice', 'bob', 'carol'] as const

export type Person = (typeof PEOPLE)[number]

/** Plays a node that makes a block of every transaction, and the people that send to it. */
export class GasChain {
  readonly client: PublicClient
  readonly url: string

  private constructor(url: string) {
    this.url = url
    const options = { chain: foundry, transport: http(url), cacheTime: 0, pollingInterval: 20 }
    this.client = createPublicClient(options) as PublicClient
  }

  /**
   * Starts a fresh chain, for as long as `use` takes.
   * @param anvil default: transactions can be traced, which costs memory
   */
  static async with<T>(
    name: NodeName,
    use: (chain: GasChain) => Promise<T>,
    anvil: AnvilOptions = { extraArgs: ['--steps-tracing'] },
  ): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), 'zkpow-gas-'))
    try {
      const node =
        name === 'anvil'
          ? await startAnvil(folder, { chainId: foundry.id, ...anvil })
          : await startGeth(folder, { chainId: foundry.id })
      try {
        return await use(new GasChain(node.rpcUrl))
      } finally {
        await node.stop()
      }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  address(person: Person): Address {
    return this.account(person).address
  }

  clientsOf(person: Person): DeployClients {
    return accountClients(this.url, this.account(person))
  }

  /** Sends a call in a block of its own. @throws DeploymentError when it reverts. */
  async send(from: Person, call: ContractCall): Promise<Sent> {
    const { walletClient } = this.clientsOf(from)
    const data = encodeFunctionData(call)
    const hash = await walletClient.sendTransaction({ to: call.to, data, value: call.value ?? 0n, gas: GAS_LIMIT })
    return { hash, gas: Number((await confirm(this.client, hash)).gasUsed) }
  }

  /** Lets as many blocks go by, each with a transaction that does nothing. */
  async pass(blocks: number): Promise<void> {
    const { walletClient } = this.clientsOf('owner')
    for (let i = 0; i < blocks; i++) {
      const hash = await walletClient.sendTransaction({ to: this.address('owner'), gas: 100_000n })
      await confirm(this.client, hash)
    }
  }

  private account(person: Person): HDAccount {
    return mnemonicToAccount(MNEMONIC, { addressIndex: PEOPLE.indexOf(person) })
  }
}
