import { poseidon2Hash } from '@zkpassport/poseidon2'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Account, accountLeaf, NO_ACCOUNT } from '../../../kinds/payments/account.ts'
import {
  accountAt,
  accountsOf,
  DEPTH,
  siblings,
  stateRoot,
  treeOf,
  withAccount,
} from '../../../kinds/payments/account-tree.ts'
import { GenesisFormatError, GenesisRootError, SnapshotFormatError } from '../../../kinds/payments/errors.ts'
import { decodeGenesis, encodeGenesis, genesisOf } from '../../../kinds/payments/genesis.ts'
import { accountKey } from '../../../kinds/payments/sign-transfer.ts'
import { fromSnapshot, toSnapshot } from '../../../kinds/payments/snapshot.ts'
import type { Hex } from '../../../protocol/base/ranges.ts'
import { word } from '../../../protocol/proof/public-input.ts'

describe('the tree', () => {
  test('the order in which accounts come does not matter', () => {
    fc.assert(
      fc.property(anyAccounts, (accounts) => {
        const oneByOne = [...accounts]
          .reverse()
          .reduce((tree, [index, account]) => withAccount(tree, index, account), treeOf([]))
        expect(stateRoot(oneByOne)).toBe(stateRoot(treeOf(accounts)))
        expect(accountsOf(oneByOne)).toEqual([...accounts].sort(([a], [b]) => a - b))
      }),
      { numRuns: 20 },
    )
  })

  test('an account and its siblings hash to the root, whether it exists or not', () => {
    fc.assert(
      fc.property(anyAccounts, fc.integer({ min: 0, max: 65535 }), (accounts, other) => {
        const tree = treeOf(accounts)
        for (const index of [...accounts.map(([index]) => index), other])
          expect(rootOf(accountAt(tree, index), index, siblings(tree, index))).toBe(stateRoot(tree))
      }),
      { numRuns: 20 },
    )
  })

  test('an update leaves the old tree as it was', () => {
    const before = treeOf([[7, accountOf(1n)]])
    const root = stateRoot(before)
    expect(stateRoot(withAccount(before, 7, accountOf(2n)))).not.toBe(root)
    expect(accountAt(before, 7)).toEqual(accountOf(1n))
    expect(accountAt(before, 8)).toEqual(NO_ACCOUNT)
  })
})

describe('a snapshot', () => {
  test('fromSnapshot(toSnapshot(tree)) ≡ tree', () => {
    fc.assert(
      fc.property(anyAccounts, (accounts) => {
        const tree = treeOf(accounts)
        expect(fromSnapshot(toSnapshot(tree))).toEqual(tree)
      }),
      { numRuns: 20 },
    )
  })

  test.each([
    { what: 'nothing', bytes: new Uint8Array() },
    { what: 'another tag', bytes: new TextEncoder().encode('zkpow/s2') },
    { what: 'a cut account', bytes: toSnapshot(treeOf([[1, accountOf(1n)]])).slice(0, -1) },
  ])('$what is refused', ({ bytes }) => expect(() => fromSnapshot(bytes)).toThrow(SnapshotFormatError))
})

describe('a genesis', () => {
  const accounts = [1n, 2n, 3n].map((key) => ({ ...accountKey(word(key)), balance: key }))
  const bytes = encodeGenesis(accounts)
  const root = stateRoot(treeOf(accounts.map((account, index) => [index, { ...account, nonce: 0n }] as const)))

  test('is what a contract is initialised with', () => {
    expect(genesisOf(accounts)).toEqual({ stateRoot: root, state: bytes })
  })

  test('is a list of accounts, whose places are their indices', () => {
    const tree = decodeGenesis({ stateRoot: root, state: bytes })
    expect(stateRoot(tree)).toBe(root)
    expect(accountAt(tree, 2)).toEqual({ ...accounts[2], nonce: 0n })
  })

  test('may be empty', () => {
    expect(accountsOf(decodeGenesis({ stateRoot: stateRoot(treeOf([])), state: '0x' }))).toEqual([])
  })

  test('with another root is refused', () => {
    expect(() => decodeGenesis({ stateRoot: word(1n), state: bytes })).toThrow(GenesisRootError)
  })

  const withKey = (keyX: Hex, keyY: Hex) => encodeGenesis([{ keyX, keyY, balance: 1n }])
  test.each<{ what: string; malformed: Hex }>([
    { what: 'a byte too few', malformed: bytes.slice(0, -2) as Hex },
    { what: 'half a byte', malformed: bytes.slice(0, -1) as Hex },
    { what: 'no hexadecimal', malformed: '0xgg' },
    { what: 'too many accounts', malformed: `0x${'00'.repeat(72 * 65537)}` },
    { what: 'a key of zeroes', malformed: withKey(word(0n), word(0n)) },
    { what: 'a key beside the curve', malformed: withKey(word(1n), word(1n)) },
    { what: 'a key that is not reduced', malformed: withKey(word(2n ** 256n - 1n), word(1n)) },
  ])('with $what is refused', ({ malformed }) =>
    expect(() => decodeGenesis({ stateRoot: root, state: malformed })).toThrow(GenesisFormatError),
  )
})

/** Hashes from a leaf to the root as the circuit does. */
function rootOf(account: Account, index: number, path: bigint[]): Hex {
  expect(path).toHaveLength(DEPTH)
  const step = (node: bigint, sibling: bigint, level: number) =>
    poseidon2Hash((index >> level) & 1 ? [sibling, node] : [node, sibling])
  return word(path.reduce(step, accountLeaf(account)))
}

const accountOf = (balance: bigint): Account => ({ keyX: word(5n), keyY: word(6n), balance, nonce: balance })

const anyAccounts = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 65535 }), fc.bigInt(0n, 2n ** 64n - 1n)), {
    selector: ([index]) => index,
    maxLength: 6,
  })
  .map((entries) => entries.map(([index, balance]): [number, Account] => [index, accountOf(balance)]))
