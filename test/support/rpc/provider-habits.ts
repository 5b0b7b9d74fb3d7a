import { type Hex, numberToHex } from 'viem'
import type { Habit } from './rpc-front.ts'

/**
 * Answers logs of so many blocks at most, or so many of them at most: what Alchemy, Infura, QuickNode and public nodes
 * do, each with another code. Their thousands of results are more than one block can have, so a single block is always
 * told, as with them.
 */
export const limitsLogs = ({
  blocks = Number.POSITIVE_INFINITY,
  results = Number.POSITIVE_INFINITY,
  code = -32005,
}): Habit => ({
  call: ({ method, params }) => {
    if (method !== 'eth_getLogs') return undefined
    const [{ fromBlock, toBlock }] = params as [{ fromBlock: string; toBlock: string }]
    if (Number(toBlock) - Number(fromBlock) + 1 > blocks)
      return { kind: 'error', code, message: `range exceeds limit of ${blocks} blocks` }
    if (results === Number.POSITIVE_INFINITY || fromBlock === toBlock) return undefined
    return {
      kind: 'replace',
      answer: (logs) =>
        (logs as unknown[]).length > results ? { error: { code, message: 'too many results' } } : { result: logs },
    }
  },
})

/** How a server says that a batch is too long. */
export type BatchLimitForm = 'error-object' | 'status' | 'one-element' | 'each-element' | 'drop'

/** Takes batches of so many calls at most; 1 takes none. */
export const limitsBatches = (most: number, form: BatchLimitForm = 'error-object', code = -32600): Habit => ({
  batch: (calls) => {
    if (calls.length <= most) return undefined
    const error = { code, message: `batch limit ${most} exceeded` }
    const answer = (id: number | null) => ({ jsonrpc: '2.0', id, error })
    if (form === 'drop') return 'drop'
    if (form === 'status') return { status: 413, body: 'Request Entity Too Large' }
    if (form === 'error-object') return { status: 200, body: answer(null) }
    return {
      status: 200,
      body: form === 'one-element' ? [answer(calls[0]?.id ?? null)] : calls.map(({ id }) => answer(id)),
    }
  },
})

/** Loses the id of one answer in each batch, and sends that one first. */
export const losesAnId: Habit = {
  answers: (all) => {
    const lost = all.at(-1)
    return lost === undefined ? all : [{ ...lost, id: null }, ...all.slice(0, -1)]
  },
}

/** Gives the answers of a batch in another order than the questions. */
export const shuffles: Habit = { answers: (all) => all.toReversed() }

/** Refuses transactions that may cost more than so many wei in all, as geth's `--rpc.txfeecap` does. */
export const capsFees = (mostWei: bigint, costOf: (raw: Hex) => bigint): Habit => ({
  call: ({ method, params }) => {
    if (method !== 'eth_sendRawTransaction' || costOf(params[0] as Hex) <= mostWei) return undefined
    return { kind: 'error', code: -32000, message: 'tx fee exceeds the configured cap' }
  },
})

/** Amounts are wei per gas. */
interface TipRules {
  leastWei: bigint
  /** What the history of fees says that blocks took. */
  paidWei: bigint
  tipOf(raw: Hex): bigint
}

/** Refuses tips below its pool's least one, which it suggests, while its history of fees says that blocks took less. */
export const asksForTips = ({ leastWei, paidWei, tipOf }: TipRules): Habit => ({
  call: ({ method, params }) => {
    if (method === 'eth_maxPriorityFeePerGas') return { kind: 'made-up', result: numberToHex(leastWei) }
    if (method === 'eth_feeHistory') {
      const change = (history: { reward?: string[][] }) => ({
        ...history,
        reward: history.reward?.map((block) => block.map(() => numberToHex(paidWei))),
      })
      return { kind: 'answer', change }
    }
    if (method !== 'eth_sendRawTransaction' || tipOf(params[0] as Hex) >= leastWei) return undefined
    return { kind: 'error', code: -32000, message: 'transaction underpriced' }
  },
})
