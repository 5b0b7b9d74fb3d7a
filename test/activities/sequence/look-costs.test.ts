import { toFunctionSelector } from 'viem'
import { expect, onTestFinished, test } from 'vitest'
import { createLookAtSequence } from '../../../activities/sequence/look-at-sequence.ts'
import { Harness } from '../../contracts/harness.ts'
import { nextSequence, type TestSequence } from '../../contracts/sequences.ts'
import { startRpcProxy } from '../../support/rpc/rpc-proxy.ts'
import { startMiner } from '../miner-on-anvil.ts'

// What a look asks of the endpoints, counted: with five hundred open sequences each of them looks at each block.

const VERIFY = toFunctionSelector('verifyProof(bytes,uint256[1])').slice(2)

test('the verifier is asked once about the same proof, and again after a while', async () => {
  const { miner, calls, toStretch } = await scene()
  const sequence = await miner.open(nextSequence(undefined, 1))
  const look = () => createLookAtSequence(miner.deps)({ sequence })
  await toStretch()
  const asked = async () => (await calls(look)).filter(({ params }) => JSON.stringify(params).includes(VERIFY)).length
  expect(await asked()).toBe(1)
  for (let block = 0; block < 5; block += 1) {
    await miner.harness.mine(1)
    expect(await asked()).toBe(0)
  }
  await miner.harness.mine(16)
  expect(await asked()).toBe(1)
})

test('a look costs as many calls with one proved sequence behind it as with five, and no more at a head that another has looked at', async () => {
  const costs = await Promise.all([1, 5].map(costWith))
  expect(costs[0]).toEqual(costs[1])
  const [{ again } = { again: -1 }] = costs
  expect(again).toBeLessThanOrEqual(16)
})

test('hashes that stand are read once a head', async () => {
  const { miner, calls } = await scene()
  await miner.open(nextSequence(undefined, 1))
  await miner.live(2)
  const { chain, contract } = miner.rollup
  const { head } = await chain.agreedBlocks()
  const read = () => chain.readOwnHashes({ contract, miner: miner.miner, at: head, floor: 0 })
  const first = await read()
  expect(first).toHaveLength(1)
  expect(await calls(read)).toEqual([])
  expect(await read()).toBe(first) // not even put together again
})

// Helpers

async function scene() {
  const harness = await Harness.start()
  onTestFinished(() => harness.anvil.stop())
  const proxy = await startRpcProxy(harness.anvil.url)
  onTestFinished(() => proxy.close())
  const miner = await startMiner({ harness, rpcUrl: proxy.url, stakeWei: 5_000n })
  return {
    miner,
    /** The calls that something makes. */
    async calls(act: () => Promise<unknown>) {
      const from = proxy.calls.length
      await act()
      return proxy.calls.slice(from)
    },
    /** Five more blocks are in the stretch in which a verdict is remembered. */
    async toStretch() {
      const number = Number(await harness.client.getBlockNumber())
      await harness.mine((17 - (number % 16)) % 16)
    },
  }
}

/** Calls of the first look at a head, at the lowest of so many proved sequences, and of the next one at that head. */
async function costWith(sequences: number) {
  const { miner, calls, toStretch } = await scene()
  const refs = []
  let last: TestSequence | undefined
  for (let i = 0; i < sequences; i += 1) {
    last = nextSequence(last, 1)
    refs.push(await miner.open(last))
  }
  const [sequence] = refs
  if (sequence === undefined) throw new Error('There is none.')
  await toStretch()
  const look = () => createLookAtSequence(miner.deps)({ sequence })
  await look()
  return { again: (await calls(look)).length }
}
