import { parseAbi } from 'viem'
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

/** Finds where sequences were posted, and as long as that block stands doesn't search for the same one again. */
export function createSequencingFinder(endpoints: Endpoints): (p: SequencingQuestion) => Promise<Sequencing | undefined> {
  const found = new Map<string, Sequencing>()
  return async (p) => {
    const key = `${p.contract} ${p.range.from}-${p.range.to}`
    const known = found.get(key)
    if (known && known.blockNumber <= p.at.number && (await endpoints.blockAt(known.blockNumber))?.hash === known.blockHash) return known
    const sequencing = await findSequencing(endpoints, p)
    if (sequencing) found.set(key, sequencing)
    return sequencing
  }
}

/**
 * Finds the transaction that posted a sequence. The contract keeps the block's timestamp, so the block is found by halving:
 * some twenty headers instead of the logs of a chain's whole life.
 * @param from no earlier than the contract.
 * @returns undefined when the sequence isn't posted in the state after `at`.
 */
async function findSequencing(endpoints: Endpoints, { contract, range, at, from }: SequencingQuestion): Promise<Sequencing | undefined> {
  const [, timestampSec, previous] = await endpoints.agreeAt(at, `the sequence that ends with batch ${range.to}`, (client, pin) =>
    client.readContract({ ...pin, address: contract, abi: twoStepAbi, functionName: 'sequencedBatches', args: [BigInt(range.to)] }),
  )
  if (timestampSec === 0n || previous !== BigInt(initNumBatch(range))) return undefined
  // Blocks of development chains may share a second, so it is a stretch of blocks.
  const first = await firstBlock(endpoints, { from, to: at.number, isReached: (sec) => sec >= timestampSec })
  const last = await firstBlock(endpoints, { from: first, to: at.number, isReached: (sec) => sec > timestampSec })
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

/** The first block in [from, to] whose timestamp, in seconds, satisfies `isReached`; `to` when none does. */
async function firstBlock(endpoints: Endpoints, p: { from: number; to: number; isReached: (sec: bigint) => boolean }): Promise<number> {
  let [low, high] = [p.from, p.to]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const block = await endpoints.blockAt(middle)
    if (block === undefined) throw new ChainMovedError(`Block ${middle} is gone.`)
    if (p.isReached(BigInt(block.timestampSec))) high = middle
    else low = middle + 1
  }
  return high
}

/** Calldata of a transaction. */
export function readCalldata(endpoints: Endpoints, hash: Hex): Promise<Hex> {
  return endpoints.agree('a sequencing transaction', async (client) => (await client.getTransaction({ hash })).input)
}
