import { foundry } from 'viem/chains'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { createEndpoints, type Endpoints } from '../../../chain/endpoints/endpoints.ts'
import { type Anvil, anvilClient, startAnvil } from '../../support/nodes/anvil.ts'
import { type RpcProxy, startRpcProxy } from '../../support/rpc/rpc-proxy.ts'

/** Number of the newest block. */
export const HEAD = 20

export const TIMEOUT_MS = 1_000

/** Has 10^22 wei. */
export const miner = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'

let anvil: Anvil
export let proxies: [RpcProxy, RpcProxy, RpcProxy]

/** Makes three endpoints of one anvil, for all tests of a file. What a test makes them do ends with it. */
export function useThreeEndpoints(): void {
  beforeAll(async () => {
    anvil = await startAnvil(['--slots-in-an-epoch', '2'])
    proxies = [await startRpcProxy(anvil.url), await startRpcProxy(anvil.url), await startRpcProxy(anvil.url)]
    await anvilClient(anvil.url).mine({ blocks: HEAD })
  })

  afterAll(async () => {
    await Promise.all(proxies?.map((proxy) => proxy.close()) ?? [])
    await anvil?.stop()
  })

  afterEach(() => {
    for (const proxy of proxies) proxy.fault = () => undefined
  })
}

export function endpoints(agreement?: number, timeoutMs = TIMEOUT_MS): Endpoints {
  return createEndpoints({ chainId: foundry.id, rpcUrls: proxies.map((proxy) => proxy.url), agreement, timeoutMs })
}

export function inject(faults: readonly RpcProxy['fault'][]): void {
  for (const [i, fault] of faults.entries()) {
    const proxy = proxies[i]
    if (proxy) proxy.fault = fault
  }
}

/** Answers blocks from this number on with hashes that `forked` doesn't have. */
export function forkedOtherwise(first: number): RpcProxy['fault'] {
  return (call) => {
    if (call.method !== 'eth_getBlockByNumber') return undefined
    const change = (block: { number: string; hash: string } | null) => {
      // The hash is turned by a byte: a byte that is set would leave one hash in 256 as it is.
      return block && Number(block.number) >= first
        ? { ...block, hash: `0x${block.hash.slice(4)}${block.hash.slice(2, 4)}` }
        : block
    }
    return { kind: 'answer', change }
  }
}
