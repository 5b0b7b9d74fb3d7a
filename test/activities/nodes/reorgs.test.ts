import { parseEventLogs } from 'viem'
import { describe, expect, test } from 'vitest'
import { rollupAbi } from '../../../contracts/abi.ts'
import type { SequenceRef } from '../../../protocol/base/ranges.ts'
import { type ChainControl, createChainControl } from '../../chaos/nodes/node.ts'
import type { Fate, Reorged } from '../../chaos/nodes/replace-blocks.ts'
import { testParams } from '../../contracts/harness.ts'
import { committing, proving, sequencing } from '../../contracts/miner-actions.ts'
import { nextSequence } from '../../contracts/sequences.ts'
import { fundRewards, type MinerOnAnvil, startContract, startMiner, tipNothing } from '../miner-on-anvil.ts'

// A real node replaces its last blocks, as deep as T1+T2. R is the block of the hash, T1 = 3, T2 = 4.

const { commitBlocks: T1, proveBlocks: T2 } = testParams
const WITHIN_BLOCKS = 2
const FIRST = nextSequence(undefined, 1)

/** Wei per gas: half of the cap, and above what is offered where the base fee was 0. */
const DEAR = 500_000_000n
const ONLY_OURS_GONE = ({ isOurs }: { isOurs: boolean }): Fate => (isOurs ? 'lost' : 'kept')

describe('a reorg is healed within two blocks of the new head', () => {
  test.each(depthsTo(T1))('our hash vanishes from chain and pool, %i blocks', async (depth) => {
    const { miner, ref, chain } = await opened()
    await untilBlocksOnTop(miner, depth, () => roundStart(miner, ref))
    await reorg(miner, chain, depth, ONLY_OURS_GONE)
    expect(await roundStart(miner, ref)).toBe(0)
    const head = await chain.head()
    await miner.live(WITHIN_BLOCKS)
    expect(await roundStart(miner, ref)).toBeGreaterThan(head)
    await provesInTime(miner, ref)
  })

  test.each(depthsTo(T1))('our hash lands later, so that R moves, %i blocks', async (depth) => {
    const { miner, ref, chain } = await opened()
    await untilBlocksOnTop(miner, depth, () => roundStart(miner, ref))
    await reorg(miner, chain, depth, ({ isOurs }) => (isOurs ? 'returned' : 'kept'))
    const head = await chain.head()
    await miner.live(WITHIN_BLOCKS)
    expect(await roundStart(miner, ref)).toBe(head + 1)
    await provesInTime(miner, ref)
  })

  test.each(depthsTo(T2 - WITHIN_BLOCKS))(
    'our accepted proof vanishes from chain and pool, %i blocks',
    async (depth) => {
      const { miner, ref, chain } = await opened()
      await untilBlocksOnTop(miner, depth, () => proofBlock(miner))
      await reorg(miner, chain, depth, ONLY_OURS_GONE)
      expect(await isProved(miner, ref)).toBe(false)
      await miner.live(WITHIN_BLOCKS)
      expect(await isProved(miner, ref)).toBe(true)
    },
  )

  test.each(depthsTo(T1 + T2).slice(T1))(
    'hash and proof vanish, so that all begins again, %i blocks',
    async (depth) => {
      const { miner, ref, chain } = await opened()
      await untilBlocksOnTop(miner, depth, () => roundStart(miner, ref))
      await reorg(miner, chain, depth, ONLY_OURS_GONE)
      const head = await chain.head()
      await miner.live(WITHIN_BLOCKS)
      expect(await roundStart(miner, ref)).toBeGreaterThan(head)
      await provesInTime(miner, ref)
    },
  )

  test.each([1, T1 + T2])(
    'the sequence and all after it vanish, and it comes back: %i blocks on top of it',
    async (blocks) => {
      const { miner, ref, chain } = await opened()
      await miner.live(blocks)
      await reorg(miner, chain, blocks + 1, () => 'lost')
      await miner.live(1)
      expect([...miner.looks.values()].map(({ step }) => step)).toMatchObject([
        { kind: 'wait', code: 'sequence-missing' },
      ])
      await miner.harness.send(sequencing(miner.harness.sequencer, FIRST))
      const head = await chain.head()
      await miner.live(WITHIN_BLOCKS)
      expect(await roundStart(miner, ref)).toBeGreaterThan(head)
      await provesInTime(miner, ref)
    },
  )
})

// Every block is final at once: a sequence is over, and below the survey's floor, before the reorg.
describe('a reorg deeper than finality opens again what was over', () => {
  test.each([1, T2 - WITHIN_BLOCKS])('our accepted proof vanishes from chain and pool, %i blocks', async (depth) => {
    const { miner, ref, chain } = await opened({ finality: 0, is2023: true }) // nothing is left to claim there
    await untilBlocksOnTop(miner, depth, () => proofBlock(miner))
    await miner.look()
    expect(miner.looks.size).toBe(0)
    await reorg(miner, chain, depth, ONLY_OURS_GONE)
    expect(await isProved(miner, ref)).toBe(false)
    await miner.live(WITHIN_BLOCKS)
    expect(await isProved(miner, ref)).toBe(true)
  })

  test('our accepted proof vanishes, and its fee is no longer enough', async () => {
    const { miner, ref, chain } = await opened({ finality: 0, is2023: true })
    tipNothing(miner)
    await untilBlocksOnTop(miner, T2 - WITHIN_BLOCKS, () => proofBlock(miner))
    expect(await miner.attempts()).toEqual([])
    await reorg(miner, chain, T2 - WITHIN_BLOCKS, ONLY_OURS_GONE)
    await miner.harness.client.setNextBlockBaseFeePerGas({ baseFeePerGas: DEAR })
    await miner.harness.mine(1)
    await miner.live(WITHIN_BLOCKS - 1)
    expect(await isProved(miner, ref)).toBe(true)
  })

  test('our claim vanishes from chain and pool', async () => {
    const { miner, ref, chain } = await opened({ finality: 0, isPaid: true })
    do await miner.live(1)
    while (miner.looks.size > 0)
    expect(await commitment(miner, ref)).toMatchObject({ isProved: true, isSettled: true })
    await reorg(miner, chain, 2, ONLY_OURS_GONE)
    expect(await commitment(miner, ref)).toMatchObject({ isProved: true, isSettled: false })
    await miner.live(WITHIN_BLOCKS)
    expect(await commitment(miner, ref)).toMatchObject({ isProved: true, isSettled: true })
  })

  test('a rival’s hash and proof vanish for good', async () => {
    const { miner, ref, chain } = await opened({ finality: 0 })
    const { harness, rival } = miner
    await harness.send({ from: rival, functionName: 'deposit', args: [], value: 5_000n })
    await harness.send(committing(rival, FIRST))
    await harness.mine(T1)
    await harness.send(proving(rival, FIRST))
    await miner.look()
    expect(miner.looks.size).toBe(0)
    await chain.reorg(T1 + 2, ({ from }) => (from.toLowerCase() === rival.toLowerCase() ? 'lost' : 'kept'))
    const head = await chain.head()
    await miner.live(WITHIN_BLOCKS)
    expect(await roundStart(miner, ref)).toBeGreaterThan(head)
    await provesInTime(miner, ref)
  })
})

function depthsTo(most: number): number[] {
  return Array.from({ length: most }, (_, i) => i + 1)
}

/**
 * Starts a miner with stake and a proved sequence.
 * @param p.finality by default later than any reorg within T1+T2 reaches.
 */
async function opened({ finality = T1 + T2 + WITHIN_BLOCKS, is2023 = false, isPaid = false } = {}) {
  const { harness, stakeWei } = await startContract({ is2023 })
  if (isPaid) await fundRewards(harness)
  const miner = await startMiner({ harness, stakeWei, finality })
  return { miner, ref: await miner.open(FIRST), chain: createChainControl(harness.anvil.url) }
}

/** Lives on until a reorg of this depth replaces a block, once there is one, and none before it. */
async function untilBlocksOnTop(miner: MinerOnAnvil, depth: number, blockOf: () => Promise<number>): Promise<void> {
  while ((await blockOf()) === 0) await miner.live(1)
  await miner.live((await blockOf()) + depth - 1 - (await miner.harness.head()))
}

const reorg = (
  { miner }: MinerOnAnvil,
  chain: ChainControl,
  depth: number,
  fateOf: (p: { isOurs: boolean }) => Fate,
): Promise<Reorged> => chain.reorg(depth, ({ from }) => fateOf({ isOurs: from.toLowerCase() === miner.toLowerCase() }))

/** Reads the block of the round that our hash stands in; 0 without one. */
async function roundStart(miner: MinerOnAnvil, ref: SequenceRef): Promise<number> {
  return Number((await ownHash(miner, ref))[1])
}

const isProved = async (miner: MinerOnAnvil, ref: SequenceRef): Promise<boolean> => (await ownHash(miner, ref))[2]

/** Reads what both generations of contracts tell in the same way: the hash, R, and whether it is proved. */
function ownHash({ harness, miner }: MinerOnAnvil, { to }: SequenceRef) {
  const args = [BigInt(to), miner] as const
  return harness.client.readContract({
    abi: rollupAbi,
    address: harness.rollup,
    functionName: 'proverCommitProofHash',
    args,
  })
}

function commitment({ harness, miner }: MinerOnAnvil, { to }: SequenceRef) {
  const args = [BigInt(to), miner] as const
  return harness.client.readContract({ abi: rollupAbi, address: harness.rollup, functionName: 'getCommitment', args })
}

/** Finds the block of the first accepted proof, which is ours; 0 without one. */
async function proofBlock({ harness }: MinerOnAnvil): Promise<number> {
  const logs = await harness.client.getLogs({ address: harness.rollup, fromBlock: harness.deploymentBlock })
  return Number(
    parseEventLogs({ abi: rollupAbi, logs, eventName: 'VerifyBatchesTrustedAggregator' }).at(-1)?.blockNumber ?? 0,
  )
}

/** Expects that the proof lands within two blocks of the beginning of its window, and that nobody is penalised. */
async function provesInTime(miner: MinerOnAnvil, ref: SequenceRef): Promise<void> {
  const start = await roundStart(miner, ref)
  await miner.live(start + T1 + WITHIN_BLOCKS - (await miner.harness.head()))
  expect(await isProved(miner, ref)).toBe(true)
  expect(await roundStart(miner, ref)).toBe(start)
}
