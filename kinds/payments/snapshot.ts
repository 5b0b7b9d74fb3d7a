import { bytesToHex } from 'viem/utils'
import { type Account, isNoAccount } from './account.ts'
import { type AccountTree, accountsOf, treeOf } from './account-tree.ts'
import { SnapshotFormatError } from './errors.ts'

/** First bytes of every snapshot: ASCII "zkpow/s1". */
const TAG = new TextEncoder().encode('zkpow/s1')
/** Bytes of an account: index 2, key x 32, key y 32, balance 8, nonce 8, big-endian. */
const ENTRY_BYTES = 82

/**
 * Gives a state as compact bytes: a tag, then its accounts in ascending order of index. Equal states have equal bytes.
 */
export function toSnapshot(tree: AccountTree): Uint8Array {
  const accounts = accountsOf(tree)
  const bytes = Buffer.alloc(TAG.length + accounts.length * ENTRY_BYTES)
  bytes.set(TAG)
  for (const [i, entry] of accounts.entries()) writeEntry(bytes, TAG.length + i * ENTRY_BYTES, entry)
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}

/**
 * Undoes {@link toSnapshot}.
 * @throws SnapshotFormatError for bytes that are no snapshot. That the state is the right one, its root says.
 */
export function fromSnapshot(bytes: Uint8Array): AccountTree {
  if (bytesToHex(bytes.subarray(0, TAG.length)) !== bytesToHex(TAG))
    throw new SnapshotFormatError('The bytes are no snapshot of a payments state.')
  const count = (bytes.length - TAG.length) / ENTRY_BYTES
  if (!Number.isInteger(count))
    throw new SnapshotFormatError(`A snapshot of ${bytes.length} bytes ends within an account.`)
  const entries = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return treeOf(Array.from({ length: count }, (_, i) => readEntry(entries, TAG.length + i * ENTRY_BYTES)))
}

/**
 * Reads the state that bytes from elsewhere are. Only one form of each state is taken: an entry without a key hashes to
 * nothing, whatever else is in it, so the root alone would let it pass.
 * @throws SnapshotFormatError
 */
export function fromForeignSnapshot(bytes: Uint8Array): AccountTree {
  const tree = fromSnapshot(bytes)
  if (accountsOf(tree).some(([, account]) => isNoAccount(account)))
    throw new SnapshotFormatError('A snapshot has an entry without a key.')
  if (bytesToHex(toSnapshot(tree)) !== bytesToHex(bytes))
    throw new SnapshotFormatError("A snapshot's accounts are not in ascending order, each once.")
  return tree
}

function writeEntry(bytes: Buffer, at: number, [index, account]: [number, Account]): void {
  bytes.writeUInt16BE(index, at)
  bytes.write(account.keyX.slice(2), at + 2, 'hex')
  bytes.write(account.keyY.slice(2), at + 34, 'hex')
  bytes.writeBigUInt64BE(account.balance, at + 66)
  bytes.writeBigUInt64BE(account.nonce, at + 74)
}

const readEntry = (bytes: Buffer, at: number): [index: number, account: Account] => [
  bytes.readUInt16BE(at),
  {
    keyX: `0x${bytes.toString('hex', at + 2, at + 34)}`,
    keyY: `0x${bytes.toString('hex', at + 34, at + 66)}`,
    balance: bytes.readBigUInt64BE(at + 66),
    nonce: bytes.readBigUInt64BE(at + 74),
  },
]
