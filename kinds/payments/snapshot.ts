import { bytesToBigInt, bytesToHex, concatBytes, hexToBytes, numberToBytes } from 'viem/utils'
import { type Account, isNoAccount } from './account.ts'
import { type AccountTree, accountsOf, treeOf } from './account-tree.ts'
import { SnapshotFormatError } from './errors.ts'

/** First bytes of every snapshot: ASCII "zkpow/s1". */
const TAG = new TextEncoder().encode('zkpow/s1')
/** Bytes of an account: index 2, key x 32, key y 32, balance 8, nonce 8, big-endian. */
const ENTRY_BYTES = 82

/** A state as compact bytes: a tag, then its accounts in ascending order of index. Equal states have equal bytes. */
export const toSnapshot = (tree: AccountTree): Uint8Array => concatBytes([TAG, ...accountsOf(tree).map(encodeEntry)])

/**
 * Inverse of {@link toSnapshot}.
 * @throws SnapshotFormatError for bytes that are no snapshot. That the state is the right one, its root says.
 */
export function fromSnapshot(bytes: Uint8Array): AccountTree {
  if (bytesToHex(bytes.subarray(0, TAG.length)) !== bytesToHex(TAG))
    throw new SnapshotFormatError('The bytes are no snapshot of a payments state.')
  const count = (bytes.length - TAG.length) / ENTRY_BYTES
  if (!Number.isInteger(count))
    throw new SnapshotFormatError(`A snapshot of ${bytes.length} bytes ends within an account.`)
  return treeOf(Array.from({ length: count }, (_, i) => decodeEntry(bytes.subarray(TAG.length + i * ENTRY_BYTES))))
}

/**
 * The state that bytes from elsewhere are. Only one form of each state is taken: an entry without a key hashes to
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

const encodeEntry = ([index, account]: [number, Account]): Uint8Array =>
  concatBytes([
    numberToBytes(index, { size: 2 }),
    hexToBytes(account.keyX),
    hexToBytes(account.keyY),
    numberToBytes(account.balance, { size: 8 }),
    numberToBytes(account.nonce, { size: 8 }),
  ])

const decodeEntry = (entry: Uint8Array): [index: number, account: Account] => [
  Number(bytesToBigInt(entry.subarray(0, 2))),
  {
    keyX: bytesToHex(entry.subarray(2, 34)),
    keyY: bytesToHex(entry.subarray(34, 66)),
    balance: bytesToBigInt(entry.subarray(66, 74)),
    nonce: bytesToBigInt(entry.subarray(74, 82)),
  },
]
