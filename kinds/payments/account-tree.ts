import { numberToHex } from 'viem/utils'
import type { Hex } from '../../protocol/base/ranges.ts'
import { type Account, accountLeaf, NO_ACCOUNT } from './account.ts'
import { poseidon2 } from './poseidon2.ts'

/** Levels between an account and the root. Must match DEPTH in circuits/lib. */
export const DEPTH = 16
/** Indices that the tree has. */
export const TREE_SIZE = 2 ** DEPTH

/**
 * A node that has accounts below it; an absent node is an empty subtree. It is never changed but for its hash, which is
 * reckoned when somebody asks: most nodes of the trees between two transfers are asked for none. Updates share what
 * they don't touch.
 */
interface Node {
  hash?: bigint
  left?: Node | undefined
  right?: Node | undefined
  account?: Account
}

/** The rollup's state: accounts by index in a sparse Merkle tree. It is immutable. */
export interface AccountTree {
  readonly top: Node | undefined
}

/** Root of an empty subtree, by its height. */
const EMPTY: readonly bigint[] = Array.from({ length: DEPTH }).reduce<bigint[]>(
  (roots) => [...roots, poseidon2([roots.at(-1) ?? 0n, roots.at(-1) ?? 0n])],
  [0n],
)

/**
 * Makes the tree that has these accounts, each at the index that it comes with. Indices are below {@link TREE_SIZE} and
 * distinct.
 */
export const treeOf = (accounts: Iterable<readonly [index: number, account: Account]>): AccountTree => ({
  top: build([...accounts], DEPTH),
})

function build(accounts: (readonly [number, Account])[], height: number): Node | undefined {
  const [first] = accounts
  if (first === undefined) return undefined
  if (height === 0) return { account: first[1] }
  const isRight = ([index]: readonly [number, Account]) => bit(index, height - 1)
  const left = build(
    accounts.filter((entry) => !isRight(entry)),
    height - 1,
  )
  return { left, right: build(accounts.filter(isRight), height - 1) }
}

/** Gives the state root as the contract stores it: 32 bytes, below the field's modulus. */
export const stateRoot = (tree: AccountTree): Hex => toWord(hashOf(tree.top, DEPTH))

/** Gives the account at an index, {@link NO_ACCOUNT} where there is none. */
export function accountAt(tree: AccountTree, index: number): Account {
  let node = tree.top
  for (let height = DEPTH; height > 0; height--) node = bit(index, height - 1) ? node?.right : node?.left
  return node?.account ?? NO_ACCOUNT
}

/** Gives the tree with another account at an index. */
export function withAccount(tree: AccountTree, index: number, account: Account): AccountTree {
  const replace = (node: Node | undefined, height: number): Node => {
    if (height === 0) return { account }
    return bit(index, height - 1)
      ? { left: node?.left, right: replace(node?.right, height - 1) }
      : { left: replace(node?.left, height - 1), right: node?.right }
  }
  return { top: replace(tree.top, DEPTH) }
}

/** Gives the hashes beside the path from an index to the root, lowest level first. */
export function siblings(tree: AccountTree, index: number): bigint[] {
  const path: bigint[] = []
  let node = tree.top
  for (let height = DEPTH; height > 0; height--) {
    const goesRight = bit(index, height - 1)
    path.unshift(hashOf(goesRight ? node?.left : node?.right, height - 1))
    node = goesRight ? node?.right : node?.left
  }
  return path
}

/** Lists all accounts with their indices, in ascending order of index. */
export function accountsOf(tree: AccountTree): [index: number, account: Account][] {
  const found: [number, Account][] = []
  const walk = (node: Node | undefined, height: number, start: number): void => {
    if (node === undefined) return
    if (node.account !== undefined) found.push([start, node.account])
    walk(node.left, height - 1, start)
    walk(node.right, height - 1, start + 2 ** (height - 1))
  }
  walk(tree.top, DEPTH, 0)
  return found
}

const bit = (index: number, position: number): boolean => ((index >> position) & 1) === 1

function hashOf(node: Node | undefined, height: number): bigint {
  if (node === undefined) return emptyRoot(height)
  node.hash ??=
    node.account === undefined
      ? poseidon2([hashOf(node.left, height - 1), hashOf(node.right, height - 1)])
      : accountLeaf(node.account)
  return node.hash
}

function emptyRoot(height: number): bigint {
  const root = EMPTY[height]
  if (root === undefined) throw new RangeError(`Height ${height} is out of range (0 to ${DEPTH}).`)
  return root
}

const toWord = (value: bigint): Hex => numberToHex(value, { size: 32 })
