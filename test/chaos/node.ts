import type { Address, Hex } from 'viem'

interface RawTransaction {
  hash: Hex
  from: Address
}

/** What tests may do to a chain and nobody else can. */
export interface ChainControl {
  head(): Promise<number>
  mine(blocks: number): Promise<void>
  /** Whether every transaction is mined at once. */
  setAutomine(isOn: boolean): Promise<void>
  setNextBaseFee(wei: bigint): Promise<void>
  nextBaseFee(): Promise<bigint>
  /**
   * Replaces the last `depth` blocks. What `keeps` wants comes back in a block of the same height; all else returns to the pool,
   * as it does in a real node, and is mined later.
   */
  reorg(depth: number, keeps: (from: Address) => boolean): Promise<{ kept: number; returned: number }>
}

export function createChainControl(rpcUrl: string): ChainControl {
  const hex = (value: number | bigint) => `0x${value.toString(16)}`
  const rpc = async <T>(method: string, ...params: unknown[]): Promise<T> => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    const response = await fetch(rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const { result, error } = (await response.json()) as { result: T; error?: { message: string } }
    if (error) throw new Error(`${method}: ${error.message}`)
    return result
  }
  const head = async () => Number(await rpc<Hex>('eth_blockNumber'))

  async function transactionsOf(depth: number) {
    const first = (await head()) - depth + 1
    const blocks = await Promise.all(
      Array.from({ length: depth }, (_, i) => rpc<{ transactions: RawTransaction[] }>('eth_getBlockByNumber', hex(first + i), true)),
    )
    const all = blocks.flatMap(({ transactions }, offset) => transactions.map((tx) => ({ ...tx, offset })))
    return Promise.all(all.map(async (tx) => ({ ...tx, raw: await rpc<Hex>('eth_getRawTransactionByHash', tx.hash) })))
  }

  return {
    head,
    mine: (blocks) => rpc('anvil_mine', hex(blocks)),
    setAutomine: (isOn) => rpc('evm_setAutomine', isOn),
    setNextBaseFee: (wei) => rpc('anvil_setNextBlockBaseFeePerGas', hex(wei)),
    nextBaseFee: async () =>
      BigInt((await rpc<{ baseFeePerGas: Hex[] }>('eth_feeHistory', '0x1', 'latest', [])).baseFeePerGas.at(-1) ?? '0x0'),
    async reorg(depth, keeps) {
      const transactions = await transactionsOf(depth)
      const kept = transactions.filter(({ from }) => keeps(from))
      const returned = transactions.filter(({ from }) => !keeps(from))
      await rpc(
        'anvil_reorg',
        depth,
        kept.map(({ raw, offset }) => [raw, offset]),
      )
      for (const { raw } of returned) await rpc('eth_sendRawTransaction', raw).catch(() => {}) // a replacement may be there
      return { kept: kept.length, returned: returned.length }
    },
  }
}
