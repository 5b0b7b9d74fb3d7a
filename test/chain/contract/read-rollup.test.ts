import { toFunctionSelector } from 'viem'
import { beforeAll, describe, expect, test } from 'vitest'
import { createChain } from '../../../chain/create-chain.ts'
import { testParams } from '../../contracts/harness.ts'
import { sequencing } from '../../contracts/miner-actions.ts'
import { nextSequence } from '../../contracts/sequences.ts'
import {
  first,
  harness,
  miner,
  options,
  ours,
  proxy,
  rangeOf,
  second,
  sequencingHash,
  useReads,
  verifyFirst,
} from './reads-scene.ts'

useReads()

/** Posts a third sequence. Nobody has committed to the second. */
beforeAll(async () => {
  await verifyFirst()
  await harness.send(sequencing(harness.sequencer, nextSequence(second, 1)))
  await harness.mine(2)
})

describe('a rollup as a whole', () => {
  test('its sequences above a floor, with their depth; what is final is not walked again', async () => {
    const list = await ours.readRollup({ contract: harness.rollup, floor: 0, confirmations: 1 })
    expect(list.sequences.map(({ from, to, isDeep }) => ({ from, to, isDeep }))).toEqual([
      { from: 1, to: 2, isDeep: true },
      { from: 3, to: 5, isDeep: true },
      { from: 6, to: 6, isDeep: true },
    ])
    expect(list).toMatchObject({ lastVerifiedBatch: 2, lastBatchSequenced: 6, finalVerifiedBatch: 2 })
    await harness.send(sequencing(harness.sequencer, nextSequence(nextSequence(second, 1), 2)))
    const later = await ours.readRollup({ contract: harness.rollup, floor: 2, confirmations: 1 })
    expect(later.sequences.map(({ to, isDeep }) => [to, isDeep])).toEqual([
      [5, true],
      [6, true],
      [8, false],
    ])
  })

  test('walks to what is final and no further', async () => {
    const counted = createChain(options(proxy.url))
    await counted.readRollup({ contract: harness.rollup, floor: 0, confirmations: 0 })
    await harness.mine(2)
    const before = proxy.calls.length
    await counted.readRollup({ contract: harness.rollup, floor: 0, confirmations: 0 })
    const selector = toFunctionSelector('sequencedBatches(uint64)')
    const walked = proxy.calls.slice(before).filter((call) => JSON.stringify(call.params).includes(selector))
    // At head and final block it asks whether the end is still there, and for the one above it.
    expect(walked.length).toBeLessThanOrEqual(4)
  })

  test('its ids, its first state, and the calldata of its sequences', async () => {
    expect(await ours.readDeployment({ contract: harness.rollup })).toEqual({
      chainId: '1001',
      forkId: '4',
      genesisStateRoot: testParams.genesis.stateRoot,
    })
    const small = createChain({ ...options(harness.anvil.url), logRangeBlocks: 3 })
    expect(await small.readGenesis({ contract: harness.rollup })).toEqual(testParams.genesis)
    await expect(small.readGenesis({ contract: harness.rollup, deployedAtBlock: 30 })).rejects.toMatchObject({
      name: 'GenesisMissingError',
    })
    const sequenced = await ours.readSequencing({ contract: harness.rollup, range: rangeOf(second) })
    expect(sequenced?.calldata).toBe(
      (await harness.client.getTransaction({ hash: await sequencingHash(second) })).input,
    )
  })

  test('on blocks before the contract nothing stands; an empty answer on a later one is not believed', async () => {
    const old = await ours.readOnChain({
      contract: harness.rollup,
      range: rangeOf(first),
      miner: miner(),
      at: await blockRef(0),
    })
    expect(old).toMatchObject({ accInputHash: null, round: null, own: null })
    const empty = createChain(options(proxy.url))
    const ask = async () => {
      const { head } = await empty.agreedBlocks()
      return empty.readOnChain({ contract: harness.rollup, range: rangeOf(first), miner: miner(), at: head })
    }
    expect(await ask()).toMatchObject({ accInputHash: first.newAccInputHash })
    await harness.mine(1)
    const { fault } = proxy
    proxy.fault = (call) => (call.method === 'eth_call' ? { kind: 'answer', change: () => '0x' } : undefined)
    await expect(ask()).rejects.toMatchObject({ name: 'ChainMovedError' })
    proxy.fault = fault
  })

  test('an address without a contract is a fatal error', async () => {
    const contract = harness.account(9)
    await expect(ours.readRollup({ contract, floor: 0, confirmations: 0 })).rejects.toMatchObject({
      name: 'NoContractError',
    })
    await expect(ours.readDeployment({ contract })).rejects.toMatchObject({ name: 'NoContractError' })
  })
})

async function blockRef(number: number) {
  const { hash } = await harness.client.getBlock({ blockNumber: BigInt(number) })
  return { number, hash }
}
