import { encodeErrorResult, parseAbi } from 'viem'
import { foundry } from 'viem/chains'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readCalldata } from '../../../chain/contract/find-sequencing.ts'
import { createEndpoints, type Endpoints } from '../../../chain/endpoints/endpoints.ts'
import { readLogs } from '../../../chain/endpoints/read-logs.ts'
import { readReceipts } from '../../../chain/transactions/read-account.ts'
import { tryOut } from '../../../chain/trials/try-out.ts'
import type { Hex } from '../../../protocol/base/ranges.ts'
import { type Anvil, anvilClient, startAnvil } from '../../support/nodes/anvil.ts'
import { balances, hangsOnNumbers, readsByNumber, runsAhead } from '../../support/rpc/block-habits.ts'
import { hang, stale } from '../../support/rpc/rpc-faults.ts'
import { always, type Habit, hangsOn, type RpcFront, refuses, startRpcFront } from '../../support/rpc/rpc-front.ts'

const HEAD = 20
const COINS = 10n ** 22n
/** The usual time-out: no look may take as long. */
const TIMEOUT_MS = 10_000
const miner = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'

let anvil: Anvil
let fronts: [RpcFront, RpcFront, RpcFront]
let client: ReturnType<typeof anvilClient>
let mined: Hex

beforeAll(async () => {
  anvil = await startAnvil()
  fronts = [await startRpcFront(anvil.url), await startRpcFront(anvil.url), await startRpcFront(anvil.url)]
  client = anvilClient(anvil.url)
  mined = await client.sendTransaction({ account: miner, to: miner, chain: null })
  await client.mine({ blocks: HEAD })
  await client.setBalance({ address: miner, value: COINS })
})

afterAll(async () => {
  await Promise.all(fronts?.map((front) => front.close()) ?? [])
  await anvil?.stop()
})

beforeEach(() => play([], [], []))

describe('reads in the state after a block, of an endpoint that', () => {
  const codes = [-32000, -32601, -32602, -32603, -32700]

  test.each(codes)(
    'refuses blocks by hash with %i: are made by number, and asked for no other way again',
    async (code) => {
      play([readsByNumber(code)])
      const one = single()
      expect(await readBalance(one)).toBe(COINS)
      fronts[0].calls.length = 0
      expect(await readBalance(one)).toBe(COINS)
      expect(fronts[0].calls.filter((call) => JSON.stringify(call.params).includes('blockHash'))).toEqual([])
      expect(one.troubles()).toEqual([])
    },
  )

  test.each(codes)(
    'refuses blocks by hash with %i: are made by number after a block was had by its hash',
    async (code) => {
      play([readsByNumber(code)])
      const one = single()
      const block = await one.agreedTip('latest')
      // Every node knows `eth_getBlockByHash`.
      await one.agreeAt(block, 'a block', (asked, pin) => asked.getBlock(pin))
      expect(await readBalance(one, block)).toBe(COINS)
    },
  )

  test.each(codes)('refuses blocks by hash with %i: are refused for a block that was replaced', async (code) => {
    play([readsByNumber(code)])
    await expect(readBalance(single(), { number: 3, hash: `0x${'99'.repeat(32)}` })).rejects.toMatchObject({
      name: 'ChainMovedError',
    })
  })

  test('takes the newest state for that of any hash, without a word: are those of the block', async () => {
    const old = await client.getBlock({ blockNumber: 5n })
    await client.setBalance({ address: miner, value: COINS + 1n })
    await client.mine({ blocks: 1 })
    try {
      play([readsByNumber('latest')])
      expect(await readBalance(single(), { number: 5, hash: old.hash })).toBe(
        await client.getBalance({ address: miner, blockNumber: 5n }),
      )
    } finally {
      await client.setBalance({ address: miner, value: COINS })
      await client.mine({ blocks: 1 })
    }
  })

  test('answers by hash: are never made by number', async () => {
    const one = single()
    await readBalance(one)
    await expect(readBalance(one, { number: 3, hash: `0x${'99'.repeat(32)}` })).rejects.toMatchObject({
      rpcCode: expect.any(Number),
    })
    const pins = fronts[0].calls
      .filter(({ method }) => method === 'eth_getBalance')
      .map(({ params }) => typeof params[1])
    expect(new Set(pins)).toEqual(new Set(['object']))
  })
})

test('a revert that asks for a look elsewhere (ERC-3668) has nothing fetched', async () => {
  const target = fronts[2]
  const data = encodeErrorResult({
    abi: parseAbi([
      'error OffchainLookup(address sender, string[] urls, bytes callData, bytes4 callbackFunction, bytes extraData)',
    ]),
    args: [miner, [target.url], '0x', '0x00000000', '0x'],
  })
  play([always(() => ({ kind: 'error', code: 3, message: 'execution reverted', data }), 'eth_call')])
  const head = await single().agreedTip('latest')
  const read = single().agreeAt(head, 'a call', (one, pin) => one.call({ ...pin, to: miner }))
  await expect(read).rejects.toMatchObject({ name: 'ContractRevertedError' })
  expect(target.calls).toEqual([])
})

describe('several nodes a block apart behind one address', () => {
  test('answer what one of them knows: 40 of 40 reads at the newest block', async () => {
    play([balances(1, head)])
    const one = single()
    const failed: unknown[] = []
    for (let look = 0; look < 40; look += 1) {
      const block = await one.agreedTip('latest')
      await readBalance(one, block).catch((error) => failed.push(error))
      if (look % 10 === 0) await client.mine({ blocks: 1 })
    }
    expect(failed).toEqual([])
    expect(one.troubles()).toEqual([])
  })

  test('have a block that only one of them knows', async () => {
    play([balances(1, head)])
    const one = single()
    for (let look = 0; look < 6; look += 1) {
      const { number } = await one.agreedTip('latest')
      expect(await one.blockAt(number)).toMatchObject({ number })
    }
  })
})

describe('of three endpoints, one that', () => {
  test.each<{ what: string; habits: Habit[] }>([
    { what: 'hangs on blocks by number', habits: [hangsOnNumbers] },
    { what: 'hangs on blocks by number and is a block ahead', habits: [runsAhead(1), hangsOnNumbers] },
    { what: 'hangs on blocks by number and makes up a height', habits: [runsAhead(1_000_000), hangsOnNumbers] },
    { what: 'hangs on the newest block', habits: [hangsOn('eth_getBlockByNumber')] },
    { what: 'hangs on its chain', habits: [hangsOn('eth_chainId')] },
    { what: 'hangs on states', habits: [hangsOn('eth_getBalance', 'eth_call', 'eth_getTransactionCount')] },
    { what: 'hangs on fees', habits: [hangsOn('eth_feeHistory', 'eth_maxPriorityFeePerGas')] },
  ])('$what makes no look wait for its time-out, whether or not another is a block behind', async ({ habits }) => {
    for (const behind of [0, 1]) {
      for (const liar of [0, 1, 2]) {
        const all: Habit[][] = [[], [], []]
        all[liar] = habits
        const top = await head()
        if (behind > 0) all[(liar + 1) % 3] = [always(stale(behind, () => top))]
        play(...all)
        const three = endpoints()
        await look(three)
        const began = performance.now()
        expect((await look(three)).number).toBeGreaterThanOrEqual(top - behind)
        expect(performance.now() - began).toBeLessThan(3_000)
      }
    }
  })

  test.each<{ what: string; habits: Habit[] }>([
    { what: 'hangs on logs', habits: [hangsOn('eth_getLogs')] },
    { what: 'hangs on receipts', habits: [hangsOn('eth_getTransactionReceipt')] },
    { what: 'hangs on transactions', habits: [hangsOn('eth_getTransactionByHash')] },
    { what: 'hangs on simulations', habits: [hangsOn('eth_simulateV1')] },
    { what: 'hangs on estimates', habits: [refuses(-32601, 'eth_simulateV1'), hangsOn('eth_estimateGas')] },
    { what: 'hangs on its forks', habits: [hangsOn('eth_config')] },
    {
      what: 'hangs on all but its chain',
      habits: [always(({ method }) => (method === 'eth_chainId' ? undefined : hang()))],
    },
  ])('$what keeps nothing waiting for its time-out that looks and passes read', async ({ habits }) => {
    for (const liar of [0, 1, 2]) {
      play(...[0, 1, 2].map((i) => (i === liar ? habits : [])))
      const three = endpoints()
      await readAll(three)
      const began = performance.now()
      await readAll(three)
      expect(performance.now() - began).toBeLessThan(TIMEOUT_MS / 2)
    }
  })

  test("hangs doesn't keep the start waiting", async () => {
    play([hangsOn('eth_chainId')])
    const began = performance.now()
    await endpoints().assertChainId()
    expect(performance.now() - began).toBeLessThan(2_000)
  })
})

describe('the same address', () => {
  test.each([
    { why: 'as it is', change: (url: string) => url },
    { why: 'with a slash', change: (url: string) => `${url}/` },
    { why: 'in capitals', change: (url: string) => url.replace('http', 'HTTP') },
  ])('named twice, $why, is one endpoint', ({ change }) => {
    const [url] = [fronts[0].url]
    const twice = { chainId: foundry.id, rpcUrls: [url, change(url)], timeoutMs: TIMEOUT_MS }
    expect(createEndpoints(twice)).toMatchObject({ agreement: 1, all: [{ label: 'endpoint 1 of 2 of chain 31337' }] })
    expect(() => createEndpoints({ ...twice, agreement: 2 })).toThrow(
      expect.objectContaining({ name: 'InvalidChainConfigError' }),
    )
  })

  test('with another path or key is another endpoint', () => {
    const rpcUrls = ['https://node.example/v3/a', 'https://node.example/v3/b', 'https://node.example/v3/a?key=1']
    expect(createEndpoints({ chainId: 1, rpcUrls, timeoutMs: TIMEOUT_MS }).all).toHaveLength(3)
  })
})

function play(...habits: readonly (readonly Habit[])[]): void {
  for (const [i, front] of fronts.entries()) {
    front.habits = habits[i] ?? []
    front.calls.length = 0
  }
}

const head = async () => Number(await client.getBlockNumber({ cacheTime: 0 }))

const endpoints = () =>
  createEndpoints({ chainId: foundry.id, rpcUrls: fronts.map(({ url }) => url), timeoutMs: TIMEOUT_MS })

const single = () => createEndpoints({ chainId: foundry.id, rpcUrls: [fronts[0].url], timeoutMs: TIMEOUT_MS })

async function readBalance(from: Endpoints, block?: Parameters<Endpoints['agreeAt']>[0]): Promise<bigint> {
  const at = block ?? (await from.agreedTip('latest'))
  return from.agreeAt(at, 'a balance', (one, pin) => one.getBalance({ ...pin, address: miner }))
}

/** Reads what a look asks for: the head, an older block, a state, the fees. */
async function look(from: Endpoints) {
  const block = await from.agreedTip('latest')
  await Promise.all([
    from.blockAt(block.number - 3),
    readBalance(from, block),
    from.answers(
      (one) => one.estimateMaxPriorityFeePerGas(),
      () => true,
    ),
  ])
  return block
}

/** Reads what a look asks for, and logs, what is mined, what was posted, and what a call would take. */
async function readAll(from: Endpoints): Promise<void> {
  const block = await look(from)
  const call = { to: miner, data: '0x', valueWei: 0n } as const
  const toHead = { what: 'logs', from: 0, to: block.number, head: block }
  const [receipts, tried] = await Promise.all([
    readReceipts(from, [mined], block),
    tryOut(from, { from: miner, at: block, before: [], call }),
    readCalldata(from, mined),
    readLogs(from, { ...toHead, read: (one, range) => one.getLogs(range) }),
  ])
  expect(receipts).toMatchObject({ receipts: [{ txHash: mined }], untold: [] })
  expect(tried).toMatchObject({ now: { kind: 'runs' } })
}
