import { type Address, type Hex, numberToHex } from 'viem'

/** A transaction as the node shows it. */
export interface NodeTransaction {
  hash: Hex
  from: Address
  to: Address | null
  nonce: Hex
  input: Hex
}

interface NodeBlock {
  hash: Hex
  timestamp: Hex
  baseFeePerGas: Hex
  transactions: NodeTransaction[]
}

/** Calls of anvil, past all faults. */
export type NodeRpc = ReturnType<typeof nodeRpc>

export function nodeRpc(rpcUrl: string) {
  const call = async <T>(method: string, ...params: unknown[]): Promise<T> => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    const response = await fetch(rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const { result, error } = (await response.json()) as { result: T; error?: { message: string } }
    if (error) throw new Error(`${method}: ${error.message}`)
    return result
  }
  const head = async () => Number(await call<Hex>('eth_blockNumber'))
  const block = (number: number) => call<NodeBlock>('eth_getBlockByNumber', numberToHex(number), true)
  return {
    call,
    head,
    block,
    mine: (blocks: number) => call<void>('anvil_mine', numberToHex(blocks)),
    rawsOf: (all: readonly { hash: Hex }[]) =>
      Promise.all(all.map(({ hash }) => call<Hex>('eth_getRawTransactionByHash', hash))),
    /** Sends bytes. What the node doesn't take is passed over: it is there, or a replacement of it. */
    send: async (raws: readonly Hex[]) => {
      for (const raw of raws) await call('eth_sendRawTransaction', raw).catch(() => {})
    },
    pool: async () => {
      const { pending, queued } =
        await call<Record<'pending' | 'queued', Record<Address, Record<string, NodeTransaction>>>>('txpool_content')
      return [pending, queued].flatMap((some) => Object.values(some).flatMap((ofAccount) => Object.values(ofAccount)))
    },
    /** Lists the transactions of the last `count` blocks, each with how many of these blocks are below its own. */
    lastTransactions: async (count: number) => {
      const first = (await head()) - count + 1
      const blocks = await Promise.all(Array.from({ length: count }, (_, i) => block(first + i)))
      return blocks.flatMap(({ transactions }, offset) => transactions.map((tx) => ({ ...tx, offset })))
    },
  }
}
