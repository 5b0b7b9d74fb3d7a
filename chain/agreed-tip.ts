import { BlockNotFoundError, type PublicClient } from 'viem'
import type { Hex } from '../protocol/sequence.ts'
import { tooFewAnswers } from './agreement.ts'
import type { Endpoint } from './endpoint.ts'
import type { AgreedBlock } from './endpoints.ts'
import { ChainMovedError, EndpointsDisagreeError } from './errors.ts'
import { answersInTime } from './in-time.ts'

/** How far below the endpoints' heights a common block is looked for. */
const MAX_FORK_BLOCKS = 8192

/**
 * An agreed block so far below the highest tip is looked at again with the answers of stragglers, and an endpoint so far from the
 * agreed block is named, blocks. Honest endpoints are fewer apart.
 */
const NEAR_BLOCKS = 3

type Tag = 'latest' | 'finalized'

/** Where an endpoint stands. */
interface Tip {
  endpoint: Endpoint
  block: AgreedBlock
}

/** A block that enough endpoints have, and which have another one of that number. */
interface Agreed {
  number: number
  block: AgreedBlock
  others: Endpoint[]
}

/** Finds the highest block that enough endpoints have. */
export interface AgreedTips {
  /** The highest block on which enough endpoints agree by hash. @throws EndpointsDisagreeError | RpcUnavailableError */
  read(tag: Tag): Promise<AgreedBlock>
  /** What kept the endpoint out of the last agreement on the newest block: it is far from it, or has another one; null for nothing. */
  trouble(endpoint: Endpoint): string | null
}

/**
 * An endpoint that hangs must not delay every look, and one that is late must not be outvoted by one that is quick and has stopped
 * syncing, or is on a fork. So a look does without stragglers only if what the others agree on is about as high as any endpoint was
 * when it last answered, this time or before; else it waits for all, at most for the time-out of a request.
 */
export function createAgreedTips(all: readonly Endpoint[], agreement: number): AgreedTips {
  const heights = { latest: new Map<Endpoint, number>(), finalized: new Map<Endpoint, number>() }
  let troubles = new Map<Endpoint, string>()
  return {
    async read(tag) {
      const known = heights[tag]
      const isNear = (found: Agreed | undefined) => found !== undefined && Math.max(...known.values()) - found.number <= NEAR_BLOCKS
      const asked = all.map((endpoint) => readTip(endpoint, tag, known))
      const look = async (isEnough: (tips: readonly Tip[]) => boolean) => {
        const { answers, failures } = await answersInTime(asked, isEnough)
        return { answers, failures, found: await highestAgreed(answers, agreement) }
      }
      let told = await look((tips) => tips.length >= agreement)
      if (told.answers.length + told.failures.length < all.length && !isNear(told.found)) told = await look(() => false)
      const { answers, failures, found } = told
      if (answers.length < agreement) throw tooFewAnswers(failures)
      if (tag === 'latest') troubles = troublesOf(answers, found)
      if (found) return found.block
      throw new EndpointsDisagreeError({ what: `a ${tag} block`, agreement, answers: answers.length, endpoints: all.length })
    },
    trouble: (endpoint) => troubles.get(endpoint) ?? null,
  }
}

/** Notes the height even of an answer that nobody waits for any more. One that fails may never come again: its height is forgotten. */
async function readTip(endpoint: Endpoint, tag: Tag, heights: Map<Endpoint, number>): Promise<Tip> {
  try {
    const block = fromBlock(await endpoint.ask((client) => client.getBlock({ blockTag: tag })))
    heights.set(endpoint, block.number)
    return { endpoint, block }
  } catch (error) {
    heights.delete(endpoint)
    throw error
  }
}

function troublesOf(tips: readonly Tip[], found: Agreed | undefined): Map<Endpoint, string> {
  if (found === undefined) return new Map()
  const named = tips.flatMap(({ endpoint, block }): [Endpoint, string][] => {
    const ahead = block.number - found.number
    if (found.others.includes(endpoint)) return [[endpoint, `${endpoint.label} has another block ${found.number} than the agreed one`]]
    if (Math.abs(ahead) <= NEAR_BLOCKS) return []
    return [
      [endpoint, `${endpoint.label} is ${Math.abs(ahead)} blocks ${ahead > 0 ? 'ahead of' : 'behind'} the agreed block ${found.number}`],
    ]
  })
  return new Map(named)
}

function highestAgreed(tips: readonly Tip[], agreement: number): Promise<Agreed | undefined> {
  const high = tips.map((tip) => tip.block.number).sort((a, b) => b - a)[agreement - 1]
  if (high === undefined) return Promise.resolve(undefined)
  return searchDown(high, Math.max(0, high - MAX_FORK_BLOCKS), (number) => agreedAt(tips, agreement, number))
}

async function agreedAt(tips: readonly Tip[], agreement: number, number: number): Promise<Agreed | undefined> {
  const reached = tips.filter((tip) => tip.block.number >= number)
  const read = ({ endpoint, block }: Tip) => (block.number === number ? block : blockOf(endpoint, number).catch(() => undefined))
  const blocks = await Promise.all(reached.map(read))
  const block = blocks.find((one) => one && blocks.filter((other) => other?.hash === one.hash).length >= agreement)
  const isOther = (_: Tip, i: number) => blocks[i] !== undefined && blocks[i].hash !== block?.hash
  return block && { number, block, others: reached.filter(isOther).map(({ endpoint }) => endpoint) }
}

/** Who agrees on a block agrees on all below it: so search downwards in growing steps, then halve. */
async function searchDown(
  high: number,
  low: number,
  agreedAt: (number: number) => Promise<Agreed | undefined>,
): Promise<Agreed | undefined> {
  let best = await agreedAt(high)
  let bad = high
  for (let step = 1; best === undefined && bad > low; step *= 2) {
    const number = Math.max(low, high - step)
    best = await agreedAt(number)
    if (best === undefined) bad = number
  }
  while (best !== undefined && bad - best.number > 1) {
    const middle = Math.floor((best.number + bad) / 2)
    const found = await agreedAt(middle)
    if (found) best = found
    else bad = middle
  }
  return best
}

/** The endpoint's block of that number; undefined where it has none. */
export async function blockOf(endpoint: Endpoint, number: number): Promise<AgreedBlock | undefined> {
  const isMissing = (error: unknown) => (error instanceof BlockNotFoundError ? null : undefined)
  const read = async (client: PublicClient) => fromBlock(await client.getBlock({ blockNumber: BigInt(number) }))
  return (await endpoint.askRaw<AgreedBlock | null>(read, isMissing)) ?? undefined
}

function fromBlock(block: { number: bigint | null; hash: Hex | null; parentHash: Hex; timestamp: bigint }): AgreedBlock {
  const { number, hash, parentHash, timestamp } = block
  if (number === null || hash === null) throw new ChainMovedError('An endpoint gave a block that is not mined yet.')
  return { number: Number(number), hash, parentHash, timestampSec: Number(timestamp) }
}
