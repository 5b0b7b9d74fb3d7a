import { foundry } from 'viem/chains'
import { describe, expect, test } from 'vitest'
import { createEndpoints, type Endpoints } from '../../../chain/endpoints/endpoints.ts'
import { refuse, servesChain } from '../../support/rpc/rpc-faults.ts'
import { endpoints, HEAD, inject, miner, proxies, TIMEOUT_MS, useThreeEndpoints } from './endpoints-scene.ts'

useThreeEndpoints()

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
      // Any of the three may be named, for all serve that chain.
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
