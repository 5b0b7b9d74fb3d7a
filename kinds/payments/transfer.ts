import { concatHex, encodePacked, hexToBigInt, hexToNumber, size, sliceHex } from 'viem/utils'
import type { Hex } from '../../protocol/base/ranges.ts'
import { BatchLengthError } from './errors.ts'

/** Transfers of one batch. */
export const SLOTS = 4
/** Bytes of a slot: from 4, to 4, amount 8, nonce 8, r 32, s 32, big-endian. */
const TRANSFER_BYTES = 88
/** Bytes of a batch's posted data. */
export const DATA_BYTES = SLOTS * TRANSFER_BYTES
/** A slot without a transfer. */
export const EMPTY_SLOT: Hex = `0x${'00'.repeat(TRANSFER_BYTES)}`

/** What a sender signs, besides the rollup's chain id. */
export interface TransferBody {
  /** Index of the sender, 32 bits as posted. */
  from: number
  /** Index of the recipient, 32 bits as posted. */
  to: number
  /** Smallest units, 64 bits. */
  amount: bigint
  /** The sender's nonce, 64 bits. */
  nonce: bigint
}

/** A transfer as posted. Nothing is known of its validity. */
export interface Transfer extends TransferBody {
  /** Signature, 32 bytes each. */
  r: Hex
  s: Hex
}

/** Gives the 40 bytes that are signed: "zkpow/t1", chain id, from, to, amount, nonce. Their SHA-256 is the digest. */
export const transferMessage = (body: TransferBody, chainId: bigint): Hex =>
  concatHex(['0x7a6b706f772f7431', encodePacked(['uint64'], [chainId]), encodeBody(body)])

/** Gives the transfer's 88 bytes. */
export const encodeTransfer = (transfer: Transfer): Hex => concatHex([encodeBody(transfer), transfer.r, transfer.s])

/** Undoes {@link encodeTransfer}. Any 88 bytes are a transfer. */
export const decodeTransfer = (slot: Hex): Transfer => ({
  from: hexToNumber(sliceHex(slot, 0, 4)),
  to: hexToNumber(sliceHex(slot, 4, 8)),
  amount: hexToBigInt(sliceHex(slot, 8, 16)),
  nonce: hexToBigInt(sliceHex(slot, 16, 24)),
  r: sliceHex(slot, 24, 56),
  s: sliceHex(slot, 56, 88),
})

/** Makes a batch's posted data of at most four encoded transfers; the rest are empty slots. */
export function encodeBatchData(slots: readonly Hex[]): Hex {
  if (slots.length > SLOTS) throw new RangeError(`A batch has ${SLOTS} slots, got ${slots.length} transfers.`)
  return concatHex([...slots, ...Array.from({ length: SLOTS - slots.length }, () => EMPTY_SLOT)])
}

/**
 * Gives the four slots of a batch's posted data, 88 bytes each.
 * @throws BatchLengthError when the data hasn't {@link DATA_BYTES} bytes.
 */
export function splitBatchData(data: Hex): Hex[] {
  if (size(data) !== DATA_BYTES) throw new BatchLengthError({ expected: DATA_BYTES, actual: size(data) })
  return Array.from({ length: SLOTS }, (_, i) => sliceHex(data, i * TRANSFER_BYTES, (i + 1) * TRANSFER_BYTES))
}

const encodeBody = (body: TransferBody): Hex =>
  encodePacked(['uint32', 'uint32', 'uint64', 'uint64'], [body.from, body.to, body.amount, body.nonce])
