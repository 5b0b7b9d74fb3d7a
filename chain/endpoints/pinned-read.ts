import { setTimeout as sleep } from 'node:timers/promises'
import { BlockNotFoundError, type PublicClient, zeroAddress } from 'viem'
import { ChainMovedError, RpcUnavailableError } from '../errors.ts'
import { APART_BLOCKS, type Endpoint } from './endpoint.ts'
import type { AgreedBlock, BlockRef, Pin } from './endpoints.ts'

/**
 * Behind one address there can be several nodes, a block apart. One that lacks a block which its address has told of is
 * asked again after so many ms, each time: mostly another one answers, or the same has the block by then.
 */
const AGAIN_MS = [100, 200, 300, 400, 500]

/** The hash of no block. */
const NO_BLOCK = `0x${'5a'.repeat(32)}` as const

type Act<T> = (client: PublicClient, pin: Pin) => Promise<T>

/** Gives what an endpoint answers with every read of `act` made in the state after `block`. */
export function askAt<T>(endpoint: Endpoint, block: BlockRef, act: Act<T>): Promise<T> {
  const read = (isLast: boolean) => askPinned(endpoint, isLast ? endpoint.ask : endpoint.askPast, block, act)
  return untilKnown(endpoint, block.number, read, (error) => error instanceof ChainMovedError || isRefusal(error))
}

/** Asks as `askAt` does, of a block whose state the node may keep no more. */
export function askPastAt<T>(endpoint: Endpoint, block: BlockRef, act: Act<T>): Promise<T> {
  return askPinned(endpoint, endpoint.askPast, block, act)
}

/**
 * Gives what a node answers that has the block: which one it is, is asked in the same JSON-RPC batch, because the next
 * may go to another node. An error in JSON-RPC to `act` is no reason to think ill of the endpoint.
 */
export function askKnowing<T>(
  endpoint: Endpoint,
  block: BlockRef,
  act: (client: PublicClient) => Promise<T>,
): Promise<T> {
  const read = async () => {
    const [answer, own] = await Promise.all([settled(endpoint.askPast(act)), readBlock(endpoint, block.number)])
    assertSame(endpoint, block, own)
    if ('error' in answer) throw answer.error
    return answer.value
  }
  return untilKnown(endpoint, block.number, read, (error) => error instanceof ChainMovedError)
}

/** Reads the endpoint's block of that number; undefined where it has none. */
export function blockOf(endpoint: Endpoint, number: number): Promise<AgreedBlock | undefined> {
  const missing = new ChainMovedError(`${endpoint.label} has no block ${number}.`)
  const read = async () => {
    const block = await readBlock(endpoint, number)
    if (block === undefined) throw missing
    return block
  }
  return untilKnown(endpoint, number, read, (error) => error === missing).catch((error) => {
    if (error === missing) return undefined
    throw error
  })
}

/**
 * Asks again for a short while, where an endpoint says that there is such a block and answers as if there were none.
 */
async function untilKnown<T>(
  endpoint: Endpoint,
  number: number,
  ask: (isLast: boolean) => Promise<T>,
  isUnknown: (error: unknown) => boolean,
): Promise<T> {
  // An older block that is refused is forgotten, not unknown yet.
  const isNews = number <= endpoint.height && number >= endpoint.height - APART_BLOCKS
  for (const ms of isNews ? AGAIN_MS : []) {
    try {
      return await ask(false)
    } catch (error) {
      if (!isUnknown(error)) throw error
    }
    await sleep(ms)
  }
  return ask(true)
}

/**
 * Asks by the block's hash (EIP-1898), which no reorg can change under a read. An endpoint that refuses that, with
 * whatever code, or reads the newest state instead without a word, is asked by number, and for its block afterwards.
 */
async function askPinned<T>(endpoint: Endpoint, ask: Endpoint['ask'], block: BlockRef, act: Act<T>): Promise<T> {
  if (endpoint.pins === 'by-number') return askByNumber(endpoint, ask, block, act)
  const [read, probe] = await Promise.all([
    settled(ask((client) => act(client, { blockHash: block.hash }))),
    endpoint.pins === 'unknown' ? readsAnyHash(endpoint, block) : 'no',
  ])
  if (probe !== 'yes') {
    if ('value' in read && probe === 'no') endpoint.pins = 'by-hash'
    if ('value' in read) return read.value
    if (endpoint.pins === 'by-hash' || !isRefusal(read.error)) throw read.error
  }
  const value = await askByNumber(endpoint, ask, block, act)
  endpoint.pins = 'by-number'
  return value
}

async function askByNumber<T>(endpoint: Endpoint, ask: Endpoint['ask'], block: BlockRef, act: Act<T>): Promise<T> {
  const value = await ask((client) => act(client, { blockNumber: BigInt(block.number) }))
  // It is compared only now: a reorg in between would have gone unseen before.
  assertSame(endpoint, block, await readBlock(endpoint, block.number))
  return value
}

/**
 * Finds out whether an endpoint answers where there is no such block. All ways of reading a state are tried: one may
 * mind what another doesn't. That it answers where there is a block tells it from one that refuses any hash: what was
 * asked for may have been the block itself, which every node gives by its hash.
 */
async function readsAnyHash(endpoint: Endpoint, block: BlockRef): Promise<'yes' | 'no' | 'unknown'> {
  const at = { blockHash: NO_BLOCK, address: zeroAddress } as const
  const [known, ...asked] = await Promise.all([
    settled(endpoint.askPast((client) => client.getBalance({ ...at, blockHash: block.hash }))),
    settled(endpoint.askPast((client) => client.getBalance(at))),
    settled(endpoint.askPast((client) => client.getTransactionCount(at))),
    settled(endpoint.askPast((client) => client.call({ to: zeroAddress, blockHash: NO_BLOCK }))),
  ])
  if (asked.some((one) => 'value' in one)) return 'yes'
  return 'value' in known && asked.every((one) => 'error' in one && isRefusal(one.error)) ? 'no' : 'unknown'
}

async function readBlock(endpoint: Endpoint, number: number): Promise<AgreedBlock | undefined> {
  const isMissing = (error: unknown) => (error instanceof BlockNotFoundError ? null : undefined)
  const read = async (client: PublicClient) => fromBlock(await client.getBlock({ blockNumber: BigInt(number) }))
  return (await endpoint.askRaw<AgreedBlock | null>(read, isMissing)) ?? undefined
}

/** Reads a block as a client gives it. @throws ChainMovedError for one that isn't mined. */
export function fromBlock(block: {
  number: bigint | null
  hash: AgreedBlock['hash'] | null
  parentHash: AgreedBlock['hash']
  timestamp: bigint
}): AgreedBlock {
  const { number, hash, parentHash, timestamp } = block
  if (number === null || hash === null) throw new ChainMovedError('An endpoint gave a block that is not mined yet.')
  return { number: Number(number), hash, parentHash, timestampSec: Number(timestamp) }
}

function assertSame(endpoint: Endpoint, block: BlockRef, own: AgreedBlock | undefined): void {
  if (own?.hash === block.hash) return
  throw new ChainMovedError(`Block ${block.number} was replaced at ${endpoint.label} while it was read.`)
}

/** Tells whether it is an error in JSON-RPC: then the endpoint is there, and doesn't answer this. */
const isRefusal = (error: unknown): boolean => error instanceof RpcUnavailableError && error.rpcCode !== undefined

type Settled<T> = { value: T } | { error: unknown }

const settled = <T>(asked: Promise<T>): Promise<Settled<T>> =>
  asked.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
