import type { PublicClient } from 'viem'
import type { Hex } from '../protocol/sequence.ts'
import { blockOf, createAgreedTips } from './agreed-tip.ts'
import { agreeAmong, tooFewAnswers } from './agreement.ts'
import { createEndpoint, type Endpoint } from './endpoint.ts'
import { ChainMovedError, InvalidChainConfigError, RpcUnavailableError, WrongChainIdError } from './errors.ts'
import { answersInTime } from './in-time.ts'

/** JSON-RPC "invalid params": what an endpoint without EIP-1898 says to a block hash. */
const INVALID_PARAMS = -32602

/** A block by number and hash; plain JSON. */
export interface BlockRef {
  number: number
  hash: Hex
}

/** A block that enough endpoints have. */
export interface AgreedBlock extends BlockRef {
  parentHash: Hex
  /** Seconds since the epoch. */
  timestampSec: number
}

/** How a read names its block: spread it into the parameters of a viem action. */
export type Pin = { blockHash: Hex } | { blockNumber: bigint }

/** Reads at a block. */
export interface StateReader {
  /** The answer that enough endpoints give alike, with every read of `act` made in the state after `block`. */
  agreeAt<T>(block: BlockRef, what: string, act: (client: PublicClient, pin: Pin) => Promise<T>): Promise<T>
}

/** Several endpoints of one chain, believed when enough of them say the same. */
export interface Endpoints extends StateReader {
  readonly chainId: number
  readonly all: readonly Endpoint[]
  /** How many must say the same. */
  readonly agreement: number
  /** Throws when too few endpoints answer for this chain: WrongChainIdError if one answers for another, else RpcUnavailableError. */
  assertChainId(): Promise<void>
  /** Which endpoints aren't believed at the moment, and why. */
  troubles(): string[]
  /** The highest block on which enough endpoints agree by hash. @throws EndpointsDisagreeError | RpcUnavailableError */
  agreedTip(tag: 'latest' | 'finalized'): Promise<AgreedBlock>
  /** The block of that number; undefined where enough endpoints have none. */
  blockAt(number: number): Promise<AgreedBlock | undefined>
  /** The answer that enough endpoints give alike. */
  agree<T>(what: string, act: (client: PublicClient) => Promise<T>): Promise<T>
  /**
   * What all endpoints answer to a question to which honest ones may answer differently, as many at least as must agree.
   * @param areAlike whether answers are so close that stragglers needn't be waited for until their requests time out.
   * @throws RpcUnavailableError when too few answer.
   */
  answers<T>(act: (client: PublicClient) => Promise<T>, areAlike: (answers: readonly T[]) => boolean): Promise<T[]>
  /** For blocks so old that honest nodes may keep their state no more: an endpoint that refuses is asked for newer ones all the same. */
  readonly past: StateReader
}

/**
 * @param agreement how many endpoints must say the same. Default: a majority.
 * @param timeoutMs per request.
 */
export function createEndpoints(p: {
  chainId: number
  rpcUrls: readonly string[]
  agreement?: number | undefined
  timeoutMs: number
}): Endpoints {
  const count = p.rpcUrls.length
  const agreement = p.agreement ?? Math.floor(count / 2) + 1
  if (count === 0 || agreement < 1 || agreement > count) {
    throw new InvalidChainConfigError(`Chain ${p.chainId} names ${count} RPC addresses of which ${agreement} must agree.`, {
      remedy: 'name at least as many addresses as must agree.',
    })
  }
  const all = p.rpcUrls.map((url, i) => {
    return createEndpoint({ chainId: p.chainId, url, label: `endpoint ${i + 1} of ${count} of chain ${p.chainId}`, timeoutMs: p.timeoutMs })
  })
  const tips = createAgreedTips(all, agreement)
  const agree = <T>(what: string, ask: (endpoint: Endpoint) => Promise<T>) => agreeAmong(all, agreement, what, ask)
  return {
    chainId: p.chainId,
    all,
    agreement,
    assertChainId: () => assertChainId(all, agreement, p.chainId),
    troubles: () => all.flatMap((endpoint) => tips.trouble(endpoint) ?? endpoint.trouble() ?? []),
    agreedTip: (tag) => tips.read(tag),
    blockAt: (number) => agree(`block ${number}`, (endpoint) => blockOf(endpoint, number)),
    agree: (what, act) => agree(what, (endpoint) => endpoint.ask(act)),
    async answers(act, areAlike) {
      const asked = all.map((endpoint) => endpoint.ask(act))
      const { answers, failures } = await answersInTime(asked, (some) => some.length >= agreement && areAlike(some))
      if (answers.length < agreement) throw tooFewAnswers(failures)
      return answers
    },
    agreeAt: (block, what, act) => agree(`${what} at block ${block.number}`, (one) => askAt(one, one.ask, block, act)),
    past: { agreeAt: (block, what, act) => agree(`${what} at block ${block.number}`, (one) => askAt(one, one.askPast, block, act)) },
  }
}

async function assertChainId(all: readonly Endpoint[], agreement: number, expected: number): Promise<void> {
  const answers = await Promise.allSettled(all.map((endpoint) => endpoint.readChainId()))
  const isRight = (answer: PromiseSettledResult<number>) => answer.status === 'fulfilled' && answer.value === expected
  if (answers.filter(isRight).length >= agreement) return
  for (const [i, answer] of answers.entries()) {
    if (answer.status === 'fulfilled' && answer.value !== expected) {
      throw new WrongChainIdError({ endpoint: all[i]?.label ?? 'an endpoint', expected, actual: answer.value })
    }
  }
  throw tooFewAnswers(answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : [])))
}

async function askAt<T>(
  endpoint: Endpoint,
  ask: Endpoint['ask'],
  block: BlockRef,
  act: (client: PublicClient, pin: Pin) => Promise<T>,
): Promise<T> {
  if (!endpoint.pinsByNumber) {
    try {
      return await ask((client) => act(client, { blockHash: block.hash }))
    } catch (error) {
      if (!(error instanceof RpcUnavailableError) || error.rpcCode !== INVALID_PARAMS) throw error
    }
  }
  const value = await ask((client) => act(client, { blockNumber: BigInt(block.number) }))
  const after = await blockOf(endpoint, block.number) // only now: a reorg in between would have gone unseen before
  if (after?.hash !== block.hash) throw new ChainMovedError(`Block ${block.number} was replaced at ${endpoint.label} while it was read.`)
  endpoint.pinsByNumber = true
  return value
}
