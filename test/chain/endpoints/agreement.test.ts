import { describe, expect, test } from 'vitest'
import type { Endpoints } from '../../../chain/endpoints/endpoints.ts'
import { hang, numbersOnly, refuse, servesChain } from '../../support/rpc/rpc-faults.ts'
import type { Fault } from '../../support/rpc/rpc-proxy.ts'
import { endpoints, inject, miner, useThreeEndpoints } from './endpoints-scene.ts'

useThreeEndpoints()

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

/** Answers what nodes say to the hash of a block that they don't have. */
function unknownBlock(call: { method: string }): Fault | undefined {
  return call.method === 'eth_getBalance' ? { kind: 'error', code: -32000, message: 'header not found' } : undefined
}
