import { getAbiItem } from 'viem'
import { RetryableError } from '../../protocol/base/errors.ts'
import { type Address, type BatchRange, type Hex, initNumBatch } from '../../protocol/base/ranges.ts'
import { forcedAbi, twoStepAbi } from '../abi.ts'
import type { BlockRef, Endpoints } from '../endpoints/endpoints.ts'
import { readLogs } from '../endpoints/read-logs.ts'
import { ChainMovedError } from '../errors.ts'
import { createBlockFinder, type Stretch } from './find-block.ts'
import { readNoted } from './read-rollup.ts'

/** By `sequenceForceBatches`, data have another form. */
const posting = [getAbiItem({ abi: twoStepAbi, name: 'SequenceBatches' }), ...forcedAbi] as const

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
  /** Finds the transaction that posted a sequence; undefined when it isn't posted in the state after `at`. */
  find(p: SequencingQuestion): Promise<Sequencing | undefined>
  /**
   * Finds the block that posted it, or one shortly after, never before; undefined when it isn't posted. Nodes throw
   * away logs that are a day old (reth's full nodes), and answer none or refuse: headers tell it, too.
   */
  findBlock(p: SequencingQuestion): Promise<number | undefined>
}

/** Finds where sequences were posted, and as long as that block stands doesn't search for the same one again. */
export function createSequencingFinder(endpoints: Endpoints): SequencingFinder {
  const reads: Reads = { endpoints, findBlocks: createBlockFinder(endpoints) }
  const found = new Map<string, Sequencing>()
  const bounds = new Map<string, BlockRef>()
  const keyOf = ({ contract, range }: SequencingQuestion) => `${contract} ${range.from}-${range.to}`
  const stands = async (block: BlockRef, { at }: SequencingQuestion) =>
    block.number <= at.number && (await endpoints.blockAt(block.number))?.hash === block.hash

  async function standing(p: SequencingQuestion): Promise<Sequencing | undefined> {
    const known = found.get(keyOf(p))
    return known && (await stands({ number: known.blockNumber, hash: known.blockHash }, p)) ? known : undefined
  }

  async function readAndKeep(p: SequencingQuestion, stretch: Stretch): Promise<Sequencing> {
    const sequencing = await readSequencing(endpoints, p, stretch)
    found.set(keyOf(p), sequencing)
    return sequencing
  }

  async function find(p: SequencingQuestion): Promise<Sequencing | undefined> {
    const known = await standing(p)
    if (known) return known
    const stretch = await findStretch(reads, p)
    return stretch && readAndKeep(p, stretch)
  }

  async function findBlock(p: SequencingQuestion): Promise<number | undefined> {
    const bound = bounds.get(keyOf(p))
    if (bound && (await stands(bound, p))) return bound.number
    const known = await standing(p)
    if (known) return known.blockNumber
    const stretch = await findStretch(reads, p)
    if (stretch === undefined) return undefined
    try {
      return (await readAndKeep(p, stretch)).blockNumber
    } catch (error) {
      if (!(error instanceof RetryableError)) throw error
    }
    const block = await endpoints.blockAt(stretch.last)
    if (block) bounds.set(keyOf(p), block)
    return block?.number
  }

  return { find, findBlock }
}

interface Reads {
  endpoints: Endpoints
  findBlocks: ReturnType<typeof createBlockFinder>
}

/**
 * The contract keeps the block's timestamp, so the block is found by headers. @returns undefined when the sequence
 * isn't posted in the state after `at`.
 */
async function findStretch(
  { endpoints, findBlocks }: Reads,
  { contract, range, at, from }: SequencingQuestion,
): Promise<Stretch | undefined> {
  const [noted] = await endpoints.agreeAt(at, `the sequence that ends with batch ${range.to}`, (client, pin) =>
    readNoted(client, pin, contract, [range.to]),
  )
  const [, timestampSec, previous] = noted ?? []
  if (!timestampSec || previous !== BigInt(initNumBatch(range))) return undefined
  return findBlocks({ sec: Number(timestampSec), from, to: at.number })
}

/** Reads which transaction it was, from its log. */
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
          return {
            blockNumber: Number(blockNumber),
            blockHash,
            transactionHash,
            isForced: eventName === 'SequenceForceBatches',
          }
        })
    },
  })
  const log = logs.at(-1)
  if (log === undefined)
    throw new ChainMovedError(
      `The transaction that posted batches ${range.from}-${range.to} isn't where the contract says.`,
    )
  return log
}

/** Reads the calldata of a transaction. */
export function readCalldata(endpoints: Endpoints, hash: Hex): Promise<Hex> {
  return endpoints.agree('a sequencing transaction', async (client) => (await client.getTransaction({ hash })).input)
}
