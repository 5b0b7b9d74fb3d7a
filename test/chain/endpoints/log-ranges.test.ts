import { foundry } from 'viem/chains'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Chain, createChain } from '../../../chain/create-chain.ts'
import { createEndpoints } from '../../../chain/endpoints/endpoints.ts'
import { readLogs } from '../../../chain/endpoints/read-logs.ts'
import { Harness } from '../../contracts/harness.ts'
import { sequencing } from '../../contracts/miner-actions.ts'
import { nextSequence } from '../../contracts/sequences.ts'
import { balances } from '../../support/rpc/block-habits.ts'
import { limitsBatches, limitsLogs } from '../../support/rpc/provider-habits.ts'
import { type Habit, type RpcFront, startRpcFront } from '../../support/rpc/rpc-front.ts'

const BLOCKS = 1_100

let harness: Harness
let front: RpcFront

beforeAll(async () => {
  harness = await Harness.start()
  front = await startRpcFront(harness.anvil.url)
  for (let mined = 0; mined < BLOCKS; mined += 100) await harness.mine(100)
  await harness.send(sequencing(harness.sequencer, nextSequence(undefined, 2)))
})

afterAll(async () => {
  await front?.close()
  await harness?.anvil.stop()
})

beforeEach(() => play([]))

const limits = [
  ...[1_000, 500, 10].map((blocks) => ({ what: `${blocks} blocks`, habit: limitsLogs({ blocks }) })),
  ...[-32000, -32600, -32602, -32614, -32701].map((code) => ({
    what: `500 blocks, with ${code}`,
    habit: limitsLogs({ blocks: 500, code }),
  })),
  { what: '10 results', habit: limitsLogs({ results: 10 }) },
]

describe('logs of endpoints that answer few of them at once', () => {
  test.each(limits)('$what: the first state of a rollup is found', async ({ habit }) => {
    play([habit])
    const { stateRoot } = await chain().readGenesis({ contract: harness.rollup })
    expect(stateRoot).toBe((await chain().readDeployment({ contract: harness.rollup })).genesisStateRoot)
    expect(chain().troubles()).toEqual([])
  })

  test.each(limits)(
    '$what: so is the transaction that posted a sequence, though a whole chain shares its second',
    async ({ habit }) => {
      play([habit])
      expect(await chain().readSequencing({ contract: harness.rollup, range: { from: 1, to: 2 } })).toMatchObject({
        blockNumber: await harness.head(),
      })
    },
  )

  test.each(limits)('$what: all logs are there, in their order', async ({ habit }) => {
    const all = await readAll(fresh())
    play([habit])
    expect(await readAll(fresh())).toEqual(all)
    expect(all.length).toBeGreaterThan(2)
  })

  test('with batches of 3 as well', async () => {
    const all = await readAll(fresh())
    play([limitsLogs({ blocks: 10 }), limitsBatches(3)])
    expect(await readAll(fresh())).toEqual(all)
  })

  test('are asked for in the length that was taken, which grows again when more are answered', async () => {
    const from = fresh()
    play([limitsLogs({ blocks: 100 })])
    await readAll(from)
    front.calls.length = 0
    await readAll(from)
    const asked = lengths()
    expect(Math.max(...asked)).toBeLessThanOrEqual(200)
    expect(asked.filter((blocks) => blocks > 100).length).toBeLessThan(asked.length / 8)
    play([])
    for (let i = 0; i < 24; i += 1) await readAll(from)
    front.calls.length = 0
    await readAll(from)
    expect(lengths().length).toBeLessThan(8)
  })

  test('are refused at last where not even those of one block are answered', async () => {
    play([limitsLogs({ blocks: 0 })])
    await expect(readAll(fresh())).rejects.toMatchObject({ name: 'RpcUnavailableError', rpcCode: -32005 })
    expect(front.calls.filter(({ method }) => method === 'eth_getLogs').length).toBeLessThan(100)
  })

  test('are not asked for in halves of a server that has had enough requests', async () => {
    play([limitsLogs({ blocks: 0, code: 429 })])
    await expect(readAll(fresh())).rejects.toMatchObject({ name: 'RpcUnavailableError', rpcCode: 429 })
    expect(front.calls.filter(({ method }) => method === 'eth_getLogs')).toHaveLength(1)
  })

  test('of the newest block are told though every other request meets a node that lacks it', async () => {
    play([balances(1, () => harness.head())])
    const from = fresh()
    for (let i = 0; i < 6; i += 1) {
      const head = await from.agreedTip('latest')
      if (head.number !== (await harness.head())) continue
      expect(await readAll(from, head)).toContainEqual({ blockNumber: head.number })
    }
  })
})

const play = (habits: readonly Habit[]) => {
  front.habits = habits
  front.calls.length = 0
}

const chain = (): Chain =>
  createChain({ chainId: foundry.id, rpcUrls: [front.url], finality: { confirmations: 2 }, maxFeePerGasWei: 1n })

const fresh = () => createEndpoints({ chainId: foundry.id, rpcUrls: [front.url], timeoutMs: 20_000 })

async function readAll(
  from: ReturnType<typeof fresh>,
  at?: Awaited<ReturnType<ReturnType<typeof fresh>['agreedTip']>>,
) {
  const head = at ?? (await from.agreedTip('latest'))
  return readLogs(from, {
    ...{ what: 'logs', from: 0, to: head.number, head },
    read: async (client, range) => {
      const logs = await client.getLogs({ address: harness.rollup, ...range })
      return logs.map(({ blockNumber }) => ({ blockNumber: Number(blockNumber) }))
    },
  })
}

const lengths = () =>
  front.calls
    .filter(({ method }) => method === 'eth_getLogs')
    .map(({ params }) => params[0] as { fromBlock: string; toBlock: string })
    .map(({ fromBlock, toBlock }) => Number(toBlock) - Number(fromBlock) + 1)
