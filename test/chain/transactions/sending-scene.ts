import { foundry } from 'viem/chains'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { type Chain, createChain } from '../../../chain/create-chain.ts'
import { createMinerAccount, type MinerAccount } from '../../../chain/transactions/account.ts'
import type { Address, Hex } from '../../../protocol/base/ranges.ts'
import type { Fees } from '../../../protocol/sender/fees.ts'
import { type Anvil, anvilClient, startAnvil } from '../../support/nodes/anvil.ts'
import { type RpcProxy, startRpcProxy } from '../../support/rpc/rpc-proxy.ts'
import { anvilKeys } from '../anvil-keys.ts'

export const GWEI = 10n ** 9n
export const miner = createMinerAccount(anvilKeys[0])

export let anvil: Anvil
export let first: RpcProxy
export let second: RpcProxy
export let chain: Chain
export let client: ReturnType<typeof anvilClient>

/**
 * Makes two endpoints of an anvil that mines when told, for all tests of a file. What a test makes them do ends with
 * it.
 */
export function useTwoEndpoints(): void {
  beforeAll(async () => {
    anvil = await startAnvil(['--no-mining', '--block-base-fee-per-gas', `${GWEI}`])
    first = await startRpcProxy(anvil.url)
    second = await startRpcProxy(anvil.url)
    client = anvilClient(anvil.url)
    const rpcUrls = [first.url, second.url]
    chain = createChain({
      chainId: foundry.id,
      rpcUrls,
      agreement: 1,
      finality: { confirmations: 2 },
      maxFeePerGasWei: 100n * GWEI,
      requestTimeoutMs: 1_000,
    })
  })

  afterAll(async () => {
    await Promise.all([first?.close(), second?.close()])
    await anvil?.stop()
  })

  afterEach(() => {
    first.fault = () => undefined
    second.fault = () => undefined
  })
}

interface Transfer {
  nonce: number
  fees?: Fees
  from?: MinerAccount
  to?: Address
}

export function sign(p: Transfer) {
  const { nonce, from = miner, to = from.address } = p
  return from.sign({
    chainId: foundry.id,
    nonce,
    to,
    data: '0x',
    valueWei: 0n,
    gas: 21_000n,
    fees: p.fees ?? fees(20n, 1n),
  })
}

export async function transfer(p: Transfer): Promise<Hex> {
  return (await sign(p)).raw
}

export function fees(maxGwei: bigint, priorityGwei: bigint): Fees {
  return { maxFeePerGas: maxGwei * GWEI, maxPriorityFeePerGas: priorityGwei * GWEI }
}
