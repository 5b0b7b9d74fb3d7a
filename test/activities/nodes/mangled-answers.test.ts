import fc from 'fast-check'
import { foundry } from 'viem/chains'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createSurveyRollup } from '../../../activities/rollup/survey-rollup.ts'
import { createAdvanceSender } from '../../../activities/sender/advance-sender.ts'
import { createLookAtSequence } from '../../../activities/sequence/look-at-sequence.ts'
import { type Chain, createChain } from '../../../chain/create-chain.ts'
import { NoContractError } from '../../../chain/errors.ts'
import { listSequenceAttempts } from '../../../db/attempts/attempts.ts'
import { RetryableError } from '../../../protocol/base/errors.ts'
import type { SequenceRef } from '../../../protocol/base/ranges.ts'
import { Harness } from '../../contracts/harness.ts'
import { nextSequence } from '../../contracts/sequences.ts'
import { always, type Habit, type RpcFront, refuses, startRpcFront } from '../../support/rpc/rpc-front.ts'
import { type MinerOnAnvil, startMiner } from '../miner-on-anvil.ts'

/** Refuses what leads a node to be asked in another way. */
const without = (...methods: readonly string[]) => [refuses(-32601, ...methods)]

/** Nodes that are asked in different ways, by what they do besides mangling answers. */
const NODES = {
  usual: [],
  'without simulation and history of fees': without('eth_simulateV1', 'eth_feeHistory'),
  'without tips, too': without('eth_simulateV1', 'eth_feeHistory', 'eth_maxPriorityFeePerGas'),
} satisfies Record<string, readonly Habit[]>
type NodeName = keyof typeof NODES

/** What we ask nodes by, and which node is asked so. The run fails when it has met another, or not all of these. */
const METHODS: Record<string, NodeName> = {
  eth_chainId: 'usual',
  eth_call: 'usual',
  eth_getBalance: 'usual',
  eth_getTransactionCount: 'usual',
  eth_getTransactionByHash: 'usual',
  eth_getBlockByNumber: 'usual',
  eth_getBlockByHash: 'usual',
  eth_getTransactionReceipt: 'usual',
  eth_getLogs: 'usual',
  eth_feeHistory: 'usual',
  eth_sendRawTransaction: 'usual',
  eth_simulateV1: 'usual',
  eth_config: 'usual',
  eth_estimateGas: 'without simulation and history of fees',
  eth_maxPriorityFeePerGas: 'without simulation and history of fees',
  eth_gasPrice: 'without tips, too',
}

/** How often each method's answers are mangled: by the only endpoint, and by one of three. */
const RUNS_EACH = { alone: 3, ofThree: 2 }

let harness: Harness
let fronts: [RpcFront, RpcFront, RpcFront]
let miner: MinerOnAnvil
let open: SequenceRef
let mined: SequenceRef

/** Opens one sequence that is proved, and one whose hash is out and in no block. */
async function start(): Promise<void> {
  harness = await Harness.start()
  onTestFinished(() => harness.anvil.stop())
  fronts = [
    await startRpcFront(harness.anvil.url),
    await startRpcFront(harness.anvil.url),
    await startRpcFront(harness.anvil.url),
  ]
  onTestFinished(() => Promise.all(fronts.map((front) => front.close())).then(() => undefined))
  miner = await startMiner({ harness, stakeWei: 5_000n })
  const first = nextSequence(undefined, 1)
  mined = await miner.open(first)
  await miner.live(6)
  open = await miner.open(nextSequence(first, 1))
  await miner.look()
  await miner.pass()
}

test('what is asked of nodes is what is mangled here', async () => {
  await start()
  for (const habits of Object.values(NODES)) {
    for (const front of fronts) front.habits = habits
    use(chainOf(1))
    await Promise.all(jobs())
  }
  const asked = new Set(fronts[0].calls.map(({ method }) => method))
  expect([...asked].toSorted()).toEqual(Object.keys(METHODS).toSorted())
})

describe('answers that are mangled in one field or as a whole', () => {
  test('of the only endpoint: a pass and a look work, or fail as errors that are tried again', async () => {
    await start()
    await forEachMethod(RUNS_EACH.alone, async (method, mangle) => {
      use(chainOf(1)) // it is new each time, for what was read at a block is remembered
      fronts[0].habits = [...nodeOf(method), mangling(method, mangle)]
      for (const outcome of await Promise.allSettled(jobs())) {
        if (outcome.status === 'rejected') expect(isForeseen(outcome.reason), String(outcome.reason)).toBe(true)
      }
    })
  }, 240_000)

  test('of one of three: a pass and a look work, and decide the same', async () => {
    await start()
    const before = new Map<readonly Habit[], unknown>()
    for (const habits of Object.values(NODES)) {
      for (const front of fronts) front.habits = habits
      before.set(habits, await decisions())
    }
    await forEachMethod(RUNS_EACH.ofThree, async (method, mangle, liar) => {
      const node = nodeOf(method)
      for (const [i, front] of fronts.entries()) front.habits = i === liar ? [...node, mangling(method, mangle)] : node
      expect(await decisions()).toEqual(before.get(node))
    })
  }, 240_000)

  test("of receipts: none is taken for a success that it isn't, nor for another block", async () => {
    await start()
    const chain = chainOf(1)
    const txHashes = (await listSequenceAttempts(miner.deps.db, mined)).map(({ txHash }) => txHash)
    const { receipts: honest } = await chain.readAccount({ account: miner.miner, txHashes })
    expect(honest.length).toBeGreaterThan(1)
    await fc.assert(
      fc.asyncProperty(mangled, async (mangle) => {
        fronts[0].habits = [mangling('eth_getTransactionReceipt', mangle)]
        const { receipts } = await chain.readAccount({ account: miner.miner, txHashes })
        for (const receipt of receipts) {
          const real = honest.find(({ txHash }) => txHash === receipt.txHash)
          // A number may be replaced by another number, which one endpoint alone can always lie about.
          expect(Number.isSafeInteger(receipt.blockNumber) && /^0x[0-9a-f]{64}$/.test(receipt.blockHash)).toBe(true)
          expect(['success', 'reverted']).toContain(receipt.status)
          expect(real).toBeDefined()
        }
      }),
      { numRuns: 60, endOnFailure: true },
    )
  }, 240_000)
})

type Mangle = (result: unknown) => unknown

/** Tries a few manglings of each method's answers, by one of the endpoints where there are three. */
async function forEachMethod(
  numRuns: number,
  holds: (method: string, mangle: Mangle, liar: number) => Promise<void>,
): Promise<void> {
  for (const method of Object.keys(METHODS)) {
    const property = fc.asyncProperty(fc.constant(method), mangled, fc.constantFrom(0, 1, 2), holds)
    await fc.assert(property, { numRuns, endOnFailure: true })
  }
}

const nodeOf = (method: string): readonly Habit[] => NODES[METHODS[method] ?? 'usual']

const mangling = (method: string, mangle: Mangle): Habit => always(() => ({ kind: 'answer', change: mangle }), method)

/**
 * Tells whether a workflow shows the error and tries again. An only endpoint that answers `0x` to a call says that
 * there is no contract.
 */
const isForeseen = (error: unknown): boolean => error instanceof RetryableError || error instanceof NoContractError

/** Other forms of a value: of another type, missing, null, out of range, or in another case. */
const odd = fc.constantFrom<unknown[]>(
  undefined as never,
  null as never,
  ...([
    0,
    -1,
    1.5,
    true,
    false,
    '',
    '0x',
    '0x0',
    '0xzz',
    'latest',
    '1',
    {},
    [],
    [[]],
    [null],
    `0x${'f'.repeat(64)}`,
    `0x${'F'.repeat(70)}`,
  ] as never[]),
)

const mangled = fc.tuple(fc.nat(), odd, fc.constantFrom('field', 'whole', 'drop', 'capitals')).map(
  ([at, value, how]): Mangle =>
    (result) => {
      if (how === 'capitals') return shout(result)
      if (how === 'whole' || typeof result !== 'object' || result === null) return value === undefined ? null : value
      const target = Array.isArray(result) ? result : { ...result }
      const keys = Object.keys(target)
      const key = keys[at % Math.max(1, keys.length)]
      if (key === undefined) return result
      if (how === 'drop' && !Array.isArray(target))
        return Object.fromEntries(Object.entries(target).filter(([name]) => name !== key))
      return Object.assign(Array.isArray(target) ? [...target] : target, { [key]: value })
    },
)

function shout(value: unknown): unknown {
  if (typeof value === 'string') return value.startsWith('0x') ? `0x${value.slice(2).toUpperCase()}` : value
  if (Array.isArray(value)) return value.map(shout)
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shout(one)]))
    : value
}

function chainOf(endpoints: number): Chain {
  const rpcUrls = fronts.slice(0, endpoints).map(({ url }) => url)
  return createChain({ chainId: foundry.id, rpcUrls, finality: { confirmations: 2 }, maxFeePerGasWei: 10n ** 9n })
}

/** Has the miner's activities read through it from now on. */
function use(chain: Chain): void {
  Object.assign(miner.rollup, { chain })
  for (const sender of miner.deps.senders) Object.assign(sender, { chain })
}

const jobs = () =>
  [
    createAdvanceSender(miner.deps)({ chainId: foundry.id, account: miner.miner, queue: miner.queue }),
    createLookAtSequence(miner.deps)({ sequence: open }),
    createLookAtSequence(miner.deps)({ sequence: mined }),
    createSurveyRollup(miner.deps)({ rollup: miner.rollup.name }),
    readPosted(),
  ] as const

/** Reads what is read of a sequence to prepare it. */
const readPosted = () =>
  miner.rollup.chain.readSequencing({ contract: miner.harness.rollup, range: open, deployedAtBlock: 0 })

/** Reads what is decided, without what a broadcast changes. */
async function decisions() {
  const chain = chainOf(3)
  use(chain)
  const [pass, first, second, survey, posted] = await Promise.all(jobs())
  const { head } = await chain.agreedBlocks()
  return {
    waits: pass.waitMs === null,
    steps: [first.step, second.step],
    lastVerifiedBatch: survey.lastVerifiedBatch,
    calldata: posted?.calldata,
    head: head.number,
  }
}
