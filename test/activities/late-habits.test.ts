import { foundry } from 'viem/chains'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createChain } from '../../chain/create-chain.ts'
import type { SequenceRef } from '../../protocol/sequence.ts'
import { Harness } from '../contracts/harness.ts'
import { nextSequence } from '../contracts/sequences.ts'
import { always, answers, type Habit, leavesOutNumbers, type RpcFront, startRpcFront, throwsBlocksAway } from '../support/rpc-front.ts'
import { fundRewards, type MinerOnAnvil, ranFor, startMiner } from './miner-on-anvil.ts'

/** Habits that can cost a window when they begin while a hash is out, and the aggregator is started again: nothing is remembered. */

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

/** An aggregator that is started anew. */
function startAnew(): void {
  const chain = createChain({ chainId: foundry.id, rpcUrls: [front.url], finality: { confirmations: 2 }, maxFeePerGasWei: 10n ** 9n })
  Object.assign(miner.rollup, { chain })
  for (const sender of miner.deps.senders) Object.assign(sender, { chain })
}

const LOGS = 'eth_getLogs'

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

describe.each(PRUNED)('a node that $node', { timeout: 60_000 }, ({ habit }) => {
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
