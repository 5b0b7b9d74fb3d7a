import { foundry } from 'viem/chains'
import { beforeAll, describe, expect, test } from 'vitest'
import { createChain } from '../../../chain/create-chain.ts'
import { hidesReceipts, stale } from '../../support/rpc/rpc-faults.ts'
import { anvil, chain, client, first, GWEI, miner, second, sign, transfer, useTwoEndpoints } from './sending-scene.ts'

useTwoEndpoints()

/** Sends the transactions of nonces 0 to 4. */
beforeAll(async () => {
  for (let nonce = 0; nonce < 5; nonce += 1) await chain.broadcast(await transfer({ nonce }))
})

describe('what the sender reads', () => {
  test('nonces at head and final block, receipts of what is mined', async () => {
    await client.mine({ blocks: 1 })
    const signed = await Promise.all([1, 2, 7].map((nonce) => sign({ nonce })))
    const txHashes = signed.map((one) => one.txHash)
    const read = () => chain.readAccount({ account: miner.address, txHashes })
    const account = await read()
    expect(account).toMatchObject({ nonceAtHead: 5, nonceAtFinal: 0 })
    expect(account.receipts.map((one) => [one.txHash, one.status, one.blockNumber])).toEqual(
      txHashes.slice(0, 2).map((hash) => [hash, 'success', account.head.number]),
    )
    await client.mine({ blocks: 2 })
    expect(await read()).toMatchObject({ nonceAtFinal: 5 })
  })

  test.each<{ what: string; change: (receipt: object | null) => unknown }>([
    { what: 'makes up a revert', change: (receipt) => receipt && { ...receipt, status: '0x0' } },
    { what: 'hides the transaction', change: () => null },
    {
      what: 'moves it to another block',
      change: (receipt) => receipt && { ...receipt, blockNumber: '0x1', blockHash: `0x${'99'.repeat(32)}` },
    },
  ])('one of three that $what is outvoted', async ({ change }) => {
    const rpcUrls = [first.url, second.url, anvil.url]
    const three = createChain({ chainId: foundry.id, rpcUrls, finality: { confirmations: 2 }, maxFeePerGasWei: GWEI })
    const { txHash } = await sign({ nonce: 1 })
    const read = async () => (await three.readAccount({ account: miner.address, txHashes: [txHash] })).receipts
    const honest = await read()
    expect(honest).toMatchObject([{ txHash, status: 'success' }])
    first.fault = (call) => (call.method === 'eth_getTransactionReceipt' ? { kind: 'answer', change } : undefined)
    expect(await read()).toEqual(honest)
  })

  test('a receipt that one of two makes up is not believed', async () => {
    const strict = createChain({
      chainId: foundry.id,
      rpcUrls: [first.url, second.url],
      finality: { confirmations: 2 },
      maxFeePerGasWei: GWEI,
    })
    const { txHash } = await sign({ nonce: 1 })
    first.fault = (call) => {
      if (call.method !== 'eth_getTransactionReceipt') return undefined
      return { kind: 'answer', change: (receipt: object | null) => receipt && { ...receipt, status: '0x0' } }
    }
    expect(await strict.readAccount({ account: miner.address, txHashes: [txHash] })).toMatchObject({
      receipts: [],
      untold: [txHash],
    })
  })

  test.each([0, 1])(
    'a receipt above the agreed head is none, when endpoint %i of two that must agree is behind',
    async (behind) => {
      const rpcUrls = [first.url, second.url]
      const both = createChain({
        chainId: foundry.id,
        rpcUrls,
        agreement: 2,
        finality: { confirmations: 2 },
        maxFeePerGasWei: GWEI,
      })
      await client.mine({ blocks: 3 }) // an endpoint that is behind then knows what tests before this one sent
      const { nonceAtHead: nonce } = await chain.readAccount({ account: miner.address, txHashes: [] })
      const { raw, txHash } = await sign({ nonce })
      expect(await chain.broadcast(raw)).toEqual({ kind: 'accepted' })
      await client.mine({ blocks: 1 })
      const head = Number(await client.getBlockNumber({ cacheTime: 0 }))
      const read = () => both.readAccount({ account: miner.address, txHashes: [txHash] })
      const proxy = behind === 0 ? first : second
      const isBehind = stale(3, () => head)
      proxy.fault = (call) => isBehind(call) ?? hidesReceipts(call)
      expect(await read()).toMatchObject({ head: { number: head - 3 }, nonceAtHead: nonce, receipts: [] })
      proxy.fault = () => undefined
      expect(await read()).toMatchObject({
        head: { number: head },
        nonceAtHead: nonce + 1,
        receipts: [{ txHash, blockNumber: head }],
      })
    },
  )

  test('the fee market is that of the next block', async () => {
    const { head } = await chain.agreedBlocks()
    const market = await chain.readFeeMarket(head)
    const [pending] = await Promise.all([client.getBlock({ blockTag: 'pending' })])
    expect(market.baseFeePerGas).toBe(pending.baseFeePerGas)
    expect(market.priorityFeePerGas).toBeGreaterThan(0n)
  })
})
