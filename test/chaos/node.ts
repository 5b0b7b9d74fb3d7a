import type { Address, Hex } from 'viem'
import { createLock } from './lock.ts'
import { DEEP_FINALITY_BLOCKS } from './plan.ts'

/** A transaction as the node shows it. */
export interface NodeTransaction {
  hash: Hex
  from: Address
  to: Address | null
  nonce: Hex
  input: Hex
}

/** What becomes of a transaction whose block is replaced: it stays in a block of that height, waits in the pool, is lost, or others stand there. */
export type Fate = 'kept' | 'returned' | 'lost' | { insteadRaw: Hex }

/** What tests may do to a chain and nobody else can. */
export interface ChainControl {
  head(): Promise<number>
  mine(blocks: number): Promise<void>
  /** Time of a block that no reorg reaches: a replaced block gets the time of the last one that stays, and batches must not be younger than theirs. */
  oldTimestampSec(): Promise<bigint>
  /** Whether every transaction is mined at once. */
  setAutomine(isOn: boolean): Promise<void>
  setNextBaseFee(wei: bigint): Promise<void>
  nextBaseFee(): Promise<bigint>
  /** Replaces the last `depth` blocks, and answers how many transactions met each fate. */
  reorg(depth: number, fateOf: (transaction: NodeTransaction) => Fate | Promise<Fate>): Promise<string>
  /** Blocks from the last one in which `from` has a transaction to the head; null when none of the last `most` has one. */
  depthOf(from: Address, most: number): Promise<number | null>
  /** Bytes of what waits in the pool. */
  pooled(isMeant: (from: Address) => boolean): Promise<Hex[]>
  /** Sends bytes again; what the node doesn't take is passed over. */
  send(raw: readonly Hex[]): Promise<void>
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
  const lock = createLock() // no block comes while others are replaced
  const head = async () => Number(await rpc<Hex>('eth_blockNumber'))

  const rawOf = (hash: Hex) => rpc<Hex>('eth_getRawTransactionByHash', hash)
  const send = async (raw: readonly Hex[]) => {
    for (const one of raw) await rpc('eth_sendRawTransaction', one).catch(() => {}) // it is there, or a replacement of it
  }

  async function transactionsOf(depth: number) {
    const first = (await head()) - depth + 1
    const blocks = await Promise.all(
      Array.from({ length: depth }, (_, i) => rpc<{ transactions: NodeTransaction[] }>('eth_getBlockByNumber', hex(first + i), true)),
    )
    return blocks.flatMap(({ transactions }, offset) => transactions.map((tx) => ({ ...tx, offset })))
  }

  const baseFeeAt = async (depth: number) =>
    (await rpc<{ baseFeePerGas: Hex }>('eth_getBlockByNumber', hex((await head()) - depth + 1), false)).baseFeePerGas

  async function assertMined(kept: readonly NodeTransaction[]) {
    for (const { hash, from } of kept) {
      if (!(await rpc('eth_getTransactionReceipt', hash)))
        throw new Error(`transaction ${hash} of ${from} was to stay, and the node dropped it`)
    }
  }

  return {
    head,
    mine: (blocks) => lock.during(() => rpc('anvil_mine', hex(blocks))),
    oldTimestampSec: async () => {
      const { timestamp } = await rpc<{ timestamp: Hex }>('eth_getBlockByNumber', hex((await head()) - DEEP_FINALITY_BLOCKS), false)
      return BigInt(timestamp)
    },
    setAutomine: (isOn) => rpc('evm_setAutomine', isOn),
    setNextBaseFee: (wei) => rpc('anvil_setNextBlockBaseFeePerGas', hex(wei)),
    nextBaseFee: async () =>
      BigInt((await rpc<{ baseFeePerGas: Hex[] }>('eth_feeHistory', '0x1', 'latest', [])).baseFeePerGas.at(-1) ?? '0x0'),
    send,
    async pooled(isMeant) {
      const { pending, queued } = await rpc<Record<'pending' | 'queued', Record<string, Record<string, NodeTransaction>>>>('txpool_content')
      const all = [pending, queued].flatMap((some) => Object.values(some).flatMap((ofAccount) => Object.values(ofAccount)))
      return Promise.all(all.filter(({ from }) => isMeant(from)).map(({ hash }) => rawOf(hash)))
    },
    async depthOf(from, most) {
      const blocks = Math.min(most, await head())
      const last = (await transactionsOf(blocks)).findLast((one) => one.from.toLowerCase() === from.toLowerCase())
      return last === undefined ? null : blocks - last.offset
    },
    reorg: (depth, fateOf) =>
      lock.during(async () => {
        const judged = judge(await Promise.all((await transactionsOf(depth)).map(async (tx) => ({ ...tx, fate: await fateOf(tx) }))))
        const withRaw = await Promise.all(judged.map(async (tx) => ({ ...tx, raw: await rawOf(tx.hash) })))
        const stay = withRaw.flatMap(({ raw, offset, fate }) =>
          fate === 'kept' ? [[raw, offset]] : typeof fate === 'object' ? [[fate.insteadRaw, offset]] : [],
        )
        await rpc('anvil_setNextBlockBaseFeePerGas', await baseFeeAt(depth)) // else that of the head, which those that stay may not pay
        await rpc('anvil_reorg', depth, stay)
        await assertMined(judged.filter(({ fate }) => fate === 'kept'))
        await send(withRaw.filter(({ fate }) => fate === 'returned').map(({ raw }) => raw))
        return countFates(judged)
      }),
  }
}

type Judged = NodeTransaction & { offset: number; fate: Fate }

/** What comes before one of the same account that stays must stay, too, for the sake of its nonce. In the order of the chain. */
function judge(transactions: readonly Judged[]): Judged[] {
  const stays = ({ fate }: Judged) => fate !== 'returned' && fate !== 'lost'
  return transactions.map((one, i) => {
    const isNeeded = transactions.slice(i + 1).some((later) => later.from === one.from && stays(later))
    return isNeeded && !stays(one) ? { ...one, fate: 'kept' } : one
  })
}

function countFates(judged: readonly Judged[]): string {
  const names = judged.map(({ fate }) => (typeof fate === 'object' ? 'changed' : fate))
  return ['kept', 'changed', 'returned', 'lost'].map((name) => `${names.filter((one) => one === name).length} ${name}`).join(', ')
}
