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

/** Builds its index after a restart: for a transaction that it doesn't find it says so, instead of null. */
export const indexes: Habit = {
  call: ({ method }) => {
    if (method !== 'eth_getTransactionReceipt' && method !== 'eth_getTransactionByHash') return undefined
    const error = { code: -32000, message: 'transaction indexing is in progress' }
    return { kind: 'replace', answer: (found) => (found === null ? { error } : { result: found }) }
  },
}

/** Refuses transactions that may cost more than so many wei in all, as geth's `--rpc.txfeecap` does. */
export const capsFees = (mostWei: bigint, costOf: (raw: `0x${string}`) => bigint): Habit => ({
  call: ({ method, params }) => {
    if (method !== 'eth_sendRawTransaction' || costOf(params[0] as `0x${string}`) <= mostWei) return undefined
    return { kind: 'error', code: -32000, message: 'tx fee exceeds the configured cap' }
  },
})
