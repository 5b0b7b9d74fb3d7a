import type { Address, Hex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Call, Harness, testParams } from './harness.ts'
import { claiming, committing, proving, sequencing, settling, staking } from './miner-actions.ts'
import { nextSequence } from './sequences.ts'

/** Batch data of the reference rollup. */
const BATCH_BYTES = 352

/**
 * What each call of a fresh contract may take, verifier excluded (the simulated one costs next to nothing). Slots are
 * exact: one that is made costs 22,100 gas (several times that under newer rules), one that is changed 5,000. Gas is
 * what was measured and 1 %: a rise must be meant.
 */
const bounds: Record<string, { made: number; changed: number; gas: number }> = {
  'deposit, first': { made: 3, changed: 0, gas: 91_300 },
  'deposit, later': { made: 0, changed: 3, gas: 39_500 },
  fundRewards: { made: 1, changed: 0, gas: 45_800 },
  'sequenceBatches, 1 batch': { made: 4, changed: 1, gas: 138_600 },
  'sequenceBatches, 3 batches': { made: 3, changed: 2, gas: 129_900 },
  'submitProofHash, opening the round': { made: 2, changed: 3, gas: 100_100 },
  'submitProofHash, joining': { made: 2, changed: 2, gas: 94_200 },
  'verifyBatches, first': { made: 2, changed: 5, gas: 124_800 },
  'verifyBatches, late': { made: 0, changed: 4, gas: 78_900 },
  'settle, a share': { made: 0, changed: 6, gas: 67_800 },
  'settle, a penalty': { made: 0, changed: 4, gas: 57_900 },
  'settle, no proof': { made: 0, changed: 3, gas: 48_800 },
  'submitProofHash, after an expired one': { made: 0, changed: 5, gas: 78_200 },
  'claim, with one settlement': { made: 0, changed: 4, gas: 70_200 },
  'claim, settled before': { made: 0, changed: 2, gas: 45_500 },
  withdraw: { made: 0, changed: 2, gas: 41_900 },
  withdrawTreasury: { made: 0, changed: 1, gas: 40_600 },
}

let chain: Harness
beforeAll(async () => {
  chain = await Harness.start({ batchBytes: BATCH_BYTES }, {}, ['--steps-tracing'])
})
afterAll(() => chain?.anvil.stop())

test('each call makes and changes as many slots as it must, and takes no more gas', async () => {
  const used = await measureAll()
  console.log(
    Object.entries(used)
      .map(([name, { made, changed, gas }]) => `${name.padEnd(40)}${made} ${changed} ${gas.toString().padStart(8)}`)
      .join('\n'),
  )
  expect(Object.keys(used)).toEqual(Object.keys(bounds))
  for (const [name, { made, changed, gas }] of Object.entries(used)) {
    const bound = bounds[name]
    expect({ made, changed }, name).toEqual({ made: bound?.made, changed: bound?.changed })
    expect(Number(gas), name).toBeLessThanOrEqual(bound?.gas ?? 0)
  }
})

/** Slots made and changed, and gas. */
type Used = { made: number; changed: number; gas: bigint }

async function measureAll(): Promise<Record<string, Used>> {
  const used: Record<string, Used> = {}
  const measure = async (name: string, call: Call) => {
    const gas = await chain.send(call)
    used[name] = { gas, ...(await slotsOfLast()) }
  }
  const [alice, bob, carol, dave] = chain.miners as [Address, Address, Address, Address]
  const first = nextSequence(undefined, 1, BATCH_BYTES)
  const second = nextSequence(first, 3, BATCH_BYTES)

  await measure('deposit, first', staking(alice, 10_000n))
  for (const miner of [bob, carol, dave]) await chain.send(staking(miner, 10_000n))
  await measure('deposit, later', staking(bob, 10_000n))
  await measure('fundRewards', { from: chain.stranger, functionName: 'fundRewards', args: [], value: 10_000n })
  await measure('sequenceBatches, 1 batch', sequencing(chain.sequencer, first))
  await measure('sequenceBatches, 3 batches', sequencing(chain.sequencer, second))
  await measure('submitProofHash, opening the round', committing(alice, first))
  await measure('submitProofHash, joining', committing(bob, first))
  await chain.enqueue(committing(dave, first))
  await chain.enqueue(committing(alice, second))
  await chain.send(committing(carol, second))
  await chain.mine(testParams.commitBlocks)
  await measure('verifyBatches, first', proving(alice, first))
  await measure('verifyBatches, late', proving(bob, first))
  await chain.mine(20)
  await measure('settle, a share', settling(chain.stranger, first, alice))
  await measure('settle, a penalty', settling(chain.stranger, second, carol))
  await measure('settle, no proof', settling(chain.stranger, first, dave))
  await measure('submitProofHash, after an expired one', committing(alice, second))
  await measure('claim, with one settlement', claiming(bob, [first]))
  await measure('claim, settled before', claiming(alice, [first]))
  await measure('withdraw', { from: alice, functionName: 'withdraw', args: [5_000n] })
  await measure('withdrawTreasury', { from: chain.stranger, functionName: 'withdrawTreasury', args: [] })
  return used
}

/** Counts slots by what stores cost: 20,000 or more for one that is made, 2,900 or more for one that changes. */
async function slotsOfLast(): Promise<{ made: number; changed: number }> {
  const { transactions } = await chain.client.getBlock()
  const trace = await chain.client.request<{
    Method: 'debug_traceTransaction'
    Parameters: [Hex, object]
    ReturnType: { structLogs: { op: string; gasCost: number }[] }
  }>({
    method: 'debug_traceTransaction',
    params: [transactions[0] as Hex, { disableStack: true, disableStorage: true }],
  })
  expect(trace.structLogs.length).toBeGreaterThan(0) // otherwise the node traces nothing, and counts mean nothing
  const costs = trace.structLogs.flatMap(({ op, gasCost }) => (op === 'SSTORE' ? [gasCost] : []))
  const made = costs.filter((cost) => cost >= 20_000).length
  return { made, changed: costs.filter((cost) => cost >= 2_900).length - made }
}
