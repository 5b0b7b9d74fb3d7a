import { hexToBytes, numberToHex } from 'viem/utils'
import type { PostedBatch } from '../../protocol/rollup-kind.ts'
import type { Hex } from '../../protocol/sequence.ts'
import type { Statement } from '../../protocol/statement.ts'
import { type Account, limbs } from './account.ts'
import type { SlotWitness } from './execute-transfer.ts'

/** A statement as the circuits take it: names and order of `Statement` in circuits/lib, numbers as hexadecimal strings. */
export function circuitStatement(statement: Statement, aggKeyHash: Hex) {
  const [oldHi, oldLo] = limbs(statement.oldAccInputHash)
  const [newHi, newLo] = limbs(statement.newAccInputHash)
  return {
    old_state_root: statement.oldStateRoot,
    new_state_root: statement.newStateRoot,
    old_acc_hi: numberToHex(oldHi),
    old_acc_lo: numberToHex(oldLo),
    new_acc_hi: numberToHex(newHi),
    new_acc_lo: numberToHex(newLo),
    old_batch_num: numberToHex(statement.oldBatchNum),
    new_batch_num: numberToHex(statement.newBatchNum),
    chain_id: numberToHex(BigInt(statement.chainId)),
    fork_id: numberToHex(BigInt(statement.forkId)),
    agg_key_hash: aggKeyHash,
  }
}

/** The eleven public inputs of a batch or aggregate proof, in the circuits' order, 32 bytes each. */
export const publicInputs = (statement: Statement, aggKeyHash: Hex): Hex[] =>
  Object.values(circuitStatement(statement, aggKeyHash)).map((value) => numberToHex(BigInt(value), { size: 32 }))

/** The whole input of the batch circuit's `main`, as plain JSON. */
export const batchCircuitInput = (p: { statement: Statement; aggKeyHash: Hex; batch: PostedBatch; slots: SlotWitness[] }) => ({
  statement: circuitStatement(p.statement, p.aggKeyHash),
  batch: {
    data: byteList(p.batch.transactions),
    global_exit_root: byteList(p.batch.globalExitRoot),
    timestamp: numberToHex(p.batch.timestamp),
    coinbase: byteList(p.batch.coinbase),
  },
  slots: p.slots.map((slot) => ({
    sender: circuitAccount(slot.sender),
    sender_siblings: slot.senderSiblings.map((hash) => numberToHex(hash)),
    recipient: circuitAccount(slot.recipient),
    recipient_siblings: slot.recipientSiblings.map((hash) => numberToHex(hash)),
  })),
})

const circuitAccount = (account: Account) => ({
  key_x: byteList(account.keyX),
  key_y: byteList(account.keyY),
  balance: numberToHex(account.balance),
  nonce: numberToHex(account.nonce),
})

const byteList = (bytes: Hex): number[] => [...hexToBytes(bytes)]
