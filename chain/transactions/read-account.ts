import { type PublicClient, TransactionReceiptNotFoundError } from 'viem'
import type { Address, Hex } from '../../protocol/base/ranges.ts'
import type { BlockRef, Endpoints, StateReader } from '../endpoints/endpoints.ts'
import { orUnknown } from '../endpoints/pruned-state.ts'

/** What a transaction took; null where the endpoints don't tell it, or not alike. Nothing is decided by it. */
interface Cost {
  gasUsed: bigint | null
  /** Wei per gas. */
  effectiveGasPrice: bigint | null
}

/** Where a transaction of ours was mined. */
export interface MinedReceipt extends Cost {
  txHash: Hex
  blockNumber: number
  blockHash: Hex
  /** Whether it ran through. Whether it did what it was for is read from the contract's state. */
  status: 'success' | 'reverted'
}

/**
 * Of those that were asked for, what is mined, and what too few endpoints tell: nodes that build their index refuse to.
 */
export interface AccountReceipts {
  receipts: MinedReceipt[]
  untold: Hex[]
}

/** Reads the number of transactions of the account up to and including a block: its next nonce. */
export function readNonce(endpoints: StateReader, account: Address, at: BlockRef): Promise<number> {
  return endpoints.agreeAt(at, 'the nonce', (client, pin) => client.getTransactionCount({ ...pin, address: account }))
}

/**
 * Reads the receipts of those transactions that are mined up to `head`, on which enough endpoints agree. One that isn't
 * told keeps no other from it.
 */
export async function readReceipts(
  endpoints: Endpoints,
  txHashes: readonly Hex[],
  head: BlockRef,
): Promise<AccountReceipts> {
  const read = await Promise.all(txHashes.map((hash) => orUnknown(readReceipt(endpoints, hash, head))))
  return { receipts: read.flatMap((told) => told?.receipt ?? []), untold: txHashes.filter((_, i) => read[i] === null) }
}

/**
 * Reads a receipt. One of a block above the head is none, before answers are compared: honest endpoints differ in what
 * they have above it.
 */
async function readReceipt(
  endpoints: Endpoints,
  txHash: Hex,
  head: BlockRef,
): Promise<{ receipt: MinedReceipt | null }> {
  const costs = new Map<PublicClient, Cost>()
  const placed = await endpoints.agreeKnowing(head, 'a receipt', async (client) => {
    try {
      const receipt = await client.getTransactionReceipt({ hash: txHash })
      const { blockHash, status, gasUsed, effectiveGasPrice } = receipt
      const blockNumber = Number(receipt.blockNumber)
      if (blockNumber > head.number) return null
      costs.set(client, { gasUsed, effectiveGasPrice })
      return { blockNumber, blockHash, status }
    } catch (error) {
      if (error instanceof TransactionReceiptNotFoundError) return null
      throw error
    }
  })
  if (placed === null) return { receipt: null }
  const told = [...costs.values()]
  const gasUsed = alike(told, endpoints.agreement, (cost) => cost.gasUsed)
  return {
    receipt: {
      txHash,
      ...placed,
      gasUsed,
      effectiveGasPrice: alike(told, endpoints.agreement, (cost) => cost.effectiveGasPrice),
    },
  }
}

/** Gives what so many told alike. */
function alike(told: readonly Cost[], agreement: number, of: (cost: Cost) => bigint | null): bigint | null {
  const values = told.map(of)
  return values.find((value) => values.filter((other) => other === value).length >= agreement) ?? null
}
