import { setTimeout as sleep } from 'node:timers/promises'
import { type Hex, keccak256, numberToHex } from 'viem'
import type { Fault, RpcCall } from './rpc-proxy.ts'

interface RawBlock {
  number: string
  hash: `0x${string}`
  parentHash: `0x${string}`
}

/** Answers nothing, ever. */
export const hang = (): Fault => ({ kind: 'hang' })

/** Answers a method with what is true, so many ms late. */
export const slow =
  (ms: number, method: string) =>
  (call: RpcCall): Fault | undefined =>
    call.method === method ? { kind: 'answer', change: (result) => sleep(ms, result) } : undefined

/** Refuses everything with an HTTP status. */
export const refuse =
  (status: number, body = 'no') =>
  (): Fault => ({ kind: 'status', status, body })

/** Serves another chain, with blocks that look the same, as that of a fork with an id of its own. */
export const servesChain =
  (chainId: number) =>
  (call: RpcCall): Fault | undefined =>
    call.method === 'eth_chainId' ? { kind: 'answer', change: () => numberToHex(chainId) } : undefined

/** Is `blocks` behind: its newest blocks are those. */
export const stale =
  (blocks: number, head: () => number) =>
  (call: RpcCall): Fault | undefined => {
    if (call.method !== 'eth_getBlockByNumber') return undefined
    if (call.params[0] === 'latest') call.params[0] = numberToHex(head() - blocks)
    return Number(call.params[0]) > head() - blocks ? { kind: 'answer', change: () => null } : undefined
  }

/** Is on a fork of its own from block `first` on: other hashes, and it knows no block of ours by hash. */
export const forked =
  (first: number) =>
  (call: RpcCall): Fault | undefined => {
    if (call.method !== 'eth_getBlockByNumber') return undefined
    return {
      kind: 'answer',
      change: (block: RawBlock | null) =>
        block && Number(block.number) >= first ? { ...block, hash: keccak256(block.hash) } : block,
    }
  }

/** Says that transactions are not mined. What it says of blocks and contracts is true. */
export const hidesReceipts = (call: RpcCall): Fault | undefined =>
  call.method === 'eth_getTransactionReceipt' ? { kind: 'answer', change: () => null } : undefined

/** Says that what succeeded reverted, and the other way round. */
export const turnsReceipts = (call: RpcCall): Fault | undefined => {
  if (call.method !== 'eth_getTransactionReceipt') return undefined
  return {
    kind: 'answer',
    change: (receipt: { status: string } | null) =>
      receipt && { ...receipt, status: receipt.status === '0x1' ? '0x0' : '0x1' },
  }
}

/** Says that base fee and tips are those, wei per gas, wherever a node tells of them. */
export const liesAboutFees =
  (wei: bigint) =>
  ({ method }: RpcCall): Fault | undefined => {
    const fee = numberToHex(wei)
    if (method === 'eth_maxPriorityFeePerGas' || method === 'eth_gasPrice') return { kind: 'made-up', result: fee }
    if (method.startsWith('eth_getBlockBy'))
      return { kind: 'answer', change: (block: object | null) => block && { ...block, baseFeePerGas: fee } }
    if (method !== 'eth_feeHistory') return undefined
    const change = (history: { baseFeePerGas: string[]; reward?: string[][] }) => ({
      ...history,
      baseFeePerGas: history.baseFeePerGas.map(() => fee),
      reward: history.reward?.map((block) => block.map(() => fee)),
    })
    return { kind: 'answer', change }
  }

/** Serves another chain, as far as its id goes. */
export const otherChain =
  (chainId: number) =>
  (call: RpcCall): Fault | undefined =>
    call.method === 'eth_chainId' ? { kind: 'made-up', result: numberToHex(chainId) } : undefined

/** Takes a transaction, answers its hash, and forgets it. */
export const swallows = (call: RpcCall): Fault | undefined =>
  call.method === 'eth_sendRawTransaction' ? { kind: 'made-up', result: keccak256(call.params[0] as Hex) } : undefined

/** Refuses blocks that are named by hash, as a node without EIP-1898. */
export const numbersOnly = (call: RpcCall): Fault | undefined =>
  call.params.some((param) => typeof param === 'object' && param !== null && 'blockHash' in param)
    ? { kind: 'error', code: -32602, message: 'invalid argument 1: hex string expected' }
    : undefined

/** Calls finalized what `number` says: finality that lags, or has stopped. */
export const finalizedAt =
  (number: () => number) =>
  (call: RpcCall): Fault | undefined => {
    if (call.method === 'eth_getBlockByNumber' && call.params[0] === 'finalized') call.params[0] = numberToHex(number())
    return undefined
  }

/**
 * Keeps the state of its newest block and `blocks` below it only, as a node that is no archive.
 * @param numbers of the blocks that it, and others that share these, have told, by hash.
 */
export function forgetsState(
  blocks: number,
  numbers = new Map<string, number>(),
): (call: RpcCall) => Fault | undefined {
  const heard = (block: RawBlock | null) => {
    if (block) numbers.set(block.hash, Number(block.number))
    return block
  }
  const numberOf = (at: unknown): number | undefined => {
    if (typeof at !== 'object' || at === null)
      return typeof at === 'string' && at.startsWith('0x') ? Number(at) : undefined
    return 'blockHash' in at ? numbers.get(String(at.blockHash)) : undefined
  }
  return ({ method, params }) => {
    if (method.startsWith('eth_getBlockBy')) return { kind: 'answer', change: heard }
    const number = ['eth_call', 'eth_getBalance', 'eth_getTransactionCount'].includes(method)
      ? numberOf(params[1])
      : undefined
    if (number === undefined || number >= Math.max(...numbers.values()) - blocks) return undefined
    return { kind: 'error', code: -32000, message: 'missing trie node 1234 (path ) state 0x1234 is not available' }
  }
}
