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
import type { RollupSurvey } from '../../../protocol/rollup/survey.ts'
import type { SenderPass } from '../../../protocol/sender/view.ts'
import type { SequenceLook } from '../../../protocol/sequence/look.ts'
import { Harness } from '../../contracts/harness.ts'
import { nextSequence } from '../../contracts/sequences.ts'
import { always, type RpcFront, startRpcFront } from '../../support/rpc/rpc-front.ts'
import { type MinerOnAnvil, startMiner } from '../miner-on-anvil.ts'

/** What we ask nodes by. The run fails when it has met another, or not all of these. */
const METHODS = [
  'eth_chainId',
  'eth_call',
  'eth_getBalance',
  'eth_getTransactionCount',
  'eth_getBlockByNumber',
  'eth_getBlockByHash',
  'eth_getTransactionReceipt',
  'eth_getLogs',
  'eth_feeHistory',
  'eth_maxPriorityFeePerGas',
  'eth_sendRawTransaction',
  'eth_simulateV1',
  'eth_config',
]

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
  use(chainOf(1))
  await work()
  const asked = new Set(fronts[0].calls.map(({ method }) => method))
  expect([...asked].filter((method) => !METHODS.includes(method))).toEqual([])
})

describe('answers that are mangled in one field or as a whole', () => {
  test('of the only endpoint: a pass and a look work, or fail as errors that are tried again', async () => {
    await start()
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...METHODS), mangling, async (method, mangle) => {
        use(chainOf(1)) // it is new each time, for what was read at a block is remembered
        fronts[0].habits = [always(() => ({ kind: 'answer', change: mangle }), method)]
        for (const outcome of await Promise.allSettled(jobs())) {
          if (outcome.status === 'rejected') expect(isForeseen(outcome.reason), String(outcome.reason)).toBe(true)
        }
      }),
      { numRuns: 15, endOnFailure: true },
    )
  }, 240_000)

  test('of one of three: a pass and a look work, and decide the same', async () => {
    await start()
    const before = await decisions()
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...METHODS),
        mangling,
        fc.constantFrom(0, 1, 2),
        async (method, mangle, liar) => {
          for (const front of fronts) front.habits = []
          ;(fronts[liar] as RpcFront).habits = [always(() => ({ kind: 'answer', change: mangle }), method)]
          expect(await decisions()).toEqual(before)
        },
      ),
      { numRuns: 10, endOnFailure: true },
    )
  }, 240_000)

  test("of receipts: none is taken for a success that it isn't, nor for another block", async () => {
    await start()
    const chain = chainOf(1)
    const txHashes = (await listSequenceAttempts(miner.deps.db, mined)).map(({ txHash }) => txHash)
    const { receipts: honest } = await chain.readAccount({ account: miner.miner, txHashes })
    expect(honest.length).toBeGreaterThan(1)
    await fc.assert(
      fc.asyncProperty(mangling, async (mangle) => {
        fronts[0].habits = [always(() => ({ kind: 'answer', change: mangle }), 'eth_getTransactionReceipt')]
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

const mangling = fc
  .tuple(fc.nat(), odd, fc.constantFrom('field', 'whole', 'drop', 'capitals'))
  .map(([at, value, how]) => (result: unknown) => {
    if (how === 'capitals') return shout(result)
    if (how === 'whole' || typeof result !== 'object' || result === null) return value === undefined ? null : value
    const target = Array.isArray(result) ? result : { ...result }
    const keys = Object.keys(target)
    const key = keys[at % Math.max(1, keys.length)]
    if (key === undefined) return result
    if (how === 'drop' && !Array.isArray(target))
      return Object.fromEntries(Object.entries(target).filter(([name]) => name !== key))
    return Object.assign(Array.isArray(target) ? [...target] : target, { [key]: value })
  })

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

const jobs = () => [
  createAdvanceSender(miner.deps)({ chainId: foundry.id, account: miner.miner, queue: miner.queue }),
  createLookAtSequence(miner.deps)({ sequence: open }),
  createLookAtSequence(miner.deps)({ sequence: mined }),
  createSurveyRollup(miner.deps)({ rollup: miner.rollup.name }),
]

const work = () => Promise.all(jobs())

/** Reads what is decided, without what a broadcast changes. */
async function decisions() {
  const chain = chainOf(3)
  use(chain)
  const [pass, ...looks] = (await work()) as [SenderPass, ...(SequenceLook | RollupSurvey)[]]
  const { head } = await chain.agreedBlocks()
  return {
    waits: pass.waitMs === null,
    steps: looks.map((look) => ('step' in look ? look.step : look.lastVerifiedBatch)),
    head: head.number,
  }
}
