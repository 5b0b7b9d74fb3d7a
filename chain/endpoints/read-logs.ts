import type { PublicClient } from 'viem'
import { RpcUnavailableError } from '../errors.ts'
import { agreeAmong } from './agreement.ts'
import { APART_BLOCKS, type Endpoint } from './endpoint.ts'
import type { BlockRef, Endpoints } from './endpoints.ts'
import { RATE_CODES } from './json-rpc.ts'
import { askKnowing } from './pinned-read.ts'

/** Stretches that are asked for at once. */
const AT_ONCE = 8

/**
 * Stretches of a learned length that are answered before a longer one is tried; twice as many each time that it was in
 * vain.
 */
const TRY_LONGER_AFTER = 16

/** HTTP statuses of an answer or a question that was too large. */
const TOO_LARGE = [400, 413, 422]

/** Which logs, of blocks `from` to `to`, on the chain that ends with `head`. */
export interface LogQuestion<T> {
  what: string
  from: number
  to: number
  head: BlockRef
  read(client: PublicClient, range: { fromBlock: bigint; toBlock: bigint }): Promise<T[]>
}

/**
 * Reads logs on which enough endpoints agree. Providers answer 10,000, 1,000, 500 or 10 blocks at once, or so many
 * results, each with another code and none with one of its own: what is refused is asked for in halves, and the length
 * that an endpoint takes is remembered until longer ones are taken again. A node that hasn't come as far leaves logs
 * out without a word: the newest are told by who has the head.
 */
export function readLogs<T>(
  { all, agreement }: Pick<Endpoints, 'all' | 'agreement'>,
  question: LogQuestion<T>,
): Promise<T[]> {
  return agreeAmong(all, agreement, question.what, (endpoint) =>
    readRange(endpoint, question, question.from, question.to),
  )
}

async function readRange<T>(endpoint: Endpoint, question: LogQuestion<T>, from: number, to: number): Promise<T[]> {
  const length = lengthOf(endpoint)
  const logs: T[] = []
  for (let first = from; first <= to; ) {
    const stretches: [number, number][] = []
    for (
      const atOnce = length.isProven() ? AT_ONCE : 1;
      stretches.length < atOnce && first <= to;
      first += length.blocks()
    ) {
      stretches.push([first, Math.min(first + length.blocks() - 1, to)])
    }
    for (const found of await Promise.all(stretches.map(([a, b]) => readStretch(endpoint, question, a, b))))
      logs.push(...found)
  }
  return logs
}

async function readStretch<T>(endpoint: Endpoint, question: LogQuestion<T>, first: number, last: number): Promise<T[]> {
  const { head, read } = question
  const act = (client: PublicClient) => read(client, { fromBlock: BigInt(first), toBlock: BigInt(last) })
  try {
    const found = await (last > head.number - APART_BLOCKS ? askKnowing(endpoint, head, act) : endpoint.askPast(act))
    lengthOf(endpoint).wasTaken(last - first + 1)
    return found
  } catch (error) {
    if (!isTooMuch(error) || first === last) throw error
    lengthOf(endpoint).wasRefused(last - first + 1)
    return readRange(endpoint, question, first, last)
  }
}

/** How many blocks an endpoint takes at once. */
interface StretchLength {
  blocks(): number
  /** Tells whether something of this length was taken: until then one stretch is asked for at a time. */
  isProven(): boolean
  wasTaken(blocks: number): void
  wasRefused(blocks: number): void
}

const lengths = new WeakMap<Endpoint, StretchLength>()

function lengthOf(endpoint: Endpoint): StretchLength {
  const known = lengths.get(endpoint) ?? createStretchLength()
  lengths.set(endpoint, known)
  return known
}

function createStretchLength(): StretchLength {
  let most = Number.MAX_SAFE_INTEGER
  let taken = 0
  let tryAfter = TRY_LONGER_AFTER
  let isProven = false
  let isTrial = false
  return {
    blocks: () => most,
    isProven: () => isProven,
    wasTaken(blocks) {
      if (blocks < most) return
      isProven = true
      taken += 1
      if (taken < tryAfter) return
      most *= 2
      taken = 0
      isTrial = true
      isProven = false
    },
    wasRefused(blocks) {
      if (blocks > most) return // it is of a longer one that was under way
      if (isTrial) tryAfter *= 2
      isTrial = false
      most = Math.ceil(blocks / 2)
      isProven = false
      taken = 0
    },
  }
}

/** Tells whether fewer blocks may be answered: the endpoint is there, and refuses this question. */
function isTooMuch(error: unknown): boolean {
  if (!(error instanceof RpcUnavailableError)) return false
  if (error.rpcCode !== undefined) return !RATE_CODES.includes(error.rpcCode)
  return error.httpStatus !== undefined && TOO_LARGE.includes(error.httpStatus)
}
