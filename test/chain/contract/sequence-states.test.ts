import { foundry } from 'viem/chains'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type Chain, createChain } from '../../../chain/create-chain.ts'
import type { BatchRange } from '../../../protocol/base/ranges.ts'
import { committing, sequencing } from '../../contracts/miner-actions.ts'
import { nextSequence, type TestSequence, withOtherData } from '../../contracts/sequences.ts'
import { type Fault, type RpcCall, type RpcProxy, startRpcProxy } from '../../support/rpc/rpc-proxy.ts'
import { first, harness, miner, options, ours, proxy, rangeOf, second, useReads } from './reads-scene.ts'

useReads()

const posted: TestSequence[] = []

/** Posts a hundred, and commits to the third of them. */
beforeAll(async () => {
  posted.push(first, second)
  while (posted.length < 100) {
    const next = nextSequence(posted.at(-1), 1 + (posted.length % 2))
    await harness.send(sequencing(harness.sequencer, next))
    posted.push(next)
  }
  await harness.send(committing(miner(), at(2)))
})

test('all that are asked for in one turn are read in so many calls, and are what each is alone', async () => {
  const alone = createChain(options(harness.anvil.url))
  const { head } = await alone.agreedBlocks()
  const chain = createChain(options(proxy.url))
  await readAll(chain, 1)
  for (const count of [20, 100]) {
    await harness.mine(1)
    const before = proxy.calls.length
    const states = await readAll(chain, count)
    const calls = proxy.calls.slice(before).filter(({ method }) => method === 'eth_call').length
    // Each question takes a call for each 64 sequences, and one call asks how far the contract has verified.
    expect(calls).toBe(3 * Math.ceil(count / 64) + 1)
    for (const [i, state] of states.entries()) {
      if (i % 10 !== 2) continue
      expect(state).toEqual(await alone.readOnChain({ ...asked(rangeOf(at(i))), at: head }))
    }
    expect(states[2]?.own).not.toBeNull()
  }
})

test('a reading is not used after a reorg, though the block has the same number', async () => {
  const chain = createChain(options(proxy.url))
  const third = nextSequence(posted.at(-1), 1)
  const snapshot = await harness.client.snapshot()
  await harness.send(sequencing(harness.sequencer, third))
  const before = await chain.agreedBlocks()
  const range = rangeOf(third)
  const read = async () => {
    const { head } = await chain.agreedBlocks()
    const others = [rangeOf(at(5)), rangeOf(at(6)), rangeOf(at(7))]
    const states = [range, ...others].map((one) => chain.readOnChain({ ...asked(one), at: head }))
    const list = (await chain.readRollup({ contract: harness.rollup, floor: 0, confirmations: 0 })).sequences
    const hashes = await chain.readOwnHashes({ ...asked(range), at: head, floor: 0 })
    return { head, state: (await Promise.all(states))[0], last: list.at(-1), hashes: hashes.length }
  }
  expect(await read()).toMatchObject({
    state: { accInputHash: third.newAccInputHash, own: null },
    last: { accInputHash: third.newAccInputHash },
    hashes: 1,
  })
  await harness.client.revert({ id: snapshot })
  const other = withOtherData(third)
  await harness.client.increaseTime({ seconds: 7 })
  await harness.client.setAutomine(false)
  await harness.enqueue(sequencing(harness.sequencer, other))
  await harness.mine(1)
  const after = await read()
  expect(after.head.number).toBe(before.head.number)
  expect(after.head.hash).not.toBe(before.head.hash)
  expect(after).toMatchObject({
    state: { accInputHash: other.newAccInputHash },
    last: { accInputHash: other.newAccInputHash },
  })
})

describe('of three endpoints that must agree two by two', () => {
  test('each lies about another sequence: what the others say of each is believed', async () => {
    const { chain, fronts } = await threeEndpoints()
    const honest = await readAll(ours, 30)
    const about = [at(10), at(11), at(12)]
    fronts.forEach((front, i) => {
      front.fault = changesAnswersAbout(rangeOf(about[i] ?? first))
    })
    expect(await readAll(chain, 30)).toEqual(honest)
  })

  test('one falls silent about one sequence: the others tell of it', async () => {
    const { chain, fronts } = await threeEndpoints()
    const honest = await readAll(ours, 30)
    const [front] = fronts
    front.fault = (call) =>
      isAbout(call, rangeOf(at(4))) ? { kind: 'error', code: -32603, message: 'oops' } : undefined
    expect(await readAll(chain, 30)).toEqual(honest)
  })
})

function at(i: number): TestSequence {
  const sequence = posted[i]
  if (sequence === undefined) throw new Error(`No sequence ${i} is posted.`)
  return sequence
}

const asked = (range: BatchRange) => ({ contract: harness.rollup, miner: miner(), range })

async function readAll(chain: Chain, count: number) {
  const { head } = await chain.agreedBlocks()
  const some = posted.slice(0, count).map(rangeOf)
  return Promise.all(some.map((range) => chain.readOnChain({ ...asked(range), at: head })))
}

async function threeEndpoints(): Promise<{ chain: Chain; fronts: readonly [RpcProxy, RpcProxy, RpcProxy] }> {
  const start = () => startRpcProxy(harness.anvil.url)
  const fronts = [await start(), await start(), await start()] as const
  onTestFinished(() => Promise.all(fronts.map((front) => front.close())).then(() => undefined))
  const rpcUrls = fronts.map(({ url }) => url)
  const chain = createChain({ ...options(''), chainId: foundry.id, rpcUrls, requestTimeoutMs: 2_000 })
  return { chain, fronts }
}

/** Tells whether a call asks for the sequence, alone or among others. */
function isAbout({ method, params }: RpcCall, { to }: BatchRange): boolean {
  return method === 'eth_call' && JSON.stringify(params).includes(`b4d63f58${to.toString(16).padStart(64, '0')}`)
}

/** Tells other data of the sequence, in whichever answer they stand. */
function changesAnswersAbout(range: BatchRange): (call: RpcCall) => Fault | undefined {
  const sequence = posted.find((one) => one.final === range.to)
  const real = sequence?.newAccInputHash.slice(2) ?? ''
  return (call) =>
    isAbout(call, range)
      ? { kind: 'answer', change: (result: string) => result.replace(real, 'ab'.repeat(32)) }
      : undefined
}
