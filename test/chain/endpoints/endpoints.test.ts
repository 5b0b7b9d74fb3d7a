import { createTestClient, http, numberToHex, publicActions, walletActions } from 'viem'
import { foundry } from 'viem/chains'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createEndpoints, type Endpoints } from '../../../chain/endpoints/endpoints.ts'
import { type Anvil, startAnvil } from '../../support/nodes/anvil.ts'
import { SOON } from '../../support/patience.ts'
import { forked, hang, numbersOnly, refuse, servesChain, slow, stale } from '../../support/rpc/rpc-faults.ts'
import { type Fault, type RpcProxy, startRpcProxy } from '../../support/rpc/rpc-proxy.ts'

const HEAD = 20
const TIMEOUT_MS = 1_000
/** Later than stragglers are waited for when nothing speaks for it. */
const LATE_MS = 700
const miner = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'

let anvil: Anvil
let proxies: [RpcProxy, RpcProxy, RpcProxy]
let client: ReturnType<typeof testClient>

beforeAll(async () => {
  anvil = await startAnvil(['--slots-in-an-epoch', '2'])
  proxies = [await startRpcProxy(anvil.url), await startRpcProxy(anvil.url), await startRpcProxy(anvil.url)]
  client = testClient(anvil.url)
  await client.mine({ blocks: HEAD })
})

afterAll(async () => {
  await Promise.all(proxies?.map((proxy) => proxy.close()) ?? [])
  await anvil?.stop()
})

afterEach(() => {
  for (const proxy of proxies) proxy.fault = () => undefined
})

describe('the agreed head', () => {
  test.each([
    { why: 'three that agree', faults: [], expected: HEAD },
    { why: 'one that is behind counts for nothing', faults: [stale(3, () => HEAD)], expected: HEAD },
    {
      why: 'with two behind, what two of three have',
      faults: [stale(3, () => HEAD), stale(5, () => HEAD)],
      expected: HEAD - 3,
    },
    { why: 'one on another fork counts for nothing', faults: [forked(15)], expected: HEAD },
    {
      why: 'with one on a fork and one behind, the height of the latter',
      faults: [forked(1), stale(4, () => HEAD)],
      expected: HEAD - 4,
    },
    {
      why: 'with one behind, the root of a fork that begins above it',
      faults: [forked(19), stale(8, () => HEAD)],
      expected: 18,
    },
    {
      why: 'where one is enough, the highest of any',
      faults: [stale(3, () => HEAD), stale(5, () => HEAD)],
      expected: HEAD,
      agreement: 1,
    },
    {
      why: 'two forks and agreement of two: the last common block',
      faults: [forked(7), forkedOtherwise(12)],
      expected: 11,
    },
    {
      why: 'all three must agree: below the lowest fork',
      faults: [forked(7), forkedOtherwise(12)],
      expected: 6,
      agreement: 3,
    },
    { why: 'one that refuses: too many requests', faults: [refuse(429)], expected: HEAD },
    { why: 'one that refuses: no healthy upstream', faults: [refuse(503)], expected: HEAD },
    { why: 'one that hangs', faults: [hang], expected: HEAD },
    { why: 'one that serves another chain', faults: [servesChain(5)], expected: HEAD },
    {
      why: 'with one of another chain and one behind, the height of the latter',
      faults: [servesChain(5), stale(4, () => HEAD)],
      expected: HEAD - 4,
    },
  ])('$why', async ({ faults, expected, agreement }) => {
    inject(faults)
    expect(await endpoints(agreement).agreedTip('latest')).toMatchObject({ number: expected })
  })

  test('one that hangs delays a look by less than its timeout', async () => {
    inject([hang])
    const started = performance.now()
    await endpoints(undefined, 10_000).agreedTip('latest')
    expect(performance.now() - started).toBeLessThan(3_000)
  })

  test('one that is far behind is found out by one that is late, and named', async () => {
    inject([() => undefined, stale(15, () => HEAD), slow(LATE_MS, 'eth_getBlockByNumber')])
    const from = endpoints(undefined, 10_000)
    for (let look = 0; look < 2; look += 1) expect(await from.agreedTip('latest')).toMatchObject({ number: HEAD })
    expect(from.troubles()).toEqual(['endpoint 2 of 3 of chain 31337 is 15 blocks behind the agreed block 20'])
  })

  test('one on a fork is found out by one that is late, and named', async () => {
    inject([() => undefined, forked(7), slow(LATE_MS, 'eth_getBlockByNumber')])
    const from = endpoints(undefined, 10_000)
    expect(await from.agreedTip('latest')).toMatchObject({ number: HEAD })
    expect(from.troubles()).toEqual(['endpoint 2 of 3 of chain 31337 has another block 20 than the agreed one'])
  })

  test('one that is far behind alone, where one is enough, is found out from the second look on', async () => {
    inject([stale(15, () => HEAD), slow(LATE_MS, 'eth_getBlockByNumber'), hang])
    const from = endpoints(1, 1_500)
    await from.agreedTip('latest')
    await expect.poll(() => from.agreedTip('latest'), SOON).toMatchObject({ number: HEAD })
  })

  test('two that are far behind are what is believed of three, and the third is named', async () => {
    inject([stale(15, () => HEAD), stale(15, () => HEAD)])
    const from = endpoints()
    expect(await from.agreedTip('latest')).toMatchObject({ number: HEAD - 15 })
    expect(from.troubles()).toEqual(['endpoint 3 of 3 of chain 31337 is 15 blocks ahead of the agreed block 5'])
  })

  test('one that is back is named no more', async () => {
    inject([stale(15, () => HEAD)])
    const from = endpoints()
    await from.agreedTip('latest')
    expect(from.troubles()).toHaveLength(1)
    inject([() => undefined])
    await from.agreedTip('latest')
    expect(from.troubles()).toEqual([])
  })

  test('one that makes up a height delays a look, while another hangs, by no more than the timeout', async () => {
    inject([claims(1_000_000), hang])
    const from = endpoints(undefined, 1_500)
    const started = performance.now()
    expect(await from.agreedTip('latest')).toMatchObject({ number: HEAD })
    expect(performance.now() - started).toBeLessThan(5_000)
  })

  test('one that made up a height and hangs since delays one look only', async () => {
    const from = endpoints(undefined, 3_000)
    inject([claims(1_000_000)])
    await from.agreedTip('latest')
    inject([hang])
    await from.agreedTip('latest')
    const started = performance.now()
    expect(await from.agreedTip('latest')).toMatchObject({ number: HEAD })
    expect(performance.now() - started).toBeLessThan(2_000)
  })

  test('fewer than must agree answer: the failure says so', async () => {
    inject([refuse(503), refuse(503)])
    await expect(endpoints().agreedTip('latest')).rejects.toMatchObject({
      name: 'RpcUnavailableError',
      httpStatus: 503,
    })
  })

  test('an answer whose body never ends is a timeout', async () => {
    const one = createEndpoints({ chainId: foundry.id, rpcUrls: [proxies[0].url], timeoutMs: 300 })
    proxies[0].fault = () => ({ kind: 'hang-in-body' })
    await expect(one.agreedTip('latest')).rejects.toMatchObject({
      name: 'RpcUnavailableError',
      message: expect.stringContaining('too long'),
    })
  })

  test('nothing is in common: they disagree', async () => {
    inject([forked(0), forkedOtherwise(0)])
    await expect(endpoints().agreedTip('latest')).rejects.toMatchObject({ name: 'EndpointsDisagreeError' })
  })

  test('finality by tag is agreed on in the same way', async () => {
    expect(await endpoints().agreedTip('finalized')).toMatchObject({ number: HEAD - 4 })
  })
})

describe('reads at a block', () => {
  const balanceAt = async (from: Endpoints) => {
    const head = await from.agreedTip('latest')
    return from.agreeAt(head, 'a balance', (one, pin) => one.getBalance({ ...pin, address: miner }))
  }
  const lie = (call: { method: string }) => {
    return call.method === 'eth_getBalance' ? ({ kind: 'answer', change: () => '0x1' } as const) : undefined
  }

  test('a lie of one is outvoted', async () => {
    inject([lie])
    expect(await balanceAt(endpoints())).toBe(10n ** 22n)
  })

  test('one that hangs delays a read once, and by less than its timeout', async () => {
    const from = endpoints(undefined, 20_000)
    const head = await from.agreedTip('latest')
    const read = () => from.agreeAt(head, 'a balance', (one, pin) => one.getBalance({ ...pin, address: miner }))
    inject([hang])
    const started = performance.now()
    await read()
    expect(performance.now() - started).toBeLessThan(3_000)
    const again = performance.now()
    await read()
    expect(performance.now() - again).toBeLessThan(900)
  })

  test.each([
    { what: 'hangs', fault: hang },
    { what: 'refuses: too many requests', fault: refuse(429) },
    { what: 'refuses: no healthy upstream', fault: refuse(503) },
    { what: 'does not know the block: it is behind, or on another fork', fault: unknownBlock },
    { what: 'serves another chain', fault: servesChain(5) },
  ])('one that $what is done without', async ({ fault }) => {
    const from = endpoints()
    const head = await from.agreedTip('latest')
    inject([fault])
    expect(await from.agreeAt(head, 'a balance', (one, pin) => one.getBalance({ ...pin, address: miner }))).toBe(
      10n ** 22n,
    )
  })

  test('where two must agree and only two are left, a lie of one is a disagreement', async () => {
    inject([lie, (call) => (call.method === 'eth_getBalance' ? refuse(429)() : undefined)])
    await expect(balanceAt(endpoints())).rejects.toMatchObject({ name: 'EndpointsDisagreeError' })
  })

  test('a node without EIP-1898 is read by number, and its block checked afterwards', async () => {
    inject([numbersOnly, numbersOnly, numbersOnly])
    expect(await balanceAt(endpoints())).toBe(10n ** 22n)
    const head = await endpoints().agreedTip('latest')
    const gone = { number: head.number, hash: `0x${'99'.repeat(32)}` } as const
    const read = endpoints().agreeAt(gone, 'a balance', (one, pin) => one.getBalance({ ...pin, address: miner }))
    await expect(read).rejects.toMatchObject({ name: 'ChainMovedError' })
  })

  test('a block that no longer exists is no answer', async () => {
    const gone = { number: 3, hash: `0x${'99'.repeat(32)}` } as const
    const read = endpoints().agreeAt(gone, 'a balance', (one, pin) => one.getBalance({ ...pin, address: miner }))
    await expect(read).rejects.toMatchObject({ name: 'ChainMovedError' })
  })
})

describe('an endpoint that comes to serve another chain', () => {
  const balanceAt = (from: Endpoints, number: number) =>
    from.agree('a balance', (one) => one.getBalance({ address: miner, blockNumber: BigInt(number) }))

  test('is no longer believed from the next request on, and believed again when it is back', async () => {
    const one = createEndpoints({ chainId: foundry.id, rpcUrls: [proxies[0].url], timeoutMs: TIMEOUT_MS })
    expect(await balanceAt(one, HEAD)).toBe(10n ** 22n)
    expect(one.troubles()).toEqual([])
    inject([servesChain(5)])
    const failure = {
      name: 'RpcUnavailableError',
      message: 'endpoint 1 of 1 of chain 31337 gave no usable answer: it serves chain 5; the configuration says 31337.',
    }
    await expect(balanceAt(one, HEAD)).rejects.toMatchObject(failure)
    await expect(one.agreedTip('latest')).rejects.toMatchObject(failure)
    expect(one.troubles()).toEqual(['endpoint 1 of 1 of chain 31337 serves chain 5'])
    inject([() => undefined])
    expect(await balanceAt(one, HEAD)).toBe(10n ** 22n)
  })

  test('that was away at the start is not believed either', async () => {
    inject([refuse(503), refuse(503)])
    const from = endpoints(1)
    await from.assertChainId()
    inject([servesChain(5), refuse(503), refuse(503)])
    await expect(from.agreedTip('latest')).rejects.toMatchObject({ name: 'RpcUnavailableError' })
  })

  test('leaves too few with another that is away: both are named', async () => {
    inject([servesChain(5), refuse(503)])
    const both = {
      name: 'RpcUnavailableError',
      message: expect.stringMatching(/^(?=.*1 of 3.*serves chain 5)(?=.*2 of 3.*HTTP status 503)/),
    }
    await expect(endpoints().agreedTip('latest')).rejects.toMatchObject(both)
    await expect(balanceAt(endpoints(), HEAD)).rejects.toMatchObject(both)
  })

  test('is asked which chain it serves in the same request, not in one more', async () => {
    const one = createEndpoints({ chainId: foundry.id, rpcUrls: [proxies[0].url], timeoutMs: TIMEOUT_MS })
    const before = { calls: proxies[0].calls.length, requests: proxies[0].requests }
    await Promise.all([1, 2, 3].map((number) => balanceAt(one, number)))
    const methods = proxies[0].calls.slice(before.calls).map((call) => call.method)
    expect(methods.sort()).toEqual(['eth_chainId', 'eth_getBalance', 'eth_getBalance', 'eth_getBalance'])
    expect(proxies[0].requests - before.requests).toBe(1)
  })
})

describe('the configuration', () => {
  test('a wrong chain id is fatal and names the endpoint by its place only', async () => {
    const wrong = createEndpoints({ chainId: 5, rpcUrls: proxies.map((proxy) => proxy.url), timeoutMs: TIMEOUT_MS })
    await expect(wrong.assertChainId()).rejects.toMatchObject({
      name: 'WrongChainIdError',
      // all do
      message: expect.stringMatching(/^endpoint [123] of 3 of chain 5 serves chain 31337; the configuration says 5\.$/),
    })
  })

  test('one of another chain among enough others is no reason not to start', async () => {
    inject([servesChain(5)])
    await expect(endpoints().assertChainId()).resolves.toBeUndefined()
  })

  test('an endpoint that is away does not hide a wrong one, nor stop the others', async () => {
    inject([refuse(500)])
    await expect(endpoints().assertChainId()).resolves.toBeUndefined()
    inject([refuse(500), servesChain(5)])
    await expect(endpoints().assertChainId()).rejects.toMatchObject({ name: 'WrongChainIdError' })
  })

  test.each([
    { rpcUrls: [], agreement: undefined },
    { rpcUrls: ['http://127.0.0.1:1'], agreement: 2 },
    { rpcUrls: ['ftp://127.0.0.1'], agreement: undefined },
    { rpcUrls: ['not an address'], agreement: undefined },
  ])('refuses $rpcUrls with agreement $agreement', ({ rpcUrls, agreement }) => {
    expect(() => createEndpoints({ chainId: 1, rpcUrls, agreement, timeoutMs: TIMEOUT_MS })).toThrow(
      expect.objectContaining({ name: 'InvalidChainConfigError' }),
    )
  })
})

// Helpers

/** What nodes say to the hash of a block that they don't have. */
function unknownBlock(call: { method: string }): Fault | undefined {
  return call.method === 'eth_getBalance' ? { kind: 'error', code: -32000, message: 'header not found' } : undefined
}

function endpoints(agreement?: number, timeoutMs = TIMEOUT_MS): Endpoints {
  return createEndpoints({ chainId: foundry.id, rpcUrls: proxies.map((proxy) => proxy.url), agreement, timeoutMs })
}

function inject(faults: readonly RpcProxy['fault'][]): void {
  for (const [i, fault] of faults.entries()) {
    const proxy = proxies[i]
    if (proxy) proxy.fault = fault
  }
}

/** Says that its newest block has that number. */
function claims(number: number): RpcProxy['fault'] {
  return (call) => {
    if (call.method !== 'eth_getBlockByNumber' || call.params[0] !== 'latest') return undefined
    return { kind: 'answer', change: (block: object) => ({ ...block, number: numberToHex(number) }) }
  }
}

function forkedOtherwise(first: number): RpcProxy['fault'] {
  return (call) => {
    if (call.method !== 'eth_getBlockByNumber') return undefined
    const change = (block: { number: string; hash: string } | null) => {
      // Turned by a byte: a byte that is set would leave one hash in 256 as it is.
      return block && Number(block.number) >= first
        ? { ...block, hash: `0x${block.hash.slice(4)}${block.hash.slice(2, 4)}` }
        : block
    }
    return { kind: 'answer', change }
  }
}

function testClient(url: string) {
  return createTestClient({ mode: 'anvil', chain: foundry, transport: http(url) })
    .extend(publicActions)
    .extend(walletActions)
}
