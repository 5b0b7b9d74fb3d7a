import { numberToHex } from 'viem'
import type { Habit } from './rpc-front.ts'
import type { Fault, RpcCall } from './rpc-proxy.ts'

/** Refuses every fourth number, which has no block, as Filecoin's null rounds. */
export const leavesOutNumbers: Habit = {
  call: ({ method, params: [number] }) => {
    if (method !== 'eth_getBlockByNumber' || !isHex(number) || Number(number) % 4 !== 3) return undefined
    return { kind: 'error', code: 12, message: 'requested epoch was a null round' }
  },
}

/** Keeps so many blocks below its newest only, and refuses older ones or has null for them. */
export function throwsBlocksAway(kept: number, form: 'error' | 'null'): Habit {
  let head = 0
  return {
    call: ({ method, params: [number] }) => {
      if (method !== 'eth_getBlockByNumber') return undefined
      if (number === 'latest') {
        const change = (block: { number: string }) => {
          head = Number(block.number)
          return block
        }
        return { kind: 'answer', change }
      }
      if (!isHex(number) || Number(number) >= head - kept) return undefined
      return form === 'null'
        ? { kind: 'made-up', result: null }
        : { kind: 'error', code: 4444, message: 'pruned history unavailable' }
    },
  }
}

/** Hangs on the blocks that are asked for by number; tags are answered. */
export const hangsOnNumbers: Habit = {
  call: ({ method, params }) =>
    method === 'eth_getBlockByNumber' && String(params[0]).startsWith('0x') ? { kind: 'hang' } : undefined,
}

/** Answers `latest` with a block that nobody else has, so many above the newest. */
export const runsAhead = (blocks: number): Habit => ({
  call: ({ method, params }) => {
    if (method !== 'eth_getBlockByNumber' || params[0] !== 'latest') return undefined
    const change = (block: { number: string; hash: string }) => ({
      ...block,
      number: numberToHex(Number(block.number) + blocks),
      hash: `0x${'a1'.repeat(32)}`,
    })
    return { kind: 'answer', change }
  },
})

/** Knows no blocks by hash in what reads a state: refuses them, or takes the newest state without a word. */
export const readsByNumber = (code: number | 'latest'): Habit => ({
  call: ({ params }) => {
    const at = params.findIndex((param) => typeof param === 'object' && param !== null && 'blockHash' in param)
    if (at <= 0) return undefined // logs of one block have it in their first parameter
    if (code !== 'latest') return { kind: 'error', code, message: 'invalid argument: hex string expected' }
    params[at] = 'latest'
    return undefined
  },
})

/** Has no block to call finalized: answers null, or an error with this code. */
export const withoutFinalized = (code: number | null): Habit => ({
  call: ({ method, params }) => {
    if (method !== 'eth_getBlockByNumber' || params[0] !== 'finalized') return undefined
    return code === null
      ? { kind: 'made-up', result: null }
      : { kind: 'error', code, message: 'finalized block not found' }
  },
})

/**
 * Calls that block finalized which is so many below its newest.
 * @param headOf number of the newest block of the real node.
 */
export const finalizes = (blocks: number, headOf: () => Promise<number>): Habit => ({
  call: ({ method, params }) => {
    if (method !== 'eth_getBlockByNumber' || params[0] !== 'finalized') return undefined
    const number = async () => numberToHex(Math.max(0, (await headOf()) - blocks))
    return { kind: 'forward', params: async () => [await number(), ...params.slice(1)] }
  },
})

interface Placed {
  number?: string
  blockNumber?: string
  hash?: string
}

/**
 * Plays two nodes behind one address, of which every other request meets one that is so many blocks behind: it has no
 * newer block, refuses to read in their state, and leaves out their logs and receipts.
 * @param headOf number of the newest block of the real node.
 */
export function balances(blocks: number, headOf: () => Promise<number>): Habit {
  const numbers = new Map<string, number>() // the front has told these, by the hashes of blocks
  const heard = (block: Placed) => {
    numbers.set(String(block.hash), Number(block.number))
    return block
  }
  const isAbove = async (number: unknown) =>
    typeof number === 'string' && number.startsWith('0x') && Number(number) > (await headOf()) - blocks
  const behind = ({ method, params }: RpcCall): Fault | undefined => {
    if (method === 'eth_getBlockByNumber' && params[0] === 'latest') {
      return { kind: 'forward', params: async () => [numberToHex((await headOf()) - blocks), ...params.slice(1)] }
    }
    const placed = async (one: Placed | null) =>
      one !== null && (await isAbove(one.blockNumber ?? one.number)) ? null : one
    if (method.startsWith('eth_getBlockBy') || method === 'eth_getTransactionReceipt')
      return { kind: 'answer', change: placed }
    if (method === 'eth_getLogs') {
      const here = (logs: Placed[]) => Promise.all(logs.map(placed)).then((all) => all.filter((one) => one !== null))
      return { kind: 'answer', change: here }
    }
    const at = params.find(
      (param): param is { blockHash: string } => typeof param === 'object' && param !== null && 'blockHash' in param,
    )
    if (at === undefined) return undefined
    const isUnknown = async () => (numbers.get(at.blockHash) ?? 0) > (await headOf()) - blocks
    const error = { code: -32000, message: 'header not found' }
    return { kind: 'replace', answer: async (result) => ((await isUnknown()) ? { error } : { result }) }
  }
  return {
    call: (call, request) => {
      if (request % 2 === 0) return behind(call)
      return call.method.startsWith('eth_getBlockBy')
        ? { kind: 'answer', change: (block: Placed | null) => block && heard(block) }
        : undefined
    },
  }
}

/**
 * Plays a chain whose contracts see another `block.number` than its nodes give blocks, as Arbitrum's do: the node's
 * numbers are so much higher wherever a node tells or takes one.
 */
export function numbersBlocksOtherwise(shift: number): Habit {
  const up = (number: unknown) => (isHex(number) ? numberToHex(Number(number) + shift) : number)
  const down = (number: unknown) =>
    isHex(number) && number.length < 20 ? numberToHex(Math.max(0, Number(number) - shift)) : number
  const shifted = (one: Placed | null) =>
    one && {
      ...one,
      ...('number' in one && { number: up(one.number) }),
      ...('blockNumber' in one && { blockNumber: up(one.blockNumber) }),
    }
  return {
    call: (call) => {
      const { method, params } = call
      const [asked] = params
      if (method === 'eth_getBlockByNumber') params[0] = down(asked)
      if (method === 'eth_feeHistory' || ['eth_call', 'eth_getBalance', 'eth_getTransactionCount'].includes(method))
        params[1] = down(params[1])
      if (method === 'eth_getLogs') {
        const [filter] = params as [{ fromBlock?: string; toBlock?: string }]
        params[0] = { ...filter, fromBlock: down(filter.fromBlock), toBlock: down(filter.toBlock) }
        return { kind: 'answer', change: (logs: Placed[]) => logs.map(shifted) }
      }
      // The node has no blocks for the first numbers, which are as many as the shift.
      if (method === 'eth_getBlockByNumber' && isHex(asked) && Number(asked) < shift) {
        return { kind: 'answer', change: (block: Placed | null) => block && { ...block, number: asked } }
      }
      const tellsNumber = method.startsWith('eth_getBlockBy') || method.startsWith('eth_getTransaction')
      return tellsNumber && method !== 'eth_getTransactionCount' ? { kind: 'answer', change: shifted } : undefined
    },
  }
}

const isHex = (value: unknown): value is string => typeof value === 'string' && value.startsWith('0x')
