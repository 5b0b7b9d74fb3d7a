import { TransactionReceiptNotFoundError } from 'viem'
import type { Address, Hex } from '../protocol/sequence.ts'
import type { BlockRef, Endpoints, StateReader } from './endpoints.ts'

/** Where a transaction of ours was mined. */
export interface MinedReceipt {
  txHash: Hex
  blockNumber: number
  blockHash: Hex
  /** Whether it ran through. Whether it did what it was for is read from the contract's state. */
  status: 'success' | 'reverted'
  gasUsed: bigint
  effectiveGasPrice: bigint
}

/** Number of transactions of the account up to and including a block: its next nonce. */
export function readNonce(endpoints: StateReader, account: Address, at: BlockRef): Promise<number> {
  return endpoints.agreeAt(at, 'the nonce', (client, pin) => client.getTransactionCount({ ...pin, address: account }))
}

/** Receipts of those transactions that are mined up to `head`, on which enough endpoints agree. */
export async function readReceipts(endpoints: Endpoints, txHashes: readonly Hex[], head: BlockRef): Promise<MinedReceipt[]> {
  const receipts = await Promise.all(txHashes.map((hash) => readReceipt(endpoints, hash, head)))
  return receipts.flatMap((receipt) => receipt ?? [])
}

/** One of a block above the head is none, before answers are compared: honest endpoints differ in what they have above it. */
function readReceipt(endpoints: Endpoints, hash: Hex, head: BlockRef): Promise<MinedReceipt | null> {
  return endpoints.agree('a receipt', async (client) => {
    try {
      const receipt = await client.getTransactionReceipt({ hash })
      const { blockHash, status, gasUsed, effectiveGasPrice } = receipt
      const blockNumber = Number(receipt.blockNumber)
      return blockNumber > head.number ? null : { txHash: hash, blockNumber, blockHash, status, gasUsed, effectiveGasPrice }
    } catch (error) {
      if (error instanceof TransactionReceiptNotFoundError) return null
      throw error
    }
  })
}
