import { RpcRequestError } from 'viem'
import type { Refusal } from '../../protocol/sender/nodes-answer.ts'

/**
 * Nodes give all refusals one JSON-RPC code (-32000, Besu's codes contradict others'), so their texts are all there is
 * to tell them apart. Nothing is decided by them that the chain isn't asked about again. Sources: go-ethereum
 * `core/txpool/errors.go`, `core/error.go`, `internal/ethapi` (1.17.10, tried); Nethermind `AcceptTxResult` (before and
 * after NethermindEth/nethermind#12157); reth and foundry pool errors; Besu `TransactionInvalidReason`; Erigon as geth;
 * Lotus (Filecoin) `chain/messagepool`.
 */
const TEXTS: readonly [RegExp, Refusal | 'known'][] = [
  [
    /already known|already imported|alreadyknown|\bknown transaction|same hash|nonce already exists|already in mempool|already in mpool(?!: replace)/i,
    'known',
  ],
  [/nonce too low|nonce is too low|oldnonce/i, 'nonce-used'],
  [
    /exceeds the configured cap|transaction fee cap exceeded|tx fee .* exceeds|exceeds the fee cap|txfeecap/i,
    'fee-cap',
  ],
  [
    /type not supported|not supported by the current hardfork|(unsupported|unknown) transaction type|invalid transaction type|txtypenotsupported/i,
    'type-unsupported',
  ],
  [
    /block gas limit|gas limit too high|gaslimitexceeded|gas limit is too high|intrinsic gas|floor data gas|gas floor|gas limit too low|gaslimittoolow/i,
    'gas-limit',
  ],
  [/oversized data|transaction size|input data exceeds|maxtxsizeexceeded|max initcode size/i, 'too-large'],
  [
    /underpriced|below (the )?(configured )?minimum|insufficient gas price|replacementnotallowed|feetoolow|gas price too low|less than block base fee|below block base fee|replace by fee has too low/i,
    'underpriced',
  ],
  [
    /insufficient funds|insufficientfunds|not enough funds|upfront cost exceeds|exceeds transaction sender account balance/i,
    'insufficient-funds',
  ],
]

/** JSON-RPC codes of nodes that are too busy, which say nothing about the transaction. */
const BUSY_CODES = [429, -32005, -32603]

/** geth tells its cap in coins with two decimals, reth in wei. */
const CAP_IN_COINS = /configured cap \((\d{1,9})\.(\d{2}) /
const CAP_IN_WEI = /configured cap \((\d{1,30}) wei/

/** Half of the last decimal, which was rounded; wei. */
const ROUNDING_WEI = 5n * 10n ** 15n

/** One endpoint's refusal. */
export interface EndpointRefusal {
  kind: Refusal | 'known'
  /** With `fee-cap`, where the endpoint tells it: what gas limit × fee cap may be at most, wei. */
  feeCapWei?: bigint
}

/** Says what a node's error says about the transaction; undefined when it says nothing about it. */
export function readRefusal(error: unknown): EndpointRefusal | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (!(at instanceof RpcRequestError)) continue
    const text = at.details
    const kind = TEXTS.find(([pattern]) => pattern.test(text))?.[1]
    if (kind === undefined && BUSY_CODES.includes(at.code)) continue
    return { kind: kind ?? 'refused', ...(kind === 'fee-cap' && capIn(text)) }
  }
  return undefined
}

function capIn(text: string): { feeCapWei?: bigint } {
  const [, wei] = CAP_IN_WEI.exec(text) ?? []
  const [, whole = '', decimals = ''] = CAP_IN_COINS.exec(text) ?? []
  const feeCapWei = wei === undefined ? BigInt(whole + decimals) * 10n ** 16n - ROUNDING_WEI : BigInt(wei)
  return feeCapWei > 0n ? { feeCapWei } : {}
}
