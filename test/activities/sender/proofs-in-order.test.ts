import { expect, onTestFinished, test } from 'vitest'
import { rollupAbi } from '../../../contracts/abi.ts'
import type { SequenceRef } from '../../../protocol/base/ranges.ts'
import { createChainControl } from '../../chaos/nodes/node.ts'
import { Harness } from '../../contracts/harness.ts'
import { proving } from '../../contracts/miner-actions.ts'
import { nextSequence } from '../../contracts/sequences.ts'
import { type MinerOnAnvil, openBehindRival, ranFor, startMiner } from '../miner-on-anvil.ts'

// Sequences are verified in order. T2 is long enough that what is tried in vain again and again would be tried too
// late.

const [T1, T2] = [3, 32]
const FIRST = nextSequence(undefined, 1)
const SECOND = nextSequence(FIRST, 1)

test('a reorg takes away what a rival verified before our proof: that waits, and is in time when it is verified again', async () => {
  const { miner, second, verifiedAt } = await provedBehindRival()
  const { harness, rival } = miner
  const start = await roundStart(miner, second)
  await miner.live(start + 10 - (await harness.head()))
  const { miner: us } = miner
  const proof = (await miner.attempts()).find(({ purpose }) => purpose?.step === 'prove')?.txHash
  await createChainControl(harness.anvil.url).reorg((await harness.head()) - verifiedAt + 1, ({ from, hash }) =>
    from.toLowerCase() === us.toLowerCase() && hash !== proof ? 'kept' : 'lost',
  )
  expect([await roundStart(miner, second), await isProved(miner, second)]).toEqual([start, false])
  const { lines } = await miner.pass()
  await miner.live(19)
  await harness.send(proving(rival, FIRST)) // the block is the last one of its window
  await miner.live(1)
  expect(await isProved(miner, second)).toBe(true)
  expect(await harness.head()).toBeLessThanOrEqual(start + T1 + T2)
  await miner.pass()
  expect(await ranFor(miner, second)).toEqual(['commit', 'prove'])
  expect((await miner.attempts()).filter(({ inclusion }) => inclusion?.status === 'reverted')).toEqual([])
  expect(lines.join('\n')).toMatch(/prove rollup\S* 2, .*held, batches 1 come first/)
})

test('a reorg takes away both our proofs: they are sent again together', async () => {
  const harness = await startHarness()
  const miner = await startMiner({ harness, stakeWei: 5_000n, finality: 2 * (T1 + T2) })
  const first = await miner.open(FIRST)
  const second = await miner.open(SECOND)
  while (!(await isProved(miner, second))) await miner.live(1)
  const head = await harness.head()
  const proofs = (await miner.attempts()).flatMap(({ purpose, txHash }) => (purpose?.step === 'prove' ? [txHash] : []))
  await createChainControl(harness.anvil.url).reorg(T1, ({ hash }) => (proofs.includes(hash) ? 'lost' : 'kept'))
  expect([await isProved(miner, first), await isProved(miner, second)]).toEqual([false, false])
  await miner.live(1)
  expect([await isProved(miner, first), await isProved(miner, second)]).toEqual([true, true])
  expect(await harness.head()).toBe(head + 1)
})

/** Has a rival verify the first sequence at block `verifiedAt`, and our proof of the second accepted. */
async function provedBehindRival(): Promise<{ miner: MinerOnAnvil; second: SequenceRef; verifiedAt: number }> {
  const harness = await startHarness()
  const miner = await startMiner({ harness, stakeWei: 5_000n, finality: 2 * (T1 + T2) })
  const second = await openBehindRival(miner, [FIRST, SECOND], T1)
  const verifiedAt = await harness.head()
  while (!(await isProved(miner, second))) await miner.live(1)
  return { miner, second, verifiedAt }
}

async function startHarness(): Promise<Harness> {
  const harness = await Harness.start({ commitBlocks: T1, proveBlocks: T2 })
  onTestFinished(() => harness.anvil.stop())
  return harness
}

const roundStart = async (miner: MinerOnAnvil, ref: SequenceRef): Promise<number> =>
  Number((await commitment(miner, ref)).roundStartBlock)

const isProved = async (miner: MinerOnAnvil, ref: SequenceRef): Promise<boolean> =>
  (await commitment(miner, ref)).isProved

function commitment({ harness, miner }: MinerOnAnvil, { to }: SequenceRef) {
  const args = [BigInt(to), miner] as const
  return harness.client.readContract({ abi: rollupAbi, address: harness.rollup, functionName: 'getCommitment', args })
}
