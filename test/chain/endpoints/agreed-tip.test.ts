import { numberToHex } from 'viem'
import { foundry } from 'viem/chains'
import { describe, expect, test } from 'vitest'
import { createEndpoints } from '../../../chain/endpoints/endpoints.ts'
import { SOON } from '../../support/patience.ts'
import { forked, hang, refuse, servesChain, slow, stale } from '../../support/rpc/rpc-faults.ts'
import type { RpcProxy } from '../../support/rpc/rpc-proxy.ts'
import { endpoints, forkedOtherwise, HEAD, inject, proxies, useThreeEndpoints } from './endpoints-scene.ts'

/** A time later than stragglers are waited for when nothing speaks for it, ms. */
const LATE_MS = 700

useThreeEndpoints()

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

/** Says that its newest block has that number. */
function claims(number: number): RpcProxy['fault'] {
  return (call) => {
    if (call.method !== 'eth_getBlockByNumber' || call.params[0] !== 'latest') return undefined
    return { kind: 'answer', change: (block: object) => ({ ...block, number: numberToHex(number) }) }
  }
}
