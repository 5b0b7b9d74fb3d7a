import type { PublicClient } from 'viem'
import { differentAddresses } from '../../protocol/base/endpoint-address.ts'
import type { Hex } from '../../protocol/base/ranges.ts'
import { InvalidChainConfigError, RpcUnavailableError, WrongChainIdError } from '../errors.ts'
import { createAgreedTips } from './agreed-tip.ts'
import { agreeAmong, tooFewAnswers } from './agreement.ts'
import { createEndpoint, type Endpoint } from './endpoint.ts'
import { RATE_CODES } from './json-rpc.ts'
import { askAt, askKnowing, askPastAt, blockOf } from './pinned-read.ts'
import { answersInTime } from './stragglers.ts'

/** How long answers that differ are left to be made up for by those that are still owed, ms. */
const DIFFERING_MS = 2_000

/** Numbers in a row that a chain leaves out, at most. */
const MOST_LEFT_OUT = 4

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
  /** Gives the answer that enough endpoints give alike, with every read of `act` made in the state after `block`. */
  agreeAt<T>(block: BlockRef, what: string, act: (client: PublicClient, pin: Pin) => Promise<T>): Promise<T>
}

/** Several endpoints of one chain, believed when enough of them say the same. */
export interface Endpoints extends StateReader {
  readonly chainId: number
  readonly all: readonly Endpoint[]
  /** How many must say the same. */
  readonly agreement: number
  /**
   * Throws when too few endpoints answer for this chain: WrongChainIdError if one answers for another, else
   * RpcUnavailableError.
   */
  assertChainId(): Promise<void>
  /** Lists which endpoints aren't believed at the moment, and why. */
  troubles(): string[]
  /**
   * Finds the highest block on which enough endpoints agree by hash. @throws EndpointsDisagreeError |
   * RpcUnavailableError
   */
  agreedTip(tag: 'latest' | 'finalized'): Promise<AgreedBlock>
  /** Reads the block of that number; undefined where enough endpoints have none. */
  blockAt(number: number): Promise<AgreedBlock | undefined>
  /**
   * Reads the block of that number, or where enough endpoints have none or refuse it, the nearest one below it, `least`
   * at the lowest: some chains leave numbers out (Filecoin's null rounds), and nodes throw old blocks away (EIP-4444).
   * It is undefined where there is none shortly below either.
   */
  blockNear(number: number, least?: number): Promise<AgreedBlock | undefined>
  /**
   * Gives the answer that enough endpoints give alike, each from a node that has the block: what isn't there yet is no
   * answer.
   */
  agreeKnowing<T>(block: BlockRef, what: string, act: (client: PublicClient) => Promise<T>): Promise<T>
  /** Gives the answer that enough endpoints give alike. */
  agree<T>(what: string, act: (client: PublicClient) => Promise<T>): Promise<T>
  /**
   * Gives what all endpoints answer to a question to which honest ones may answer differently, as many at least as must
   * agree.
   * @param areAlike whether answers are so close that stragglers needn't be waited for until their requests time out.
   * @throws RpcUnavailableError when too few answer.
   */
  answers<T>(act: (client: PublicClient) => Promise<T>, areAlike: (answers: readonly T[]) => boolean): Promise<T[]>
  /**
   * For blocks so old that honest nodes may keep their state no more: an endpoint that refuses is asked for newer ones
   * all the same.
   */
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
  const urls = differentAddresses(p.rpcUrls)
  const count = urls.length
  const agreement = p.agreement ?? Math.floor(count / 2) + 1
  if (count === 0 || agreement < 1 || agreement > count) {
    throw new InvalidChainConfigError(
      `Chain ${p.chainId} names ${count} different RPC addresses, of which ${agreement} must agree.`,
      {
        remedy: 'name at least as many as must agree; the same one twice is one.',
      },
    )
  }
  const all = urls.map((url) => {
    const label = `endpoint ${p.rpcUrls.indexOf(url) + 1} of ${p.rpcUrls.length} of chain ${p.chainId}`
    return createEndpoint({ chainId: p.chainId, url, label, timeoutMs: p.timeoutMs })
  })
  const tips = createAgreedTips(all, agreement)
  const agree = <T>(what: string, ask: (endpoint: Endpoint) => Promise<T>) => agreeAmong(all, agreement, what, ask)
  const blockAt = (number: number) => agree(`block ${number}`, (endpoint) => blockOf(endpoint, number))
  return {
    chainId: p.chainId,
    all,
    agreement,
    assertChainId: () => assertChainId(all, agreement, p.chainId),
    troubles: () => all.flatMap((endpoint) => tips.trouble(endpoint) ?? endpoint.trouble() ?? []),
    agreedTip: (tag) => tips.read(tag),
    blockAt,
    async blockNear(number, least = 0) {
      for (let below = number; below >= Math.max(least, number - MOST_LEFT_OUT); below -= 1) {
        const block = await blockAt(below).catch(undefinedIfRefused)
        if (block !== undefined) return block
      }
      return undefined
    },
    agree: (what, act) => agree(what, (endpoint) => endpoint.ask(act)),
    async answers(act, areAlike) {
      const asked = all.map((endpoint) => endpoint.ask(act))
      const { answers, failures } = await answersInTime(
        asked,
        (some) => some.length >= agreement && (areAlike(some) || DIFFERING_MS),
      )
      if (answers.length < agreement) throw tooFewAnswers(failures)
      return answers
    },
    agreeKnowing: (block, what, act) => agree(what, (endpoint) => askKnowing(endpoint, block, act)),
    agreeAt: (block, what, act) => agree(`${what} at block ${block.number}`, (one) => askAt(one, block, act)),
    past: {
      agreeAt: (block, what, act) => agree(`${what} at block ${block.number}`, (one) => askPastAt(one, block, act)),
    },
  }
}

function undefinedIfRefused(error: unknown): undefined {
  if (!(error instanceof RpcUnavailableError) || error.rpcCode === undefined || RATE_CODES.includes(error.rpcCode))
    throw error
}

async function assertChainId(all: readonly Endpoint[], agreement: number, expected: number): Promise<void> {
  const asked = all.map(async (endpoint) => ({ endpoint: endpoint.label, chainId: await endpoint.readChainId() }))
  const rightOf = (answers: readonly { chainId: number }[]) =>
    answers.filter(({ chainId }) => chainId === expected).length
  const { answers, failures } = await answersInTime(asked, (some) => rightOf(some) >= agreement && 0)
  if (rightOf(answers) >= agreement) return
  const wrong = answers.find(({ chainId }) => chainId !== expected)
  if (wrong === undefined) throw tooFewAnswers(failures)
  throw new WrongChainIdError({ endpoint: wrong.endpoint, expected, actual: wrong.chainId })
}
