import { foundry } from 'viem/chains'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { ChainTick } from '../../../chain/contract/watch-chain.ts'
import { type Chain, createChain } from '../../../chain/create-chain.ts'
import { Harness } from '../../contracts/harness.ts'
import { committing, sequencing, staking } from '../../contracts/miner-actions.ts'
import { nextSequence } from '../../contracts/sequences.ts'
import { refuse, stale } from '../../support/rpc/rpc-faults.ts'
import { type RpcProxy, startRpcProxy } from '../../support/rpc/rpc-proxy.ts'

let harness: Harness
let proxy: RpcProxy
let chain: Chain
let abort: AbortController
let ticks: AsyncGenerator<ChainTick, void, undefined>

beforeAll(async () => {
  harness = await Harness.start()
  proxy = await startRpcProxy(harness.anvil.url)
  await harness.mine(5)
})

afterAll(async () => {
  await proxy?.close()
  await harness?.anvil.stop()
})

beforeEach(async () => {
  chain = createChain({
    chainId: foundry.id,
    rpcUrls: [proxy.url],
    finality: { confirmations: 1 },
    maxFeePerGasWei: 1n,
    logRangeBlocks: 20,
  })
  abort = new AbortController()
  ticks = chain.watch({ addresses: () => [harness.rollup], signal: abort.signal })
  expect(await next('restart')).toMatchObject({ why: 'first look', head: { number: await harness.head() } })
})

afterEach(async () => {
  proxy.fault = () => undefined
  abort.abort()
  await ticks.return()
})

test('a new block comes with the logs of the watched contracts, and with what they are about', async () => {
  const sequence = nextSequence(undefined, 2)
  await harness.send(sequencing(harness.sequencer, sequence))
  const number = await harness.head()
  expect(await next('block')).toEqual({
    kind: 'block',
    head: expect.objectContaining({ number }),
    fromBlock: number,
    reorgDepth: 0,
    logs: expect.arrayContaining([
      {
        address: harness.rollup.toLowerCase(),
        blockNumber: number,
        event: 'SequenceBatches',
        numBatch: 2,
        account: null,
      },
    ]),
  })
  await harness.send(staking(harness.account(4), 5_000n))
  await harness.send(committing(harness.account(4), sequence))
  const tick = await next('block')
  expect(tick.logs.map(({ event, numBatch, account }) => [event, numBatch, account])).toEqual([
    ['Deposited', null, harness.account(4)],
    ['RoundOpened', 2, null],
    ['SubmitProofHash', 2, harness.account(4)],
  ])
})

test('blocks that go by between two looks come together', async () => {
  const before = await harness.head()
  await harness.mine(7)
  expect(await next('block')).toMatchObject({ fromBlock: before + 1, head: { number: before + 7 }, reorgDepth: 0 })
})

test('a watch that goes on where an earlier one ended tells what came after it', async () => {
  const { number, hash } = await chain.agreedBlocks().then(({ head }) => head)
  await harness.mine(2)
  ticks = chain.watch({ addresses: () => [harness.rollup], signal: abort.signal, after: { number, hash } })
  expect(await next('block')).toMatchObject({ fromBlock: number + 1, head: { number: number + 2 } })
  ticks = chain.watch({ addresses: () => [], signal: abort.signal, after: { number, hash: `0x${'ab'.repeat(32)}` } })
  expect(await next('restart')).toMatchObject({ why: `a reorg below block ${number}` })
})

test('after a long gap single logs tell nothing: everything is to be read again', async () => {
  await harness.mine(21)
  expect(await next('restart')).toMatchObject({ why: '21 blocks went by unseen' })
})

test.each([1, 3])(
  'a reorg of depth %i to a chain of the same height is noticed, with where it began',
  async (depth) => {
    await mineSeen(4)
    const head = await harness.head()
    await harness.client.request({ method: 'anvil_reorg', params: [depth, []] } as never)
    expect(await next('block')).toMatchObject({
      fromBlock: head - depth + 1,
      head: { number: head },
      reorgDepth: depth,
    })
    await harness.mine(1)
    expect(await next('block')).toMatchObject({ fromBlock: head + 1, reorgDepth: 0 })
  },
)

test('a reorg below everything that was seen restarts', async () => {
  await harness.send(staking(harness.account(6), 1n))
  await harness.mine(3)
  await ticks.return()
  ticks = chain.watch({ addresses: () => [], signal: abort.signal })
  await next('restart')
  await harness.client.request({ method: 'anvil_reorg', params: [4, []] } as never)
  expect(await next('restart')).toMatchObject({ why: expect.stringContaining('a reorg below block') })
})

test('an agreed head that moves back, and forth again, is no news', async () => {
  await mineSeen(3)
  const head = { number: await harness.head() }
  proxy.fault = stale(2, () => head.number)
  expect(await ticks.next()).toMatchObject({ value: { kind: 'quiet', trouble: null } })
  proxy.fault = () => undefined
  expect(await ticks.next()).toMatchObject({ value: { kind: 'quiet', trouble: null } })
})

test('endpoints that are away are trouble, not an end', async () => {
  proxy.fault = refuse(503)
  expect(await ticks.next()).toMatchObject({
    value: { kind: 'quiet', trouble: expect.stringContaining('HTTP status 503') },
  })
  proxy.fault = () => undefined
  await harness.mine(1)
  await next('block')
})

test('without addresses no logs are asked for: to a node, none means all', async () => {
  const all = chain.watch({ addresses: () => [], signal: abort.signal })
  await all.next()
  await harness.send(staking(harness.account(5), 1n))
  for await (const tick of all) {
    if (tick.kind === 'block') {
      expect(tick.logs).toEqual([])
      break
    }
  }
})

test('it ends when it is told to, in the middle of a sleep too', async () => {
  const ended = (async () => {
    for await (const tick of ticks) expect(tick.kind).toBe('quiet')
  })()
  abort.abort()
  await ended
})

test('the block time is estimated from recent blocks', async () => {
  await harness.client.setNextBlockTimestamp({ timestamp: BigInt(Math.floor(Date.now() / 1000) + 10_000) })
  await harness.mine(1)
  await harness.client.mine({ blocks: 25, interval: 12 })
  const { head } = await chain.agreedBlocks()
  expect(await chain.msPerBlock(head)).toBe(12_000)
})

/** Mines blocks with a transaction each, or a reorg would make the very same blocks again. */
async function mineSeen(blocks: number): Promise<void> {
  for (let block = 0; block < blocks; block++) {
    await harness.send(staking(harness.account(6), 1n))
    await next('block')
  }
}

/** Waits for the next tick that isn't quiet, which must be of this kind. */
async function next<kind extends 'block' | 'restart'>(kind: kind): Promise<ChainTick & { kind: kind }> {
  for (let looks = 0; looks < 40; looks++) {
    const { value } = await ticks.next()
    if (value === undefined || value.kind === 'quiet') continue
    expect(value.kind).toBe(kind)
    return value as ChainTick & { kind: kind }
  }
  throw new Error('nothing happened in 40 looks')
}
