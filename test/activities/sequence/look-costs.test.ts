import { toFunctionSelector } from 'viem'
import { expect, onTestFinished, test } from 'vitest'
import { createSurveyRollup } from '../../../activities/rollup/survey-rollup.ts'
import { createLookAtSequence } from '../../../activities/sequence/look-at-sequence.ts'
import type { SequenceRef } from '../../../protocol/base/ranges.ts'
import { Harness } from '../../contracts/harness.ts'
import { sequencing } from '../../contracts/miner-actions.ts'
import { nextSequence, type TestSequence } from '../../contracts/sequences.ts'
import { startRpcProxy } from '../../support/rpc/rpc-proxy.ts'
import { type MinerOnAnvil, startMiner } from '../miner-on-anvil.ts'

// What a look asks of the endpoints is counted: with five hundred open sequences each of them looks at each block.

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

test('a look at a new block costs as much with a hundred unverified sequences as with twenty', async () => {
  const [one, twenty, hundred] = await unverified([1, 20, 100])
  // What is asked about one sequence alone goes in calls of its own, about many in as many as the answers fit in.
  expect(hundred.first.calls).toBeLessThanOrEqual(twenty.first.calls + 4)
  expect(hundred.first.calls).toBeLessThanOrEqual(one.first.calls + 12)
  expect(hundred.first.requests).toBe(one.first.requests)
  expect(hundred.next).toEqual(twenty.next)
  expect(hundred.next.calls).toBeLessThanOrEqual(10)
  expect(hundred.next.requests).toBe(one.next.requests)
}, 120_000)

test('a list of which nothing is known is walked in steps that grow', async () => {
  const { miner, calls } = await scene()
  await postMany(miner, 100)
  const walked = await calls(() => createSurveyRollup(miner.deps)({ rollup: miner.rollup.name }))
  expect(walked.length).toBeLessThanOrEqual(60)
}, 120_000)

test('a pass with claims of many sequences reads what the account has once', async () => {
  const { miner, calls } = await scene()
  const chain = miner.rollup.chain
  const { head } = await chain.agreedBlocks()
  const asked = { contract: miner.rollup.contract, miner: miner.miner, at: head }
  const read = () => Promise.all([chain.isPaused(asked), chain.readClaimable(asked), chain.readStake(asked)])
  const first = await read()
  expect(await calls(read)).toEqual([])
  expect(await read()).toEqual(first)
  await miner.harness.mine(1)
  expect(await calls(async () => chain.readStake({ ...asked, at: (await chain.agreedBlocks()).head }))).not.toEqual([])
})

test('a look costs as many calls with one proved sequence behind it as with five, and no more at a head that another has looked at', async () => {
  const costs = await Promise.all([1, 5].map(costWith))
  expect(costs[0]).toEqual(costs[1])
  const [{ again } = { again: -1 }] = costs
  expect(again).toBeLessThanOrEqual(10)
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
  expect(await read()).toBe(first) // it isn't even put together again
})

async function scene() {
  const harness = await Harness.start()
  onTestFinished(() => harness.anvil.stop())
  const proxy = await startRpcProxy(harness.anvil.url)
  onTestFinished(() => proxy.close())
  const miner = await startMiner({ harness, rpcUrl: proxy.url, stakeWei: 5_000n })
  return {
    miner,
    /** Lists the calls that something makes. */
    async calls(act: () => Promise<unknown>) {
      const from = proxy.calls.length
      await act()
      return proxy.calls.slice(from)
    },
    async cost(act: () => Promise<unknown>): Promise<Cost> {
      const before = { calls: proxy.calls.length, requests: proxy.requests }
      await act()
      return { calls: proxy.calls.length - before.calls, requests: proxy.requests - before.requests }
    },
    /** Mines up to where five more blocks are in the stretch in which a verdict is remembered. */
    async toStretch() {
      const number = Number(await harness.client.getBlockNumber())
      await harness.mine((17 - (number % 16)) % 16)
    },
  }
}

interface Cost {
  calls: number
  requests: number
}

/**
 * Tells what looks cost with so many unverified sequences: the first one at a new block, at the highest, and the next
 * one at that block, at the lowest.
 */
async function unverified<const counts extends readonly number[]>(
  counts: counts,
): Promise<{ [i in keyof counts]: { first: Cost; next: Cost } }> {
  const costs = counts.map(async (count) => {
    const { miner, cost } = await scene()
    const posted = await postMany(miner, count)
    const look = (i: number) => createLookAtSequence(miner.deps)({ sequence: sequenceAt(posted, i) })
    await createSurveyRollup(miner.deps)({ rollup: miner.rollup.name })
    await look(0) // where they were posted is found once
    await look(-1)
    await miner.harness.mine(1)
    return { first: await cost(() => look(-1)), next: await cost(() => look(0)) }
  })
  return (await Promise.all(costs)) as never
}

function sequenceAt(posted: readonly SequenceRef[], i: number): SequenceRef {
  const sequence = posted.at(i)
  if (sequence === undefined) throw new Error('There is none.')
  return sequence
}

async function postMany({ harness, rollup }: MinerOnAnvil, count: number): Promise<SequenceRef[]> {
  const posted: SequenceRef[] = []
  let last: TestSequence | undefined
  while (posted.length < count) {
    last = nextSequence(last, 1)
    await harness.send(sequencing(harness.sequencer, last))
    posted.push({ rollup: rollup.name, from: last.init + 1, to: last.final, accInputHash: last.newAccInputHash })
  }
  return posted
}

/** Counts the calls of another look at a head, at the lowest of so many proved sequences. */
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
