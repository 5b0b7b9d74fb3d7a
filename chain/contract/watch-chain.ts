import { setTimeout as sleep } from 'node:timers/promises'
import { type ContractEventName, type Log, parseEventLogs } from 'viem'
import { RetryableError } from '../../protocol/base/errors.ts'
import type { Address, Hex } from '../../protocol/base/ranges.ts'
import { forcedAbi, roundsAbi, twoStepAbi } from '../abi.ts'
import type { BlockClock } from '../endpoints/block-clock.ts'
import type { AgreedBlock, BlockRef, Endpoints } from '../endpoints/endpoints.ts'
import { readLogs } from '../endpoints/read-logs.ts'

/** Heads that are remembered to tell where a reorg began. */
const REMEMBERED_HEADS = 512

/** How often a new head is looked for: a quarter of a block's time within these bounds, ms. */
const POLL_MS = { least: 200, most: 4_000, unknown: 1_000 }

/**
 * Every event of our contract is among them, and those by which contracts of 2023 post, so that what isn't known is
 * somebody else's.
 */
export const watchedAbi = [...twoStepAbi, ...roundsAbi, ...forcedAbi]

/** Name of an event that is known. */
export type WatchedEvent = ContractEventName<typeof watchedAbi>

/** A log of a watched contract. */
export interface WatchedLog {
  address: Address
  blockNumber: number
  /** Null where neither generation of contracts has such an event. */
  event: WatchedEvent | null
  /** Who has sent the hash, or the coins, that it tells of, or has them now; null where it names nobody such. */
  account: Address | null
  /** Last batch of the sequence that it is about; null when it is about none. */
  numBatch: number | null
}

/**
 * What a look for new blocks found.
 * - `block`: the head moved. `logs` are those of blocks `fromBlock` to the head; `reorgDepth` blocks seen before are
 *   gone.
 * - `restart`: the head moved in a way that single logs can't tell (first look, long gap, deep reorg): read everything
 *   again.
 * - `quiet`: nothing new; `trouble` says what was wrong with the endpoints.
 */
export type ChainTick =
  | { kind: 'block'; head: AgreedBlock; fromBlock: number; reorgDepth: number; logs: WatchedLog[] }
  | { kind: 'restart'; head: AgreedBlock; why: string }
  | { kind: 'quiet'; trouble: string | null }

export interface WatchOptions {
  /** Contracts whose logs are read; asked anew for each block. */
  addresses: () => readonly Address[]
  /** Ends the iteration. */
  signal: AbortSignal
  /** The head up to which an earlier watch has told everything: what came after it is told, instead of a restart. */
  after?: BlockRef | undefined
}

/**
 * Follows the agreed head until `signal` aborts. Yields once per look, so that a caller can heartbeat; sleeps in
 * between.
 */
export async function* watchChain(
  endpoints: Endpoints,
  { addresses, signal, after, clock, rangeBlocks }: WatchOptions & { clock: BlockClock; rangeBlocks: number },
): AsyncGenerator<ChainTick, void, undefined> {
  const seen: BlockRef[] = after === undefined ? [] : [after] // it has heads, lowest first
  let pollMs = POLL_MS.unknown
  while (!signal.aborted) {
    const tick = await look(endpoints, seen, addresses(), rangeBlocks).catch(toTrouble)
    remember(seen, tick)
    yield tick
    if (tick.kind !== 'quiet') pollMs = await nextPollMs(clock, tick.head, pollMs)
    await sleep(pollMs, undefined, { signal }).catch(() => undefined)
  }
}

async function look(
  endpoints: Endpoints,
  seen: readonly BlockRef[],
  addresses: readonly Address[],
  rangeBlocks: number,
): Promise<ChainTick> {
  const head = await endpoints.agreedTip('latest')
  const last = seen.at(-1)
  if (last === undefined) return { kind: 'restart', head, why: 'first look' }
  const common = await lastCommon(endpoints, seen, head)
  if (common === undefined) return { kind: 'restart', head, why: `a reorg below block ${seen[0]?.number}` }
  // Endpoints that are away can move the agreed head back to a block seen before: that is no news.
  if (common.number === head.number) return { kind: 'quiet', trouble: null }
  if (head.number - common.number > rangeBlocks)
    return { kind: 'restart', head, why: `${head.number - common.number} blocks went by unseen` }
  const fromBlock = common.number + 1
  const logs = await readWatched(endpoints, addresses, fromBlock, head)
  return { kind: 'block', head, fromBlock, reorgDepth: last.number - common.number, logs }
}

/** Finds the newest head seen before that is an ancestor of `head`, or `head` itself. */
async function lastCommon(
  endpoints: Endpoints,
  seen: readonly BlockRef[],
  head: AgreedBlock,
): Promise<BlockRef | undefined> {
  for (const block of seen.toReversed().filter((one) => one.number <= head.number)) {
    if (block.hash === (await hashAt(endpoints, block.number, head))) return block
  }
  return undefined
}

async function hashAt(endpoints: Endpoints, number: number, head: AgreedBlock): Promise<Hex | undefined> {
  if (number === head.number) return head.hash
  return number === head.number - 1 ? head.parentHash : (await endpoints.blockAt(number))?.hash
}

function readWatched(
  endpoints: Endpoints,
  addresses: readonly Address[],
  from: number,
  head: BlockRef,
): Promise<WatchedLog[]> {
  if (addresses.length === 0) return Promise.resolve([]) // to a node, no address means every address
  return readLogs(endpoints, {
    what: `logs of blocks ${from}-${head.number}`,
    ...{ from, to: head.number, head },
    read: async (client, range) => (await client.getLogs({ address: [...addresses], ...range })).map(toWatchedLog),
  })
}

function toWatchedLog(log: Log<bigint, number, false>): WatchedLog {
  const { address, blockNumber } = log
  const [event] = parseEventLogs({ abi: watchedAbi, logs: [log] })
  const { args, eventName = null } = event ?? {}
  return {
    address,
    blockNumber: Number(blockNumber),
    event: eventName,
    account: accountOf(args),
    numBatch: lastBatchOf(args),
  }
}

function accountOf(args: object | undefined): Address | null {
  const { _prover, miner, funder } = (args ?? {}) as { _prover?: Address; miner?: Address; funder?: Address }
  return _prover ?? miner ?? funder ?? null
}

function lastBatchOf(args: object | undefined): number | null {
  const { numBatch, finalNewBatch } = (args ?? {}) as { numBatch?: bigint; finalNewBatch?: bigint }
  const last = numBatch ?? finalNewBatch
  return last === undefined ? null : Number(last)
}

function remember(seen: BlockRef[], tick: ChainTick): void {
  if (tick.kind === 'quiet') return
  const from = tick.kind === 'restart' ? 0 : tick.fromBlock
  while ((seen.at(-1)?.number ?? -1) >= from) seen.pop()
  seen.push({ number: tick.head.number, hash: tick.head.hash })
  if (seen.length > REMEMBERED_HEADS) seen.shift()
}

function toTrouble(error: unknown): ChainTick {
  if (error instanceof RetryableError) return { kind: 'quiet', trouble: error.describe() }
  throw error
}

async function nextPollMs(clock: BlockClock, head: AgreedBlock, before: number): Promise<number> {
  const ms = await clock.msPerBlock(head).catch(() => null)
  return ms === null ? before : Math.min(Math.max(ms / 4, POLL_MS.least), POLL_MS.most)
}
