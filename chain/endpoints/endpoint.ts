import { BlockNotFoundError, createPublicClient, type PublicClient } from 'viem'
import { InvalidChainConfigError, RpcUnavailableError } from '../errors.ts'
import { jsonRpc } from './json-rpc.ts'
import { toChainError } from './redact.ts'

/** How long an endpoint that failed is asked last, ms. */
const SHUN_MS = 30_000

/** An endpoint that owes an answer for longer is taken for one that hangs, ms. */
export const SLOW_MS = 1_000

/** Nodes behind one address are fewer blocks apart. */
export const APART_BLOCKS = 3

/** One RPC address. Its client stays inside, so that nothing it throws gets out unredacted. */
export interface Endpoint {
  /** What people may read of it: `endpoint 2 of 3 of chain 1`. The address is never in it. */
  readonly label: string
  /** How it reads the state after a block: by its hash (EIP-1898), or by its number, which has to be checked. */
  pins: 'unknown' | 'by-hash' | 'by-number'
  /** Number of the newest block that it has told of; of nodes behind one address, of the one that is ahead. */
  readonly height: number
  /** Notes that it told of this newest block. */
  sawHeight(number: number): void
  /** Tells whether it failed a short while ago, or seems to hang. */
  isShunned(): boolean
  /** Says why it isn't believed at the moment; null while it is. */
  trouble(): string | null
  /** Reads the id of the chain that it serves, whichever that is. @throws RpcUnavailableError */
  readChainId(): Promise<number>
  /**
   * Carries out `act`, and asks in the same JSON-RPC batch which chain it is that answers: an endpoint can be switched
   * to another one at any time. @throws RetryableError | FatalError without any secret; RpcUnavailableError from an
   * endpoint of another chain.
   */
  ask<T>(act: (client: PublicClient) => Promise<T>): Promise<T>
  /**
   * Asks as `ask` does, about a state that the node may keep no more: an error in JSON-RPC is no reason to think ill of
   * it.
   */
  askPast<T>(act: (client: PublicClient) => Promise<T>): Promise<T>
  /** Asks as `ask` does, but `translate` sees the raw error first and may make a value of it. */
  askRaw<T>(act: (client: PublicClient) => Promise<T>, translate: (error: unknown) => T | undefined): Promise<T>
}

type Act<T> = (client: PublicClient) => Promise<T>
type Translate<T> = (error: unknown) => T | undefined

/** @param timeoutMs for a whole request, body included. */
export function createEndpoint(p: { chainId: number; url: string; label: string; timeoutMs: number }): Endpoint {
  assertUrl(p.url, p.label)
  // CCIP reads are off, or a revert could have us fetch any address of the endpoint's choice, and wait for it.
  const client = createPublicClient({ cacheTime: 0, ccipRead: false, transport: jsonRpc(p.url, p.timeoutMs) })
  let failure: { atMs: number; why: string } | undefined
  const inFlight = new Set<{ sinceMs: number }>()
  const watched = async <T>(act: Act<T>, translate: Translate<T>, mayBeGone = false): Promise<T> => {
    const request = { sinceMs: performance.now() }
    inFlight.add(request)
    try {
      return await act(client)
    } catch (error) {
      const value = translate(error)
      if (value !== undefined) return value
      const failed = toChainError(error, p.label)
      const isGone =
        mayBeGone &&
        (error instanceof BlockNotFoundError || (failed instanceof RpcUnavailableError && failed.rpcCode !== undefined))
      if (failed instanceof RpcUnavailableError && !isGone) failure = { atMs: performance.now(), why: failed.message }
      throw failed
    } finally {
      inFlight.delete(request)
    }
  }
  const readChainId = () => watched((one) => one.getChainId(), nothing)
  const assertChain = oncePerBatch(async () => {
    const actual = await readChainId()
    if (actual === p.chainId) return
    failure = { atMs: performance.now(), why: `${p.label} serves chain ${actual}` }
    throw new RpcUnavailableError({
      endpoint: p.label,
      reason: `it serves chain ${actual}; the configuration says ${p.chainId}`,
    })
  })
  const askRaw = async <T>(act: Act<T>, translate: Translate<T>, mayBeGone = false): Promise<T> => {
    const answer = watched(act, translate, mayBeGone)
    answer.catch(() => undefined) // what an endpoint of another chain says doesn't matter
    await assertChain()
    return answer
  }
  const trouble = () => {
    const now = performance.now()
    if (failure !== undefined && now - failure.atMs < SHUN_MS) return failure.why
    return [...inFlight].some((request) => now - request.sinceMs > SLOW_MS) ? `${p.label} owes an answer` : null
  }
  let height = -1
  return {
    label: p.label,
    pins: 'unknown',
    get height() {
      return height
    },
    sawHeight(number) {
      height = number >= height - APART_BLOCKS ? Math.max(number, height) : number
    },
    isShunned: () => trouble() !== null,
    trouble,
    readChainId,
    ask: (act) => askRaw(act, nothing),
    askPast: (act) => askRaw(act, nothing, true),
    askRaw: (act, translate) => askRaw(act, translate),
  }
}

const nothing = () => undefined

/**
 * Shares the answer of what is asked again before the next JSON-RPC batch goes out. Later it is asked anew: the answer
 * is as old as its batch.
 */
function oncePerBatch<T>(ask: () => Promise<T>): () => Promise<T> {
  let pending: Promise<T> | undefined
  return () => {
    if (pending === undefined) setTimeout(() => (pending = undefined))
    pending ??= ask()
    return pending
  }
}

function assertUrl(url: string, label: string): void {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return
  throw new InvalidChainConfigError(`The address of ${label} isn't an http(s) URL.`, {
    remedy: 'correct it in the configuration.',
  })
}
