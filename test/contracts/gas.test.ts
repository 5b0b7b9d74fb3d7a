import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Call, Harness, testParams } from './harness.ts'
import { claiming, committing, proving, sequencing, settling, staking } from './miner-actions.ts'
import { nextSequence } from './sequences.ts'

/** Batch data of the reference rollup. */
const BATCH_BYTES = 352

/**
 * Gas of each call on a cold slot layout, verifier excluded (the simulated one costs next to nothing; a real one adds
 * about 0.8 million to each verifyBatches). The bounds are what was measured and 5 %: a rise must be meant.
 */
const bounds: Record<string, number> = {
  'deposit, first': 71_000,
  fundRewards: 48_000,
  'sequenceBatches, 1 batch': 162_000,
  'sequenceBatches, 3 batches': 136_000,
  'submitProofHash, opening the round': 203_000,
  'submitProofHash, joining': 138_000,
  'verifyBatches, first': 141_000,
  'verifyBatches, late': 93_000,
  'settle, a share': 148_000,
  'settle, a penalty': 98_000,
  'claim, with one settlement': 84_000,
  withdraw: 69_000,
  withdrawTreasury: 38_000,
}

let chain: Harness
beforeAll(async () => {
  chain = await Harness.start({ batchBytes: BATCH_BYTES })
})
afterAll(() => chain?.anvil.stop())

test('gas per call', async () => {
  const used = await measureAll()
  console.log(
    Object.entries(used)
      .map(([name, gas]) => `${name.padEnd(36)}${gas.toString().padStart(8)}`)
      .join('\n'),
  )
  expect(Object.keys(used)).toEqual(Object.keys(bounds))
  for (const [name, gas] of Object.entries(used)) expect(Number(gas), name).toBeLessThanOrEqual(bounds[name] ?? 0)
})

async function measureAll(): Promise<Record<string, bigint>> {
  const used: Record<string, bigint> = {}
  const measure = async (name: string, call: Call) => {
    used[name] = await chain.send(call)
  }
  const [alice, bob, carol] = chain.miners as [`0x${string}`, `0x${string}`, `0x${string}`]
  const first = nextSequence(undefined, 1, BATCH_BYTES)
  const second = nextSequence(first, 3, BATCH_BYTES)

  await measure('deposit, first', staking(alice, 10_000n))
  for (const miner of [bob, carol]) await chain.send(staking(miner, 10_000n))
  await measure('fundRewards', { from: chain.stranger, functionName: 'fundRewards', args: [], value: 10_000n })
  await measure('sequenceBatches, 1 batch', sequencing(chain.sequencer, first))
  await measure('sequenceBatches, 3 batches', sequencing(chain.sequencer, second))
  await measure('submitProofHash, opening the round', committing(alice, first))
  await measure('submitProofHash, joining', committing(bob, first))
  await chain.send(committing(carol, second))
  await chain.mine(testParams.commitBlocks)
  await measure('verifyBatches, first', proving(alice, first))
  await measure('verifyBatches, late', proving(bob, first))
  await chain.mine(20)
  await measure('settle, a share', settling(chain.stranger, first, alice))
  await measure('settle, a penalty', settling(chain.stranger, second, carol))
  await measure('claim, with one settlement', claiming(bob, [first]))
  await measure('withdraw', { from: alice, functionName: 'withdraw', args: [5_000n] })
  await measure('withdrawTreasury', { from: chain.stranger, functionName: 'withdrawTreasury', args: [] })
  return used
}
