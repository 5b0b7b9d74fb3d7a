import { toFunctionSelector } from 'viem'
import { foundry } from 'viem/chains'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createChain } from '../../../chain/create-chain.ts'
import type { SequenceRef } from '../../../protocol/base/ranges.ts'
import { Harness } from '../../contracts/harness.ts'
import { nextSequence } from '../../contracts/sequences.ts'
import { leavesOutNumbers, throwsBlocksAway } from '../../support/rpc/block-habits.ts'
import {
  always,
  answers,
  changes,
  type Habit,
  hangsOn,
  type RpcFront,
  refuses,
  refusesByStatus,
  startRpcFront,
} from '../../support/rpc/rpc-front.ts'
import { fundRewards, type MinerOnAnvil, ranFor, startMiner } from '../miner-on-anvil.ts'

/**
 * These habits can cost a window when they begin while a hash is out, and the aggregator is started again: nothing is
 * remembered.
 */

let miner: MinerOnAnvil
let front: RpcFront

async function start(): Promise<SequenceRef> {
  const harness = await Harness.start()
  onTestFinished(() => harness.anvil.stop())
  front = await startRpcFront(harness.anvil.url)
  onTestFinished(() => front.close())
  miner = await startMiner({ harness, rpcUrl: front.url, stakeWei: 5_000n })
  await fundRewards(harness)
  await harness.mine(20)
  return miner.open(nextSequence(undefined, 1))
}

/** Starts the aggregator anew, which then remembers nothing of the chain. */
function startAnew(): void {
  const chain = createChain({
    chainId: foundry.id,
    rpcUrls: [front.url],
    finality: { confirmations: 2 },
    maxFeePerGasWei: 10n ** 9n,
  })
  Object.assign(miner.rollup, { chain })
  for (const sender of miner.deps.senders) Object.assign(sender, { chain })
}

const LOGS = 'eth_getLogs'
const GET_ROUND = toFunctionSelector('getRound(uint64)')

const PRUNED: { node: string; habit: () => Habit }[] = [
  { node: 'has no logs that old, and says none', habit: () => answers([], LOGS) },
  {
    node: 'refuses logs that old',
    habit: () => always(() => ({ kind: 'error', code: 4444, message: 'pruned history unavailable' }), LOGS),
  },
  { node: 'refuses blocks that old', habit: () => throwsBlocksAway(10, 'error') },
  { node: 'has null for blocks that old', habit: () => throwsBlocksAway(10, 'null') },
  { node: 'refuses numbers without a block', habit: () => leavesOutNumbers },
]

/** Leaves these fields out of blocks. */
const headersWithout = (...fields: string[]): Habit =>
  changes(
    (block: object) => Object.fromEntries(Object.entries(block).filter(([name]) => !fields.includes(name))),
    'eth_getBlockByNumber',
    'eth_getBlockByHash',
  )

const TIPS = ['eth_feeHistory', 'eth_maxPriorityFeePerGas', 'eth_gasPrice']

const OTHERS: { node: string; habit: () => Habit }[] = [
  { node: "doesn't tell blocks' gas limit", habit: () => headersWithout('gasLimit') },
  { node: "doesn't tell what gas blocks used", habit: () => headersWithout('gasUsed') },
  {
    node: 'tells a gas limit of 0',
    habit: () =>
      changes((block: object) => ({ ...block, gasLimit: '0x0' }), 'eth_getBlockByNumber', 'eth_getBlockByHash'),
  },
  { node: 'refuses to simulate, by a status', habit: () => refusesByStatus(403, 'eth_simulateV1') },
  { node: 'refuses to tell its forks, by a status', habit: () => refusesByStatus(405, 'eth_config') },
  { node: 'refuses all that tells fees, by a status', habit: () => refusesByStatus(403, ...TIPS) },
]

describe.each([...PRUNED, ...OTHERS])('a node that $node', ({ habit }) => {
  test('from the start on: everything lands', async () => {
    const ref = await start()
    front.habits = [habit()]
    await miner.live(18)
    expect(await ranFor(miner, ref)).toEqual(['commit', 'prove', 'claim'])
  })

  test('with our hash out and all memory lost: its proof is sent', async () => {
    const ref = await start()
    await miner.live(2)
    expect(await ranFor(miner, ref)).toEqual(['commit'])
    front.habits = [habit()]
    startAnew()
    await miner.live(16)
    expect(await ranFor(miner, ref)).toEqual(['commit', 'prove', 'claim'])
  })
})

test.each<{ what: string; habits: Habit[] }>([
  { what: 'simulations', habits: [hangsOn('eth_simulateV1')] },
  { what: 'the history of fees', habits: [hangsOn('eth_feeHistory')] },
  { what: 'its forks', habits: [hangsOn('eth_config')] },
])('a proof of a hash that is out is sent by the only endpoint, which hangs on $what', async ({ habits }) => {
  const ref = await start()
  await miner.live(5)
  front.habits = habits
  startAnew()
  await miner.live(3)
  await miner.pass()
  expect(await ranFor(miner, ref)).toEqual(['commit', 'prove'])
})

test('a node that neither simulates nor has a pending block is asked at its head', async () => {
  const ref = await start()
  const withoutPending: Habit = {
    call: ({ method, params }) =>
      method === 'eth_estimateGas' && params[1] === 'pending'
        ? { kind: 'error', code: -32000, message: 'pending block is not available' }
        : undefined,
  }
  front.habits = [refuses(-32601, 'eth_simulateV1'), withoutPending]
  await miner.live(18)
  expect(await ranFor(miner, ref)).toEqual(['commit', 'prove', 'claim'])
})

test('a proof of a hash that is out is sent where the node calls nothing for an account', async () => {
  const ref = await start()
  await miner.live(5)
  const withoutSender: Habit = {
    call: ({ method, params }) =>
      method === 'eth_call' && 'from' in (params[0] as object)
        ? { kind: 'error', code: -32000, message: 'insufficient funds for gas * price + value' }
        : undefined,
  }
  front.habits = [withoutSender]
  startAnew()
  await miner.live(3)
  await miner.pass()
  expect(await ranFor(miner, ref)).toEqual(['commit', 'prove'])
})

test("a node that once couldn't carry out a call makes our contract none of 2023 for good", async () => {
  const ref = await start()
  await miner.live(2)
  let left = 1
  const cantCall: Habit = {
    call: ({ method, params }) =>
      method === 'eth_call' && JSON.stringify(params).includes(GET_ROUND) && left-- > 0
        ? { kind: 'error', code: -32015, message: 'VM execution error.' }
        : undefined,
  }
  front.habits = [cantCall]
  startAnew()
  await miner.live(1)
  const now = performance.now.bind(performance)
  const later = vi.spyOn(performance, 'now').mockImplementation(() => now() + 60_000)
  onTestFinished(() => later.mockRestore())
  await miner.live(15)
  expect(await ranFor(miner, ref)).toEqual(['commit', 'prove', 'claim'])
})
