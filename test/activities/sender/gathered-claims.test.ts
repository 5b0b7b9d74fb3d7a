import { expect, test } from 'vitest'
import { listSequenceAttempts } from '../../../db/attempts/attempts.ts'
import { nextSequence } from '../../contracts/sequences.ts'
import { FINALITY, fundRewards, ranFor, startContract, startMiner } from '../miner-on-anvil.ts'

test('rewards of two sequences that are due together are claimed by one transaction, and all end', async () => {
  const { harness, stakeWei } = await startContract({})
  const miner = await startMiner({ harness, stakeWei })
  await fundRewards(harness)
  const first = nextSequence(undefined, 1)
  const refs = [await miner.open(first), await miner.open(nextSequence(first, 1))]
  await miner.live(7)
  for (const ref of refs) expect(await ranFor(miner, ref)).toEqual(['commit', 'prove'])
  await harness.mine(12) // late proofs end
  await miner.live(3 + FINALITY)
  const claims = (await Promise.all(refs.map((ref) => listSequenceAttempts(miner.deps.db, ref)))).flat()
  expect(claims.filter(({ purpose }) => purpose?.step === 'claim')).toHaveLength(1)
  const { chain, contract, miner: address } = miner.rollup
  const { head } = await chain.agreedBlocks()
  for (const range of refs) {
    expect((await chain.readOnChain({ contract, range, miner: address, at: head })).own).toMatchObject({
      isSettled: true,
    })
  }
  expect(await chain.readClaimable({ contract, miner: address, at: head })).toBe(0n)
  expect([miner.looks.size, miner.queue]).toEqual([0, []])
})
