import { type PublicClient, parseTransaction } from 'viem'
import { keccak256 } from 'viem/utils'
import type { Hex } from '../../protocol/base/ranges.ts'
import { type NodesAnswer, REFUSALS } from '../../protocol/sender/nodes-answer.ts'
import type { Endpoint } from '../endpoints/endpoint.ts'
import type { Endpoints } from '../endpoints/endpoints.ts'
import { answersInTime } from '../endpoints/stragglers.ts'
import { readRefusal } from './refusals.ts'

/** What became of a broadcast. Only the chain tells whether it was mined. */
export interface BroadcastOutcome {
  kind: NodesAnswer
}

/**
 * Sends transactions, and remembers which ones endpoints don't take whatever they say: a restart costs one refusal of
 * each kind.
 */
export interface Broadcaster {
  /** Sends to all endpoints; never throws, and waits for none that hangs. */
  broadcast(raw: Hex): Promise<BroadcastOutcome>
  /**
   * Says what gas limit × fee cap may be at most, wei; undefined while nobody has refused one. @param neededWei with
   * which it must land.
   */
  feeCapWei(neededWei: bigint): bigint | undefined
  /** Tells whether so many endpoints as must agree refused EIP-1559 transactions for their type. */
  refusesType2(): boolean
}

/**
 * Answers are waited for so long at most, ms. A pass sends many transactions, the lower nonces first, and each of them
 * waits for an endpoint that hangs; what an answer says is only a hint, and a request that is given up goes on.
 */
const MOST_WAIT_MS = 2_000

/** Endpoints' caps are forgotten after this time, ms: their operators may raise them. */
const CAP_AGE_MS = 3_600_000

export function createBroadcaster({ all, agreement }: Pick<Endpoints, 'all' | 'agreement'>): Broadcaster {
  const caps = new Map<Endpoint, { wei: bigint; sinceMs: number }>()
  const withoutType2 = new Set<Endpoint>()

  async function sendTo(endpoint: Endpoint, raw: Hex): Promise<BroadcastOutcome> {
    const send = async (client: PublicClient): Promise<BroadcastOutcome> => {
      const hash = await client.sendRawTransaction({ serializedTransaction: raw })
      return { kind: hash === keccak256(raw) ? 'accepted' : 'unanswered' } // anything else is no answer to this request
    }
    const toOutcome = (error: unknown): BroadcastOutcome | undefined => {
      const refusal = readRefusal(error)
      if (refusal === undefined) return undefined
      if (refusal.kind === 'fee-cap') learnCap(endpoint, costOf(raw), refusal.feeCapWei)
      if (refusal.kind === 'type-unsupported') withoutType2.add(endpoint)
      return { kind: refusal.kind === 'known' ? 'accepted' : refusal.kind }
    }
    return endpoint.askRaw(send, toOutcome).catch((): BroadcastOutcome => ({ kind: 'unanswered' }))
  }

  /** What was refused is above it, whatever the endpoint says. */
  function learnCap(endpoint: Endpoint, refusedWei: bigint, toldWei: bigint | undefined): void {
    const wei = toldWei !== undefined && toldWei < refusedWei ? toldWei : (refusedWei * 9n) / 10n
    caps.set(endpoint, { wei, sinceMs: performance.now() })
  }

  const capOf = (endpoint: Endpoint): bigint | undefined => {
    const cap = caps.get(endpoint)
    return cap !== undefined && performance.now() - cap.sinceMs < CAP_AGE_MS ? cap.wei : undefined
  }

  return {
    /**
     * Waits for as little as tells: one node that takes it is enough, and so are as many that refuse it, for whichever
     * reasons, as must agree.
     */
    async broadcast(raw) {
      const isEnough = (outcomes: readonly BroadcastOutcome[]) =>
        outcomes.some(({ kind }) => kind === 'accepted') ||
        outcomes.filter(({ kind }) => kind !== 'unanswered').length >= agreement
      const { answers } = await answersInTime(
        all.map((endpoint) => sendTo(endpoint, raw)),
        isEnough,
        MOST_WAIT_MS,
      )
      return mostTelling(answers)
    },
    /**
     * Stays below what so many take as must agree, or one that lies could cost a window; then below what the most
     * generous takes.
     */
    feeCapWei(neededWei) {
      const known = all.map(capOf)
      const highest = known.toSorted((a, b) => (a === b ? 0 : a === undefined || (b !== undefined && a > b) ? -1 : 1))
      const agreed = highest[agreement - 1]
      return agreed !== undefined && agreed < neededWei ? highest[0] : agreed
    },
    refusesType2: () => withoutType2.size >= agreement,
  }
}

/** Says what a node reckons that a transaction may cost in fees, wei. */
function costOf(raw: Hex): bigint {
  const { gas = 0n, gasPrice, maxFeePerGas } = parseTransaction(raw)
  return gas * (maxFeePerGas ?? gasPrice ?? 0n)
}

const TELLING: readonly NodesAnswer[] = ['accepted', ...REFUSALS, 'unanswered']

function mostTelling(outcomes: readonly BroadcastOutcome[]): BroadcastOutcome {
  const kind = TELLING.find((each) => outcomes.some((outcome) => outcome.kind === each))
  return { kind: kind ?? 'unanswered' }
}
