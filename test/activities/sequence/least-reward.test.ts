import { expect, test } from 'vitest'
import { nextSequence } from '../../contracts/sequences.ts'
import { FINALITY, fundRewards, ranFor, startContract, startMiner } from '../miner-on-anvil.ts'

// The contract sets 1,000 wei aside for each sequence.

test.each([
  { leastRewardWei: '1000', isWorth: true },
  { leastRewardWei: '1001', isWorth: false },
])('a sequence is proved where $leastRewardWei wei are asked for: $isWorth', async ({ leastRewardWei, isWorth }) => {
  const { miner, ref } = await scene({ leastRewardWei })
  await miner.live(2)
  expect(await ranFor(miner, ref)).toEqual(isWorth ? ['commit'] : [])
  if (!isWorth) expect(miner.looks.get(ref.to)?.step).toMatchObject({ kind: 'wait', code: 'reward-too-small' })
})

test('what brings less than is asked for since our hash is out is proved, stays in the contract, and is over', async () => {
  const { miner, ref } = await scene({})
  await miner.live(2)
  miner.rollup.limits = { ...miner.rollup.limits, leastRewardWei: '1001' }
  await miner.live(16 + FINALITY)
  expect(await ranFor(miner, ref)).toEqual(['commit', 'prove'])
  expect([miner.looks.size, miner.queue]).toEqual([0, []])
  miner.rollup.limits = { ...miner.rollup.limits, leastRewardWei: '0' }
  const { chain, contract, miner: address } = miner.rollup
  const { head } = await chain.agreedBlocks()
  const { own } = await chain.readOnChain({ contract, range: ref, miner: address, at: head })
  expect(own).toMatchObject({ isProved: true, isSettled: false, rewardWei: '1000', lockedWei: '0' })
})

async function scene(limits: { leastRewardWei?: string }) {
  const { harness, stakeWei } = await startContract({})
  const miner = await startMiner({ harness, stakeWei, limits })
  await fundRewards(harness)
  const ref = await miner.open(nextSequence(undefined, 1))
  return { miner, ref }
}
