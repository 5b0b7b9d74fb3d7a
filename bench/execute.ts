import { existsSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { zeroAddress, zeroHash } from 'viem'
import { treeOf } from '../kinds/payments/account-tree.ts'
import { accountKey, signTransfer } from '../kinds/payments/sign-transfer.ts'
import { toSnapshot } from '../kinds/payments/snapshot.ts'
import { encodeBatchData, SLOTS } from '../kinds/payments/transfer.ts'
import type { Hex } from '../protocol/base/ranges.ts'
import type { KindDefinition, PostedBatch, RollupState } from '../protocol/proof/rollup-kind.ts'
import type { Benchmark, Figures } from './benchmark.ts'

const ACCOUNTS = [4, 500, 2_000, 10_000] as const
const BATCHES = 4
const IDS = { chainId: '1000', forkId: '1' }

/** Time for the event loop to turn: pauses are counted from one turn to the next. */
const A_TURN_MS = 10

/** Keys cost more than all that is measured, so accounts share a few. */
const KEYS = Array.from({ length: 4 }, (_, i): Hex => `0x${(i + 1).toString(16).padStart(64, '0')}`)

/** Older builds execute where they are asked to, and the oldest have their kind in another file. */
const [THREAD, KIND, OLD_KIND] = [
  'workers/execution/execution-thread',
  'kinds/payments/kind',
  'kinds/payments/payments-kind',
]
  .map((path) => new URL(`../${path}.ts`, import.meta.url))
  .map(({ href }) => href) as [string, string, string]

const isThere = (module: string): boolean => existsSync(new URL(module))

/**
 * What the aggregator's `prepareSequence` has a kind do: it goes from a stored state to inputs of provers and the next
 * state.
 */
export const execute: Benchmark<'accounts'> = {
  name: 'execute',
  method:
    `a sequence of ${BATCHES} batches of ${SLOTS} signed transfers is executed on a stored state, where the build does ` +
    'so, and its state encoded; CPU is that of the whole process; no chain, no database',
  replaces: ['bench'],
  settings: { accounts: { what: 'accounts of one more state, at most 65536', default: 0 } },
  async measure({ accounts: more }) {
    const replays = await openReplays()
    const figures: Figures = {}
    await measureWith(replays, 4) // code is compiled, and loaded
    for (const accounts of more === 0 ? ACCOUNTS : [...ACCOUNTS, more])
      Object.assign(figures, await measureWith(replays, accounts))
    await replays.close()
    return figures
  },
}

/** Executes states one after the other, in a thread of their own or in this one. */
interface Replays {
  start(from: RollupState): Promise<{ execute(batch: PostedBatch): Promise<unknown>; snapshot(): Promise<Uint8Array> }>
  close(): Promise<void>
}

async function openReplays(): Promise<Replays> {
  if (!isThere(THREAD)) return replaysHere(await loadExecuteBatch())
  const { createExecutionThread }: typeof import('../workers/execution/execution-thread.ts') = await import(THREAD)
  const thread = createExecutionThread()
  const executor = thread.executorOf(KIND)
  return {
    async start({ snapshot, ...from }) {
      const replay = await executor.startReplay({ ...from, readSnapshot: async () => snapshot })
      return { execute: (batch) => replay.execute(batch, IDS), snapshot: () => replay.snapshot() }
    },
    close: () => thread.close(),
  }
}

type ExecuteBatch = KindDefinition<unknown>['executeBatch']

async function loadExecuteBatch(): Promise<ExecuteBatch> {
  if (isThere(KIND)) return (await import(KIND)).payments.executeBatch
  return (await import(OLD_KIND)).createPaymentsKind({}).executeBatch // it needs no verifier, for nothing is verified
}

const replaysHere = (executeBatch: ExecuteBatch): Replays => ({
  async start(from) {
    let state = from
    return {
      async execute(batch) {
        state = (await executeBatch(state, batch, IDS)).after
      },
      snapshot: async () => state.snapshot,
    }
  },
  close: async () => {},
})

async function measureWith(replays: Replays, accounts: number): Promise<Figures> {
  const stored = stateOf(accounts)
  const [first, ...later] = await batchesFor(accounts)
  if (first === undefined) throw new RangeError('There are no batches.')
  const pauses = monitorEventLoopDelay({ resolution: 1 })
  pauses.enable()
  await setTimeout(A_TURN_MS)
  const begin = clock()
  const replay = await replays.start(stored)
  await replay.execute(first)
  const afterFirst = clock()
  for (const batch of later) await replay.execute(batch)
  const { length } = await replay.snapshot()
  const end = clock()
  await setTimeout(A_TURN_MS)
  pauses.disable()
  if (length !== stored.snapshot.length) throw new Error('Transfers between accounts make no new ones.')
  const name = `${accounts.toLocaleString('en-US')} accounts`
  return {
    [`ms for the first batch, ${name}`]: afterFirst.wall - begin.wall,
    [`ms for each batch after it, ${name}`]: (end.wall - afterFirst.wall) / later.length,
    [`ms of CPU for the first batch, ${name}`]: afterFirst.cpu - begin.cpu,
    [`ms of CPU for each batch after it, ${name}`]: (end.cpu - afterFirst.cpu) / later.length,
    [`ms of CPU of the serving thread, ${name}`]: end.here - begin.here,
    [`ms of its longest pause, ${name}`]: pauses.max / 1e6,
  }
}

/** Reads clocks in ms: wall time, computing time of the whole process, and that of this thread. */
function clock() {
  const [all, here] = [process.cpuUsage(), process.threadCpuUsage()]
  return { wall: performance.now(), cpu: (all.user + all.system) / 1e3, here: (here.user + here.system) / 1e3 }
}

/** Makes a state as a database gives it. Nobody asks what it hashes to. */
function stateOf(count: number): RollupState {
  const keys = KEYS.map(accountKey)
  const accounts = Array.from({ length: count }, (_, index) => {
    const key = keys[index % keys.length]
    if (key === undefined) throw new RangeError('There are no keys.')
    return [index, { ...key, balance: 1_000_000n, nonce: 0n }] as const
  })
  const snapshot = toSnapshot(treeOf(accounts))
  // An executor would continue from a state that it knows already, so each has another root.
  const stateRoot: Hex = `0x${(nextState++).toString(16).padStart(64, '0')}`
  return { batchNum: 0, stateRoot, accInputHash: zeroHash, snapshot }
}

let nextState = 0

/** Signs transfers between accounts that lie far from each other, as far as there are so many. */
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
