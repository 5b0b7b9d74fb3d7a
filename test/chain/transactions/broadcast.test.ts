import { foundry } from 'viem/chains'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createChain } from '../../../chain/create-chain.ts'
import { createMinerAccount } from '../../../chain/transactions/account.ts'
import { hang, refuse, servesChain } from '../../support/rpc/rpc-faults.ts'
import { type RpcProxy, startRpcProxy } from '../../support/rpc/rpc-proxy.ts'
import { anvil, chain, client, fees, first, GWEI, second, transfer, useTwoEndpoints } from './sending-scene.ts'

const contract = '0xdddddddddddddddddddddddddddddddddddddddd'

useTwoEndpoints()

describe('a broadcast', () => {
  test('is known to both endpoints at once, and again: accepted', async () => {
    const raw = await transfer({ nonce: 0 })
    expect(await chain.broadcast(raw)).toEqual({ kind: 'accepted' })
    expect(await chain.broadcast(raw)).toEqual({ kind: 'accepted' })
  })

  test('a replacement that offers no more is underpriced, an eighth more is taken', async () => {
    expect(await chain.broadcast(await transfer({ nonce: 0, to: contract, fees: fees(20n, 1n) }))).toEqual({
      kind: 'underpriced',
    })
    expect(await chain.broadcast(await transfer({ nonce: 0, fees: fees(23n, 2n) }))).toEqual({ kind: 'accepted' })
  })

  test('a nonce that is mined is told apart', async () => {
    await client.mine({ blocks: 1 })
    expect(await chain.broadcast(await transfer({ nonce: 0, fees: fees(30n, 3n) }))).toEqual({ kind: 'nonce-used' })
  })

  test('so is a balance that does not cover it', async () => {
    const poor = createMinerAccount(`0x${'42'.repeat(32)}`)
    expect(await chain.broadcast(await transfer({ nonce: 0, from: poor }))).toEqual({ kind: 'insufficient-funds' })
  })

  test('one endpoint that takes it is enough, whatever the other says', async () => {
    for (const [nonce, fault] of [hang, refuse(500), refusing('nonce too low'), refusing('txpool is full')].entries()) {
      first.fault = fault
      expect(await chain.broadcast(await transfer({ nonce: nonce + 1 }))).toEqual({ kind: 'accepted' })
    }
  })

  test('what an endpoint of another chain says counts for nothing', async () => {
    first.fault = servesChain(5)
    expect(await chain.broadcast(await transfer({ nonce: 4 }))).toEqual({ kind: 'accepted' })
    second.fault = refusing('nonce too low')
    expect(await chain.broadcast(await transfer({ nonce: 4 }))).toEqual({ kind: 'nonce-used' })
    second.fault = refuse(500)
    expect(await chain.broadcast(await transfer({ nonce: 4 }))).toEqual({ kind: 'unanswered' })
  })

  test('an answer that gets lost is no refusal', async () => {
    first.fault = refuse(502)
    second.fault = hang
    expect(await chain.broadcast(await transfer({ nonce: 5 }))).toEqual({ kind: 'unanswered' })
  })

  describe('does not wait for an endpoint that owes an answer', () => {
    let third: RpcProxy
    const owes: RpcProxy['fault'] = (call) => (call.method === 'eth_sendRawTransaction' ? hang() : undefined)
    const sends = ({ calls }: RpcProxy) =>
      calls.filter((call) => call.method === 'eth_sendRawTransaction').map(({ params }) => params[0])
    /** Makes endpoints whose requests time out when everything else is long over. */
    const patient = (proxies: RpcProxy[], agreement?: number) =>
      createChain({
        ...{ chainId: foundry.id, rpcUrls: proxies.map(({ url }) => url), agreement },
        ...{ finality: { confirmations: 2 }, maxFeePerGasWei: GWEI, requestTimeoutMs: 600_000 },
      })

    beforeAll(async () => {
      third = await startRpcProxy(anvil.url)
      third.fault = owes
    })

    afterAll(() => third?.close())

    test.each([
      { why: 'when as many refuse as must agree', refusals: ['nonce too low', 'nonce too low'], kind: 'nonce-used' },
      { why: 'in whatever words', refusals: ['nonce too low', 'txpool is full'], kind: 'nonce-used' },
    ])('$why: sixteen in the order of their nonces', async ({ refusals, kind }) => {
      for (const [i, proxy] of [first, second].entries()) proxy.fault = refusing(refusals[i] ?? '')
      const before = sends(third).length
      const three = patient([first, second, third])
      const raws = await Promise.all(Array.from({ length: 16 }, (_, i) => transfer({ nonce: 20 + i })))
      for (const raw of raws) expect(await three.broadcast(raw)).toEqual({ kind })
      for (const proxy of [first, second, third]) expect(sends(proxy).slice(-16)).toEqual(raws)
      expect(sends(third)).toHaveLength(before + 16)
    })

    test.each([
      { why: 'when one of two that must agree refuses', other: refusing('nonce too low'), kind: 'nonce-used' },
      { why: 'when all owe it', other: owes, kind: 'unanswered' },
    ])('for long, $why', async ({ other, kind }) => {
      first.fault = other
      expect(await patient([first, third], 2).broadcast(await transfer({ nonce: 40 }))).toEqual({ kind })
    })
  })

  test.each<[string, string]>([
    ['already known', 'accepted'], // geth, Erigon
    ['message from f410f with nonce 7 already in mpool', 'accepted'], // Lotus
    ['message with nonce already exists', 'accepted'], // Lotus
    ['AlreadyKnown', 'accepted'], // Nethermind before #12157
    ['transaction already imported', 'accepted'], // anvil
    ['Known transaction', 'accepted'], // Besu
    ['nonce too low: next nonce 5, tx nonce 3', 'nonce-used'], // geth
    ['OldNonce', 'nonce-used'], // Nethermind
    ['Nonce too low', 'nonce-used'], // Besu
    ['replacement transaction underpriced', 'underpriced'], // geth
    ['transaction underpriced: gas tip cap 0, minimum needed 1', 'underpriced'], // geth
    ['ReplacementNotAllowed', 'underpriced'], // Nethermind
    ['FeeTooLowToCompete', 'underpriced'], // Nethermind
    ['max fee per gas less than block base fee', 'underpriced'], // geth, anvil
    ['insufficient funds for gas * price + value: balance 0', 'insufficient-funds'], // geth
    ['InsufficientFunds, Account balance: 0', 'insufficient-funds'], // Nethermind
    ['Upfront cost exceeds account balance', 'insufficient-funds'], // Besu
    ['not enough funds including pending messages', 'insufficient-funds'], // Lotus
    // geth's legacy pool says this.
    ['transaction gas price below minimum: gas tip cap 0, minimum needed 25000000000', 'underpriced'],
    ['exceeds block gas limit', 'gas-limit'], // geth
    ['transaction gas limit too high (cap: 16777216, tx: 16777217)', 'gas-limit'], // geth, EIP-7825
    ['intrinsic gas too low: gas 20000, minimum needed 21000', 'gas-limit'], // geth
    ['insufficient gas for floor data gas cost: gas 22000, minimum needed 22600', 'gas-limit'], // geth, EIP-7623
    ['tx fee (1.12 ether) exceeds the configured cap (1.00 ether)', 'fee-cap'], // geth
    ['oversized data: transaction size 140118, limit 131072', 'too-large'], // geth
    ['transaction type not supported', 'type-unsupported'], // geth before London
    ['unknown transaction type', 'type-unsupported'], // this isn't a known transaction
    ['Gas price below configured minimum gas price', 'underpriced'], // Besu
    ['message from f410f with nonce 7 already in mpool: replace by fee has too low GasPremium', 'underpriced'], // Lotus
    [
      'EIP-1559 style fee params (maxFeePerGas) received but they are not supported by the current hardfork.',
      'type-unsupported',
    ], // anvil
    ['txpool is full', 'refused'],
  ])('%s: %s', async (message, kind) => {
    first.fault = refusing(message)
    second.fault = refusing(message)
    expect(await chain.broadcast(await transfer({ nonce: 9 }))).toEqual({ kind })
  })
})

function refusing(message: string): RpcProxy['fault'] {
  return (call) => (call.method === 'eth_sendRawTransaction' ? { kind: 'error', code: -32000, message } : undefined)
}
