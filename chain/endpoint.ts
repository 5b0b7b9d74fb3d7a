import { createPublicClient, http, type PublicClient } from 'viem'
import { InvalidChainConfigError } from './errors.ts'
import { toChainError } from './redact.ts'

/** Requests that go out as one JSON-RPC batch; providers begin to refuse at about a hundred. */
const BATCH_SIZE = 50

/** Proofs of 1 MB come back in calldata as 2 MB of hex; a batch holds few of them. */
const MAX_ANSWER_BYTES = 64 * 2 ** 20

/** How long an endpoint that failed is asked last, ms. */
const SHUN_MS = 30_000

/** An endpoint that owes an answer for longer is taken for one that hangs, ms. */
export const SLOW_MS = 1_000

/** One RPC address. Its client stays inside, so that nothing it throws gets out unredacted. */
export interface Endpoint {
  /** What people may read of it: `endpoint 2 of 3 of chain 1`. Never the address. */
  readonly label: string
  /** It has refused EIP-1898 block hashes, so its reads are pinned by number and checked. */
  pinsByNumber: boolean
  /** It failed a short while ago, or seems to hang. */
  isShunned(): boolean
  /** Carries out `act`. @throws RetryableError | FatalError without any secret. */
  ask<T>(act: (client: PublicClient) => Promise<T>): Promise<T>
  /** As `ask`, but `translate` sees the raw error first and may make a value of it. */
  askRaw<T>(act: (client: PublicClient) => Promise<T>, translate: (error: unknown) => T | undefined): Promise<T>
}

/** @param timeoutMs for a whole request, body included. */
export function createEndpoint(p: { url: string; label: string; timeoutMs: number }): Endpoint {
  assertUrl(p.url, p.label)
  const client = createPublicClient({
    cacheTime: 0,
    transport: http(p.url, {
      batch: { batchSize: BATCH_SIZE },
      retryCount: 0, // other endpoints and the next look are the retry
      timeout: p.timeoutMs,
      maxResponseBodySize: MAX_ANSWER_BYTES,
      fetchFn: fetchWithin(p.timeoutMs),
    }),
  })
  let failedAtMs = Number.NEGATIVE_INFINITY
  const inFlight = new Set<{ sinceMs: number }>()
  const askRaw: Endpoint['askRaw'] = async (act, translate) => {
    const request = { sinceMs: performance.now() }
    inFlight.add(request)
    try {
      return await act(client)
    } catch (error) {
      const value = translate(error)
      if (value !== undefined) return value
      const failure = toChainError(error, p.label)
      if (failure.name === 'RpcUnavailableError') failedAtMs = performance.now()
      throw failure
    } finally {
      inFlight.delete(request)
    }
  }
  const isShunned = () => {
    const now = performance.now()
    return now - failedAtMs < SHUN_MS || [...inFlight].some((request) => now - request.sinceMs > SLOW_MS)
  }
  return {
    label: p.label,
    pinsByNumber: false,
    isShunned,
    ask: (act) => askRaw(act, () => undefined),
    askRaw,
  }
}

/** viem's own timeout ends with the headers: a body that never ends would hang for ever. */
function fetchWithin(timeoutMs: number): typeof fetch {
  return (input, init) => {
    const timeout = AbortSignal.timeout(timeoutMs)
    return fetch(input, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout })
  }
}

function assertUrl(url: string, label: string): void {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return
  throw new InvalidChainConfigError(`The address of ${label} isn't an http(s) URL.`, { remedy: 'correct it in the configuration.' })
}
