import { parseEventLogs } from 'viem'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createBumpFees } from '../../../activities/operator/bump-fees.ts'
import { readView } from '../../../activities/sequence/look-at-sequence.ts'
import { twoStepAbi } from '../../../chain/abi.ts'
import { rollupAbi } from '../../../contracts/abi.ts'
import { Harness } from '../../contracts/harness.ts'
import { nextSequence } from '../../contracts/sequences.ts'
import { startRpcProxy } from '../../support/rpc/rpc-proxy.ts'
import { FINALITY, type MinerOnAnvil, ranFor, startContract, startMiner, tipNothing } from '../miner-on-anvil.ts'

// Faults of pools, fees and windows are injected into a real node under the real contract. R+T1 is R+3, and R+T1+T2 is
// R+7.

describe('the pool', () => {
  test('drops a transaction: the same bytes are sent again', async () => {
    const { miner, ref } = await opened()
    await sign(miner)
    await drop(miner)
    await miner.live(1)
    expect(await ranFor(miner, ref)).toEqual([])
    await miner.pass()
    expect(await ranFor(miner, ref)).toEqual(['commit'])
    expect(await miner.attempts()).toHaveLength(1)
  })

  test('takes a transaction and the answer is lost: nothing is sent twice', async () => {
    const harness = await Harness.start()
    onTestFinished(() => harness.anvil.stop())
    const proxy = await startRpcProxy(harness.anvil.url)
    onTestFinished(() => proxy.close())
    proxy.fault = (call) => (call.method === 'eth_sendRawTransaction' ? { kind: 'lost' } : undefined)
    const { miner, ref } = await opened({ harness, rpcUrl: proxy.url })
    await miner.live(6)
    await miner.pass()
    expect(await ranFor(miner, ref)).toEqual(['commit', 'prove'])
    // The stake took one nonce, the hash and the proof one each.
    expect(await harness.client.getTransactionCount({ address: miner.miner })).toBe(3)
  })
})

describe('a foreign transaction of the account', () => {
  test('takes the coins for an owed proof away: it goes out by itself when they are back', async () => {
    const { miner, ref } = await opened()
    const { client } = miner.harness
    await miner.live(2)
    const value = await client.getBalance({ address: miner.miner })
    await client.setBalance({ address: miner.miner, value: 1n })
    await miner.live(3)
    expect(await ranFor(miner, ref)).toEqual(['commit'])
    expect((await miner.attempts()).map(({ purpose }) => purpose?.step)).toContain('prove')
    await client.setBalance({ address: miner.miner, value })
    await miner.live(1)
    await miner.pass()
    expect(await ranFor(miner, ref)).toEqual(['commit', 'prove'])
  })

  test('takes the nonce of a hash: the hash gets the next one, without a gap', async () => {
    const { miner, ref } = await opened()
    await sign(miner)
    const [first] = await miner.attempts()
    await drop(miner)
    const { client } = miner.harness
    await client.sendTransaction({ account: miner.miner, to: miner.rival, value: 1n, gas: 21_000n, gasPrice: 0n })
    await client.mine({ blocks: 1 })
    const { lines } = await miner.pass()
    expect(lines).toContain(`nonce ${first?.nonce}: taken by a transaction that isn't ours`)
    await miner.live(2 + FINALITY)
    expect(await ranFor(miner, ref)).toEqual(['commit'])
    expect(await nonces(miner)).toEqual(new Set())
    expect(await client.getTransactionCount({ address: miner.miner })).toBe((first?.nonce ?? 0) + 2)
  })
})

describe('a market that was near zero', () => {
  test('prices the head of the nonces out: it is raised at once, and what is well priced behind it lands with it', async () => {
    const { miner, ref } = await opened()
    tipNothing(miner)
    await miner.stake(6_000n) // the base fee is 0
    await miner.pass()
    const [cheap] = await miner.attempts()
    await miner.harness.client.setNextBlockBaseFeePerGas({ baseFeePerGas: 5_000_000n })
    await miner.harness.mine(1)
    expect(cheap?.maxFeePerGas).toBeLessThan(4_000_000n)
    await miner.look()
    await miner.pass() // raises the stake's nonce, and signs the hash behind it
    await miner.harness.mine(1)
    await miner.pass()
    const mined = (await miner.attempts()).filter(({ inclusion }) => inclusion?.status === 'success')
    expect(mined.map(({ purpose, attempt, nonce }) => [purpose?.step, attempt, nonce - (cheap?.nonce ?? 0)])).toEqual([
      ['stake', 1, 0],
      ['commit', 0, 1],
    ])
    expect(await ranFor(miner, ref)).toEqual(['commit'])
  })

  test('multiplies by eight within a few blocks: the hash is in its window, below the cap', async () => {
    const { miner, ref } = await opened()
    await miner.look()
    await miner.pass()
    for (const baseFeePerGas of [10_000n, 20_000n, 40_000n, 80_000n]) {
      await miner.harness.client.setNextBlockBaseFeePerGas({ baseFeePerGas: baseFeePerGas * 5_000n })
      await miner.live(1)
    }
    await miner.pass()
    expect(await ranFor(miner, ref)).toEqual(['commit'])
    for (const { maxFeePerGas } of await miner.attempts()) expect(maxFeePerGas).toBeLessThanOrEqual(10n ** 9n)
  })
})

describe('what an admin bumps', () => {
  test('is raised once, also when Temporal forgets that anybody asked', async () => {
    const { miner, ref } = await opened()
    tipNothing(miner)
    await sign(miner)
    const ann = { who: 'ann', reason: 'slow' }
    await createBumpFees(miner.deps)({ rollup: ref.rollup, range: ref, ...ann })
    miner.queue = []
    await miner.pass()
    await miner.pass()
    expect((await miner.attempts()).map(({ attempt, bumpRequest }) => [attempt, bumpRequest])).toEqual([
      [0, ann],
      [1, null],
    ])
  })
})

describe('windows that the owner changes in the middle of a round', () => {
  test.each([
    { is2023: false, first: 4, last: 7, why: 'ours keeps those that the round began with' },
    { is2023: true, first: 2, last: 11, why: 'one of 2023 is read anew' },
  ])('$why', async ({ is2023, first, last }) => {
    const { harness, stakeWei } = await startContract({ is2023 })
    const { miner, ref } = await opened({ harness, stakeWei })
    await miner.live(1)
    const start = await harness.head()
    await harness.send({ from: harness.owner, functionName: 'setProofHashCommitEpoch', args: [1] })
    await harness.send({ from: harness.owner, functionName: 'setProofCommitEpoch', args: [10] })
    await miner.look()
    const { step } = miner.looks.get(ref.to) ?? {}
    const view = await readView(miner.deps, miner.rollup, ref)
    expect(view.atHead.round?.startBlock).toBe(start)
    if (is2023)
      expect(step).toEqual({ kind: 'prove', firstBlock: start + first, lastBlock: start + last, isLate: false })
    else expect(step).toMatchObject({ kind: 'wait', code: 'proof-window-opens', untilBlock: start + first - 1 })
    if (is2023) return
    await miner.live(3)
    await miner.pass()
    expect(await ranFor(miner, ref)).toEqual(['commit', 'prove'])
  })
})

test('a round that nobody proved: the stored proof is committed to anew and proved, and the penalty of the outage is all', async () => {
  const { miner, ref } = await opened()
  await miner.live(1)
  const [hash] = await hashes(miner)
  await miner.harness.mine(8) // everything of ours is down until R+T1+T2 is over
  await miner.live(7)
  await miner.pass()
  expect(await ranFor(miner, ref)).toEqual(['commit', 'commit', 'prove'])
  expect(await hashes(miner)).toEqual([hash, hash])
  const { harness, miner: address } = miner
  expect(
    await harness.client.readContract({
      abi: rollupAbi,
      address: harness.rollup,
      functionName: 'depositOf',
      args: [address],
    }),
  ).toBe(4_900n)
})

/** Reads from its logs what the contract was told to be the miner's proof hashes. */
async function hashes({ harness }: MinerOnAnvil): Promise<string[]> {
  const logs = await harness.client.getLogs({ address: harness.rollup, fromBlock: 0n })
  return parseEventLogs({ abi: twoStepAbi, logs, eventName: 'SubmitProofHash' }).map(({ args }) => args._proofHash)
}

/** Starts a miner of 5,000 with a proved sequence. */
async function opened(p: { harness?: Harness; rpcUrl?: string; stakeWei?: bigint } = {}) {
  const miner = await startMiner({ stakeWei: 5_000n, ...p })
  return { miner, ref: await miner.open(nextSequence(undefined, 1)) }
}

/** Hands over what is wanted and signs it. */
async function sign(miner: MinerOnAnvil): Promise<void> {
  await miner.look()
  await miner.pass()
}

async function drop(miner: MinerOnAnvil): Promise<void> {
  for (const { txHash } of await miner.attempts()) await miner.harness.client.dropTransaction({ hash: txHash })
}

const nonces = async (miner: MinerOnAnvil): Promise<Set<number>> =>
  new Set((await miner.attempts()).map(({ nonce }) => nonce))
