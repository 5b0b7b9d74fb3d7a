import { type PublicClient, RpcRequestError } from 'viem'
import { keccak256 } from 'viem/utils'
import type { Hex } from '../protocol/sequence.ts'
import type { Endpoint } from './endpoint.ts'
import type { Endpoints } from './endpoints.ts'
import { answersInTime } from './in-time.ts'

/**
 * Why a node refuses a transaction.
 * - `nonce-used`: a transaction with this nonce is mined where the node stands.
 * - `underpriced`: below the pool's floor, the base fee, or too little above the one it would replace.
 * - `insufficient-funds`: balance below gas limit × fee cap.
 * - `refused`: for another reason, or one that this code doesn't know.
 */
export type Refusal = 'nonce-used' | 'underpriced' | 'insufficient-funds' | 'refused'

/** What became of a broadcast. Only the chain tells whether it was mined. */
export type BroadcastOutcome = { kind: 'accepted' } | { kind: Refusal } | { kind: 'unanswered' }

/**
 * Nodes give all refusals one JSON-RPC code (-32000, Besu's codes contradict others'), so their texts are all there is to tell them
 * apart. Nothing is decided by them that the chain isn't asked about again. Sources: go-ethereum `core/txpool/errors.go`, `core/error.go`;
 * Nethermind `AcceptTxResult` (before and after NethermindEth/nethermind#12157); reth and foundry pool errors;
 * Besu `TransactionInvalidReason`; Erigon as geth.
 */
const TEXTS: readonly [RegExp, Refusal | 'known'][] = [
  [/already known|already imported|alreadyknown|known transaction|same hash/i, 'known'],
  [/nonce too low|nonce is too low|oldnonce/i, 'nonce-used'],
  [
    /underpriced|insufficient gas price|replacementnotallowed|feetoolow|gas price too low|less than block base fee|below block base fee/i,
    'underpriced',
  ],
  [/insufficient funds|insufficientfunds|upfront cost exceeds|exceeds transaction sender account balance/i, 'insufficient-funds'],
]

/** JSON-RPC codes of nodes that are too busy, which say nothing about the transaction. */
const BUSY_CODES = [429, -32005, -32603]

/**
 * Answers are waited for so long at most, ms. A pass sends many transactions, the lower nonces first, and each of them waits for an
 * endpoint that hangs; what an answer says is only a hint, and a request that is given up goes on.
 */
const MOST_WAIT_MS = 2_000

/**
 * Sends the same bytes to all endpoints. Never throws: an answer that is lost and a node that is away look the same. One node that
 * takes it is enough, and so are as many that refuse it, for whichever reasons, as must agree.
 */
export async function broadcast({ all, agreement }: Pick<Endpoints, 'all' | 'agreement'>, raw: Hex): Promise<BroadcastOutcome> {
  const isEnough = (outcomes: readonly BroadcastOutcome[]) =>
    outcomes.some(({ kind }) => kind === 'accepted') || outcomes.filter(({ kind }) => kind !== 'unanswered').length >= agreement
  const { answers } = await answersInTime(
    all.map((endpoint) => sendTo(endpoint, raw)),
    isEnough,
    MOST_WAIT_MS,
  )
  return mostTelling(answers)
}

async function sendTo(endpoint: Endpoint, raw: Hex): Promise<BroadcastOutcome> {
  const send = async (client: PublicClient): Promise<BroadcastOutcome> => {
    const hash = await client.sendRawTransaction({ serializedTransaction: raw })
    return { kind: hash === keccak256(raw) ? 'accepted' : 'unanswered' } // anything else is no answer to this request
  }
  return endpoint.askRaw(send, toOutcome).catch((): BroadcastOutcome => ({ kind: 'unanswered' }))
}

/** What a node's error says about the transaction; undefined when it says nothing about it. */
function toOutcome(error: unknown): BroadcastOutcome | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (!(at instanceof RpcRequestError) || BUSY_CODES.includes(at.code)) continue
    const text = at.details
    const kind = TEXTS.find(([pattern]) => pattern.test(text))?.[1] ?? 'refused'
    return { kind: kind === 'known' ? 'accepted' : kind }
  }
  return undefined
}

const TELLING = ['accepted', 'nonce-used', 'insufficient-funds', 'underpriced', 'refused', 'unanswered'] as const

function mostTelling(outcomes: readonly BroadcastOutcome[]): BroadcastOutcome {
  const kind = TELLING.find((each) => outcomes.some((outcome) => outcome.kind === each))
  return { kind: kind ?? 'unanswered' }
}
