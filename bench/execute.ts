import { zeroAddress, zeroHash } from 'viem'
import { stateRoot, treeOf } from '../kinds/payments/account-tree.ts'
import { payments } from '../kinds/payments/kind.ts'
import { accountKey, signTransfer } from '../kinds/payments/sign-transfer.ts'
import { toSnapshot } from '../kinds/payments/snapshot.ts'
import { encodeBatchData, SLOTS } from '../kinds/payments/transfer.ts'
import type { Hex } from '../protocol/base/ranges.ts'
import type { PostedBatch, RollupState } from '../protocol/proof/rollup-kind.ts'
import type { Benchmark, Figures } from './benchmark.ts'

const ACCOUNTS = [4, 500, 2_000] as const
const BATCHES = 4
const IDS = { chainId: '1000', forkId: '1' }

/** Keys cost more than all that is measured, so accounts share a few. */
const KEYS = Array.from({ length: 4 }, (_, i): Hex => `0x${(i + 1).toString(16).padStart(64, '0')}`)

/**
 * What the aggregator's `prepareSequence` has a kind do: it goes from a stored state to inputs of provers and the next
 * state.
 */
export const execute: Benchmark = {
  name: 'execute',
  method:
    `a sequence of ${BATCHES} batches of ${SLOTS} signed transfers is executed on a stored state, and its state encoded; ` +
    'no chain, no database',
  async measure() {
    const figures: Figures = {}
    for (const accounts of ACCOUNTS) Object.assign(figures, await measureWith(accounts))
    return figures
  },
}

async function measureWith(accounts: number): Promise<Figures> {
  const start = stateOf(accounts)
  const batches = await batchesFor(accounts)
  await executeAll(start, batches.slice(0, 2)) // code is compiled, and loaded
  const stored = { ...start, snapshot: new Uint8Array(start.snapshot) } // as a database gives it
  const begin = performance.now()
  const first = await executeAll(stored, batches.slice(0, 1))
  const afterFirst = performance.now()
  const { snapshot } = await executeAll(first, batches.slice(1))
  const end = performance.now()
  if (snapshot.length !== start.snapshot.length) throw new Error('Transfers between accounts make no new ones.')
  const name = `${accounts.toLocaleString('en-US')} accounts`
  return {
    [`ms for the first batch, ${name}`]: afterFirst - begin,
    [`ms for each batch after it, ${name}`]: (end - afterFirst) / (batches.length - 1),
  }
}

async function executeAll(before: RollupState, batches: readonly PostedBatch[]): Promise<RollupState> {
  let state = before
  for (const batch of batches) state = (await payments.executeBatch(state, batch, IDS)).after
  return state
}

function stateOf(count: number): RollupState {
  const keys = KEYS.map(accountKey)
  const accounts = Array.from({ length: count }, (_, index) => {
    const key = keys[index % keys.length]
    if (key === undefined) throw new RangeError('There are no keys.')
    return [index, { ...key, balance: 1_000_000n, nonce: 0n }] as const
  })
  const tree = treeOf(accounts)
  return { batchNum: 0, stateRoot: stateRoot(tree), accInputHash: zeroHash, snapshot: toSnapshot(tree) }
}

/** Transfers from accounts that lie far from each other, as far as there are so many. */
async function batchesFor(accounts: number): Promise<PostedBatch[]> {
  const nonces = new Map<number, bigint>()
  const next = async (i: number): Promise<Hex> => {
    const [from, to] = [(i * 2_477) % accounts, (i * 2_477 + 1 + ((i * 911) % (accounts - 1))) % accounts]
    const nonce = nonces.get(from) ?? 0n
    nonces.set(from, nonce + 1n)
    const privateKey = KEYS[from % KEYS.length]
    if (privateKey === undefined) throw new RangeError('There are no keys.')
    return signTransfer({ privateKey, chainId: BigInt(IDS.chainId), body: { from, to, amount: 1n, nonce } })
  }
  const batches: PostedBatch[] = []
  for (let i = 0; i < BATCHES; i++) {
    const transfers = await Promise.all(Array.from({ length: SLOTS }, (_, slot) => next(i * SLOTS + slot)))
    batches.push({
      ...{ transactions: encodeBatchData(transfers), globalExitRoot: zeroHash },
      ...{ timestamp: 1_700_000_000n, coinbase: zeroAddress },
    })
  }
  return batches
}
