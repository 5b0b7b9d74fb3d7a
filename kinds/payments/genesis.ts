import { concatHex, encodePacked, hexToBigInt, isHex, size, sliceHex } from 'viem/utils'
import type { Hex } from '../../protocol/base/ranges.ts'
import type { FirstState } from '../../protocol/proof/rollup-kind.ts'
import type { Account } from './account.ts'
import { type AccountTree, stateRoot, TREE_SIZE, treeOf } from './account-tree.ts'
import { GenesisFormatError, GenesisRootError } from './errors.ts'
import { isOnCurve } from './secp256k1.ts'

/** Bytes of a genesis account: key x 32, key y 32, balance 8. Its place in the list is its index. */
const GENESIS_ACCOUNT_BYTES = 72

/** Makes what a contract of this kind is initialised with: each account's place is its index. Nonces begin at 0. */
export const genesisOf = (accounts: readonly Omit<Account, 'nonce'>[]): FirstState => ({
  stateRoot: stateRoot(treeOf(accounts.map((account, index) => [index, { ...account, nonce: 0n }] as const))),
  state: encodeGenesis(accounts),
})

/** Gives the accounts' bytes, one after the other. */
export const encodeGenesis = (accounts: readonly Omit<Account, 'nonce'>[]): Hex =>
  concatHex(
    accounts.map(({ keyX, keyY, balance }) => encodePacked(['bytes32', 'bytes32', 'uint64'], [keyX, keyY, balance])),
  )

/**
 * Makes the first state, from the bytes that the contract emitted.
 * @throws GenesisFormatError when they are no list of accounts whose keys are on the curve.
 * @throws GenesisRootError when they don't hash to the contract's state root of batch 0.
 */
export function decodeGenesis({ stateRoot: expected, state }: FirstState): AccountTree {
  const tree = treeOf(decodeAccounts(state).map((account, index) => [index, account] as const))
  const actual = stateRoot(tree)
  if (BigInt(actual) !== BigInt(expected)) throw new GenesisRootError({ expected, actual })
  return tree
}

function decodeAccounts(accounts: Hex): Account[] {
  if (!isHex(accounts) || accounts.length % 2 !== 0)
    throw new GenesisFormatError('The genesis accounts are not whole bytes in hexadecimal.')
  const count = size(accounts) / GENESIS_ACCOUNT_BYTES
  if (!Number.isInteger(count))
    throw new GenesisFormatError(`${size(accounts)} bytes are no multiple of ${GENESIS_ACCOUNT_BYTES}.`)
  if (count > TREE_SIZE) throw new GenesisFormatError(`${count} accounts are more than the tree's ${TREE_SIZE}.`)
  return Array.from({ length: count }, (_, index) => decodeAccount(accounts, index))
}

function decodeAccount(accounts: Hex, index: number): Account {
  const start = index * GENESIS_ACCOUNT_BYTES
  const account = {
    keyX: sliceHex(accounts, start, start + 32),
    keyY: sliceHex(accounts, start + 32, start + 64),
    balance: hexToBigInt(sliceHex(accounts, start + 64, start + 72)),
    nonce: 0n,
  }
  // The circuit's signature check is sound for any key, but only keys on the curve are an account's.
  if (!isOnCurve(account)) throw new GenesisFormatError(`The key of genesis account ${index} is not on secp256k1.`)
  return account
}
