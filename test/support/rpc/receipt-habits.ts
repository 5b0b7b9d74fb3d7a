import type { Hex } from 'viem'
import { changes, type Habit } from './rpc-front.ts'

const RECEIPT = 'eth_getTransactionReceipt'

/** Builds its index after a restart: for a transaction that it doesn't find it says so, instead of null. */
export const indexes: Habit = {
  call: ({ method }) => {
    if (method !== RECEIPT && method !== 'eth_getTransactionByHash') return undefined
    const error = { code: -32000, message: 'transaction indexing is in progress' }
    return { kind: 'replace', answer: (found) => (found === null ? { error } : { result: found }) }
  },
}

/** Leaves fields out of receipts. */
export const receiptsWithout = (...fields: readonly string[]): Habit =>
  changes(
    (receipt: object) => Object.fromEntries(Object.entries(receipt).filter(([name]) => !fields.includes(name))),
    RECEIPT,
  )

/** Says of what waits in its pool that it succeeded, in no block. @param isKnown tells whether the node has it. */
export const receiptsOfPending = (isKnown: (hash: Hex) => Promise<boolean>): Habit => ({
  call: ({ method, params: [hash] }) => {
    if (method !== RECEIPT) return undefined
    const pending = {
      ...{ transactionHash: hash, blockNumber: null, blockHash: null, transactionIndex: null, status: '0x1' },
      ...{ gasUsed: '0x5208', cumulativeGasUsed: '0x5208', effectiveGasPrice: '0x1', logs: [] },
    }
    return {
      kind: 'answer',
      change: async (receipt: object | null) => receipt ?? ((await isKnown(hash as Hex)) ? pending : null),
    }
  },
})
