import { hexToBytes, numberToBytes, numberToHex } from 'viem/utils'
import type { Hex } from '../../protocol/base/ranges.ts'
import { word } from '../../protocol/proof/public-input.ts'
import type { PostedBatch } from '../../protocol/proof/rollup-kind.ts'
import type { Statement } from '../../protocol/proof/statement.ts'
import type { Account } from './account.ts'
import { BLINDING_POINTS, type Blinding, blind, toLimbs, toQuotientLimbs } from './blinding.ts'
import type { SlotWitness } from './execute-transfer.ts'
import { toFields } from './statement-fields.ts'
import { decodeTransfer, splitBatchData } from './transfer.ts'

/**
 * Makes the batch circuit's input as plain JSON, named as in circuits/. The prover adds two things for each attempt:
 * the statement's `agg_key_hash`, which stored inputs don't depend on, and one of the `choices`: a random one, so that
 * nobody who posts can foresee it.
 */
export function batchCircuitInput(p: { statement: Statement; batch: PostedBatch; slots: SlotWitness[] }) {
  const { agg_key_hash: _, ...statement } = toFields(p.statement, word(0n))
  return {
    statement,
    batch: {
      data: byteList(p.batch.transactions),
      global_exit_root: byteList(p.batch.globalExitRoot),
      timestamp: numberToHex(p.batch.timestamp),
      coinbase: byteList(p.batch.coinbase),
    },
    slots: p.slots.map(circuitSlot),
    choices: Array.from({ length: BLINDING_POINTS }, (_, index) => ({ blindings: blindSlots(p, index) })),
  }
}

function blindSlots({ statement, batch, slots }: Parameters<typeof batchCircuitInput>[0], index: number) {
  const transfers = splitBatchData(batch.transactions).map(decodeTransfer)
  return slots.flatMap(({ sender }, i) => {
    const transfer = transfers[i]
    return transfer === undefined
      ? []
      : [circuitBlinding(blind({ sender, transfer, chainId: BigInt(statement.chainId), index }))]
  })
}

const circuitSlot = (slot: SlotWitness) => ({
  sender: circuitAccount(slot.sender),
  sender_siblings: slot.senderSiblings.map((hash) => numberToHex(hash)),
  recipient: circuitAccount(slot.recipient),
  recipient_siblings: slot.recipientSiblings.map((hash) => numberToHex(hash)),
})

const circuitAccount = (account: Account) => ({
  key_x: byteList(account.keyX),
  key_y: byteList(account.keyY),
  balance: numberToHex(account.balance),
  nonce: numberToHex(account.nonce),
})

const circuitBlinding = (blinding: Blinding) => ({
  point: blinding.point,
  slope: toLimbs(blinding.slope),
  inverse: toLimbs(blinding.inverse),
  key_x: wordList(blinding.keyX),
  key_y: wordList(blinding.keyY),
  digest: wordList(blinding.digest),
  quotients: blinding.quotients.map(toQuotientLimbs),
})

const byteList = (bytes: Hex): number[] => [...hexToBytes(bytes)]

const wordList = (value: bigint): number[] => [...numberToBytes(value, { size: 32 })]
