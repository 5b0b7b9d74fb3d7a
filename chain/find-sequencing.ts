import { parseAbi } from 'viem'
import { RetryableError } from '../protocol/errors.ts'
import { type Address, type BatchRange, type Hex, initNumBatch } from '../protocol/sequence.ts'
import { twoStepAbi } from './abi.ts'
import type { BlockRef, Endpoints } from './endpoints.ts'
import { ChainMovedError } from './errors.ts'
import { readLogs } from './read-logs.ts'

const posting = parseAbi([
  'event SequenceBatches(uint64 indexed numBatch)',
  'event SequenceForceBatches(uint64 indexed numBatch)', // in the contracts of 2023, by anybody when the sequencer is silent
])

/** Where a sequence was posted. */
export interface Sequencing {
  blockNumber: number
  blockHash: Hex
  transactionHash: Hex
  /** By `sequenceForceBatches`, whose data has another form (2023). */
  isForced: boolean
}

/** Which sequence, in which block's state. */
export interface SequencingQuestion {
  contract: Address
  range: BatchRange
  at: BlockRef
  /** A block that isn't after the contract's deployment. */
  from: number
}

/** Where sequences were posted. */
export interface SequencingFinder {
  /** The transaction that posted a sequence; undefined when it isn't posted in the state after `at`. */
  find(p: SequencingQuestion): Promise<Sequencing | undefined>
  /**
   * The block that posted it, or one shortly after, never before; undefined when it isn't posted. Nodes throw away logs that are a day old
   * (reth's full nodes), and answer none or refuse: headers tell it, too.
   */
  findBlock(p: SequencingQuestion): Promise<number | undefined>
}

/** Finds where sequences were posted, and as long as that block stands doesn't search for the same one again. */
export function createSequencingFinder(endpoints: Endpoints): SequencingFinder {
  const found = new Map<string, Sequencing>()
  const bounds = new Map<string, BlockRef>()
  const keyOf = ({ contract, range }: SequencingQuestion) => `${contract} ${range.from}-${range.to}`
  const stands = async (block: BlockRef, { at }: SequencingQuestion) =>
    block.number <= at.number && (await endpoints.blockAt(block.number))?.hash === block.hash

  async function find(p: SequencingQuestion): Promise<Sequencing | undefined> {
    const known = found.get(keyOf(p))
    if (known && (await stands({ number: known.blockNumber, hash: known.blockHash }, p))) return known
    const stretch = await findStretch(endpoints, p)
    const sequencing = stretch && (await readSequencing(endpoints, p, stretch))
    if (sequencing) found.set(keyOf(p), sequencing)
    return sequencing
  }

  async function findBlock(p: SequencingQuestion): Promise<number | undefined> {
    const bound = bounds.get(keyOf(p))
    if (bound && (await stands(bound, p))) return bound.number
    try {
      return (await find(p))?.blockNumber
    } catch (error) {
      if (!(error instanceof RetryableError)) throw error
    }
    const last = (await findStretch(endpoints, p))?.last
    const block = last === undefined ? undefined : await endpoints.blockAt(last)
    if (block) bounds.set(keyOf(p), block)
    return block?.number
  }

  return { find, findBlock }
}

/** Blocks one of which posted a sequence: development chains may have several in one second. */
interface Stretch {
  first: number
  last: number
}

/**
 * The contract keeps the block's timestamp, so the block is found by headers: downwards in growing steps and then by halving, because
 * nodes may have no old ones. @returns undefined when the sequence isn't posted in the state after `at`.
 */
async function findStretch(endpoints: Endpoints, { contract, range, at, from }: SequencingQuestion): Promise<Stretch | undefined> {
  const [, timestampSec, previous] = await endpoints.agreeAt(at, `the sequence that ends with batch ${range.to}`, (client, pin) =>
    client.readContract({ ...pin, address: contract, abi: twoStepAbi, functionName: 'sequencedBatches', args: [BigInt(range.to)] }),
  )
  if (timestampSec === 0n || previous !== BigInt(initNumBatch(range))) return undefined
  const first = await firstBlock(endpoints, { from, to: at.number, isReached: (sec) => sec >= timestampSec })
  return { first, last: await firstBlock(endpoints, { from: first, to: at.number, isReached: (sec) => sec > timestampSec }) }
}

/** The transaction, told by its log. */
async function readSequencing(
  endpoints: Endpoints,
  { contract, range, at }: SequencingQuestion,
  { first, last }: Stretch,
): Promise<Sequencing> {
  const logs = await readLogs(endpoints, {
    what: 'logs of SequenceBatches',
    ...{ from: first, to: last, head: at },
    read: async (client, stretch) => {
      const found = await client.getLogs({ address: contract, events: posting, ...stretch })
      return found
        .filter((log) => log.args.numBatch === BigInt(range.to))
        .map(({ blockNumber, blockHash, transactionHash, eventName }) => {
          return { blockNumber: Number(blockNumber), blockHash, transactionHash, isForced: eventName === 'SequenceForceBatches' }
        })
    },
  })
  const log = logs.at(-1)
  if (log === undefined)
    throw new ChainMovedError(`The transaction that posted batches ${range.from}-${range.to} isn't where the contract says.`)
  return log
}

/**
 * The first block in [from, to] whose timestamp, in seconds, satisfies `isReached`; `to` when none does. A block that nodes don't have
 * is taken for one before it: an answer may then be too high, and never too low.
 */
async function firstBlock(endpoints: Endpoints, p: { from: number; to: number; isReached: (sec: bigint) => boolean }): Promise<number> {
  const isReached = async (number: number) => {
    const block = await endpoints.blockNear(number, p.from)
    return block !== undefined && p.isReached(BigInt(block.timestampSec))
  }
  let [low, high] = [p.from, p.to]
  for (let step = 1; low < high; step *= 2) {
    const number = Math.max(p.from, high - step)
    if (!(await isReached(number))) {
      low = number + 1
      break
    }
    high = number
  }
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (await isReached(middle)) high = middle
    else low = middle + 1
  }
  return high
}

/** Calldata of a transaction. */
export function readCalldata(endpoints: Endpoints, hash: Hex): Promise<Hex> {
  return endpoints.agree('a sequencing transaction', async (client) => (await client.getTransaction({ hash })).input)
}
