import { numberToHex } from 'viem'
import { type Fault, type RpcCall, type RpcProxy, startRpcProxy } from './rpc-proxy.ts'

/**
 * Habits of nodes and providers, to be put together as they come in the world: limits, other codes, indexing, several
 * nodes behind one address, other block numbers. Each is honest; lies are in rpc-faults.ts. A front plays any number of
 * them over a real node, and they can be changed while it runs:
 *
 *     const front = await startRpcFront(anvil.url, [limitsLogs({ blocks: 10 }), limitsBatches(3)]) front.habits =
 *     [balances(1)]
 *
 * A call goes through the habits in their order: the first one that refuses it, hangs or makes up an answer decides;
 * changes to answers add up. A habit with a memory (`balances`, `limitsBatches`) belongs to one front.
 */
export interface Habit {
  /** What is done about a call; undefined leaves it alone. It may change the call's parameters. */
  call?: (call: RpcCall, request: number) => Fault | undefined
  /** What is answered to a request of several calls instead of carrying it out; undefined carries it out. */
  batch?: (calls: readonly RpcCall[]) => BatchRefusal | undefined
  /** Changes the list of answers to a request of several calls. */
  answers?: (answers: readonly object[]) => unknown
}

/** An HTTP status and a body, or a dropped connection. */
export type BatchRefusal = { status: number; body: unknown } | 'drop'

export interface RpcFront extends RpcProxy {
  habits: readonly Habit[]
  /** Most calls that came in one request. */
  largestBatch: number
}

/** @param target address of the real node. */
export async function startRpcFront(target: string, habits: readonly Habit[] = []): Promise<RpcFront> {
  const proxy = await startRpcProxy(target)
  const front: RpcFront = Object.assign(proxy, { habits, largestBatch: 0 })
  front.fault = (call) => combined(front.habits.map((habit) => habit.call?.(call, front.requests)))
  front.refuseBatch = (calls) => {
    front.largestBatch = Math.max(front.largestBatch, calls.length)
    for (const habit of front.habits) {
      const refusal = calls.length > 1 ? habit.batch?.(calls) : undefined
      if (refusal !== undefined) return refusal
    }
    return undefined
  }
  front.changeAnswers = (answers) =>
    front.habits.reduce<unknown>((all, habit) => habit.answers?.(all as object[]) ?? all, answers)
  return front
}

function combined(faults: readonly (Fault | undefined)[]): Fault | undefined {
  const deciding = faults.find((fault) => fault !== undefined && fault.kind !== 'answer')
  const changes = faults.flatMap((fault) => (fault?.kind === 'answer' ? [fault.change] : []))
  if (deciding !== undefined || changes.length === 0) return deciding
  const change = async (result: never) => {
    let changed = result
    for (const one of changes) changed = (await one(changed)) as never
    return changed
  }
  return { kind: 'answer', change }
}

/** Any fault of rpc-faults.ts as a habit, for some methods only or for all. */
export const always = (fault: (call: RpcCall) => Fault | undefined, ...methods: readonly string[]): Habit => ({
  call: (call) => (methods.length === 0 || methods.includes(call.method) ? fault(call) : undefined),
})

/** Answers these methods with an error, like a node that doesn't know them. */
export const refuses = (code: number, ...methods: readonly string[]): Habit =>
  always(() => ({ kind: 'error', code, message: 'the method does not exist/is not available' }), ...methods)

/** Answers these methods with this, whatever is asked. */
export const answers = (result: unknown, ...methods: readonly string[]): Habit =>
  always(() => ({ kind: 'made-up', result }), ...methods)

/** Changes what these methods answer; null stays what it is. */
export const changes = (change: (result: never) => unknown, ...methods: readonly string[]): Habit =>
  always(
    () => ({ kind: 'answer', change: (result: unknown) => (result === null ? null : change(result as never)) }),
    ...methods,
  )

/**
 * Refuses these methods with an HTTP status, and with them whatever came in one batch, as a plan without them or a
 * firewall does.
 */
export const refusesByStatus = (status: number, ...methods: readonly string[]): Habit =>
  always(() => ({ kind: 'status', status, body: '<html>not allowed</html>' }), ...methods)

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

/** Never answers these methods. What comes in one batch with them isn't answered either. */
export const hangsOn = (...methods: readonly string[]): Habit => always(() => ({ kind: 'hang' }), ...methods)

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

interface Placed {
  number?: string
  blockNumber?: string
  hash?: string
}

/**
 * Two nodes behind one address, of which every other request meets one that is so many blocks behind: it has no newer
 * block, refuses to read in their state, and leaves out their logs and receipts.
 * @param headOf number of the newest block of the real node.
 */
export function balances(blocks: number, headOf: () => Promise<number>): Habit {
  const numbers = new Map<string, number>() // of blocks by hash, as the front has told them
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
 * A chain whose contracts see another `block.number` than its nodes give blocks, as Arbitrum's do: the node's numbers
 * are so much higher wherever a node tells or takes one.
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
      // Blocks that the node doesn't have: as many as they are more.
      if (method === 'eth_getBlockByNumber' && isHex(asked) && Number(asked) < shift) {
        return { kind: 'answer', change: (block: Placed | null) => block && { ...block, number: asked } }
      }
      const tellsNumber = method.startsWith('eth_getBlockBy') || method.startsWith('eth_getTransaction')
      return tellsNumber && method !== 'eth_getTransactionCount' ? { kind: 'answer', change: shifted } : undefined
    },
  }
}

const isHex = (value: unknown): value is string => typeof value === 'string' && value.startsWith('0x')
