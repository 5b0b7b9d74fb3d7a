import { BlockNotFoundError, type PublicClient } from 'viem'
import type { Hex } from '../protocol/sequence.ts'
import { tooFewAnswers } from './agreement.ts'
import type { Endpoint } from './endpoint.ts'
import type { AgreedBlock } from './endpoints.ts'
import { ChainMovedError, EndpointsDisagreeError } from './errors.ts'
import { answersInTime } from './in-time.ts'

/** How far below the endpoints' heights a common block is looked for. */
const MAX_FORK_BLOCKS = 8192

/** The highest block on which `agreement` endpoints agree by hash. @throws EndpointsDisagreeError | RpcUnavailableError */
export async function agreedTip(all: readonly Endpoint[], agreement: number, tag: 'latest' | 'finalized'): Promise<AgreedBlock> {
  const tips = await readTips(all, agreement, tag)
  const high = tips.map((tip) => tip.block.number).sort((a, b) => b - a)[agreement - 1] ?? 0
  const block = await highestAgreed(high, Math.max(0, high - MAX_FORK_BLOCKS), async (number) => {
    const reached = tips.filter((tip) => tip.block.number >= number)
    const blocks = await Promise.all(
      reached.map(({ endpoint, block }) => (block.number === number ? block : blockOf(endpoint, number).catch(() => undefined))),
    )
    return blocks.find((one) => one && blocks.filter((other) => other?.hash === one.hash).length >= agreement)
  })
  if (block) return block
  throw new EndpointsDisagreeError({ what: `a ${tag} block`, agreement, answers: tips.length, endpoints: all.length })
}

async function readTips(all: readonly Endpoint[], agreement: number, tag: 'latest' | 'finalized') {
  const asked = all.map(async (endpoint) => {
    return { endpoint, block: fromBlock(await endpoint.ask((client) => client.getBlock({ blockTag: tag }))) }
  })
  const { answers, failures } = await answersInTime(asked, (tips) => tips.length >= agreement)
  if (answers.length < agreement) throw tooFewAnswers(failures)
  return answers
}

/** Who agrees on a block agrees on all below it: so search downwards in growing steps, then halve. */
async function highestAgreed(
  high: number,
  low: number,
  agreedAt: (number: number) => Promise<AgreedBlock | undefined>,
): Promise<AgreedBlock | undefined> {
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
