import { zeroAddress, zeroHash } from 'viem'
import { expect, test, vi } from 'vitest'
import { DEPTH, stateRoot, treeOf } from '../../../kinds/payments/account-tree.ts'
import { payments as kind } from '../../../kinds/payments/kind.ts'
import { accountKey, signTransfer } from '../../../kinds/payments/sign-transfer.ts'
import { toSnapshot } from '../../../kinds/payments/snapshot.ts'
import { encodeBatchData, SLOTS } from '../../../kinds/payments/transfer.ts'
import type { Hex } from '../../../protocol/base/ranges.ts'
import type { RollupState } from '../../../protocol/proof/rollup-kind.ts'

const hashes = vi.hoisted(() => ({ asked: 0 }))
vi.mock(import('../../../kinds/payments/poseidon2.ts'), async (original) => {
  const real = await original()
  return {
    ...real,
    poseidon2: (numbers) => {
      hashes.asked += 1
      return real.poseidon2(numbers)
    },
  }
})

const KEY: Hex = `0x${'11'.repeat(32)}`
const IDS = { chainId: '1000', forkId: '1' }
/** Each transfer changes two accounts, and so a leaf and its way up for each. */
const MOST_A_BATCH = SLOTS * 2 * (DEPTH + 1)

test.each([
  { accounts: 4, most: MOST_A_BATCH / 2, why: 'ways that are shared are hashed once' },
  { accounts: 300, most: MOST_A_BATCH, why: 'accounts that nobody touches are not hashed again' },
])('a batch on a state that was just made, of $accounts accounts: $why', async ({ accounts, most }) => {
  const stored = stateOf(accounts)
  const first = await countHashes(async () => (await kind.executeBatch(stored, await batch(accounts, 0n), IDS)).after)
  expect(first.asked).toBeGreaterThan(accounts) // all of what the bytes say is hashed, or nothing would be counted
  expect(first.asked).toBeLessThanOrEqual(2 * accounts + DEPTH + MOST_A_BATCH) // each of it is hashed once
  const second = await countHashes(
    async () => (await kind.executeBatch(first.value, await batch(accounts, 1n), IDS)).after,
  )
  expect(second.asked).toBeGreaterThan(0)
  expect(second.asked).toBeLessThanOrEqual(most)
  const { value: bytes, asked } = await countHashes(async () => second.value.snapshot)
  expect(asked).toBe(0)
  expect(kind.stateRootOf(bytes)).toBe(second.value.stateRoot)
})

async function countHashes<T>(act: () => Promise<T>): Promise<{ value: T; asked: number }> {
  const before = hashes.asked
  const value = await act()
  return { value, asked: hashes.asked - before }
}

function stateOf(count: number): RollupState {
  const account = { ...accountKey(KEY), balance: 1_000n, nonce: 0n }
  const tree = treeOf(Array.from({ length: count }, (_, index) => [index, account] as const))
  return { batchNum: 0, stateRoot: stateRoot(tree), accInputHash: zeroHash, snapshot: toSnapshot(tree) }
}

/** Makes transfers from four accounts, spread over all, to their neighbours. */
async function batch(accounts: number, nonce: bigint) {
  const transfers = Array.from({ length: SLOTS }, (_, i) => {
    const from = Math.floor((i * accounts) / SLOTS)
    return signTransfer({
      privateKey: KEY,
      chainId: 1000n,
      body: { from, to: (from + 1) % accounts, amount: 1n, nonce },
    })
  })
  const transactions = encodeBatchData(await Promise.all(transfers))
  return { transactions, globalExitRoot: zeroHash, timestamp: 1n, coinbase: zeroAddress }
}
