import { createTestClient, http, publicActions, walletActions } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { foundry } from 'viem/chains'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createChain } from '../../../chain/create-chain.ts'
import { type Anvil, startAnvil } from '../../support/nodes/anvil.ts'
import { hang, liesAboutFees, refuse, slow } from '../../support/rpc/rpc-faults.ts'
import { type RpcProxy, startRpcProxy } from '../../support/rpc/rpc-proxy.ts'
import { anvilKeys } from '../anvil-keys.ts'

const GWEI = 10n ** 9n
const TIP = 3n * GWEI
const TRANSFER_GAS = 21_000n

let anvil: Anvil
let proxies: RpcProxy[]
let client: ReturnType<typeof testClient>
let market: { baseFeePerGas: bigint; priorityFeePerGas: bigint }

beforeAll(async () => {
  anvil = await startAnvil(['--block-base-fee-per-gas', `${GWEI}`, '--gas-limit', `${2n * TRANSFER_GAS}`])
  proxies = await Promise.all([1, 2, 3].map(() => startRpcProxy(anvil.url)))
  client = testClient(anvil.url)
  await client.setAutomine(false)
  for (let block = 0; block < 3; block += 1) await mineTransfers(1)
  const pending = await client.getBlock({ blockTag: 'pending' })
  expect(pending.baseFeePerGas).toBeGreaterThan(GWEI / 2n)
  market = { baseFeePerGas: pending.baseFeePerGas ?? 0n, priorityFeePerGas: TIP }
})

afterAll(async () => {
  await Promise.all(proxies?.map((proxy) => proxy.close()) ?? [])
  await anvil?.stop()
})

afterEach(() => {
  for (const proxy of proxies) proxy.fault = () => undefined
})

describe('of three endpoints', () => {
  test('that are honest: the base fee of the next block, and the tip that recent blocks took', async () => {
    expect(await read({})).toEqual(market)
  })

  test.each([
    { what: 'far above the cap', wei: 10n ** 15n },
    { what: 'nothing', wei: 0n },
  ])('one that says that fees are $what decides nothing, whichever it is', async ({ wei }) => {
    for (const endpoint of [0, 1, 2]) expect(await read({ [endpoint]: liesAboutFees(wei) })).toEqual(market)
  })

  test.each([10n ** 15n, 0n])('one that says %i decides nothing though another is late', async (wei) => {
    expect(await read({ 0: liesAboutFees(wei), 2: slow(700, 'eth_feeHistory') }, { timeoutMs: 10_000 })).toEqual(market)
  })

  test.each([
    { what: 'hangs', fault: hang },
    { what: 'refuses', fault: refuse(503) },
  ])('one that $what delays nothing for long', async ({ fault }) => {
    const started = performance.now()
    expect(await read({ 0: fault }, { timeoutMs: 20_000 })).toEqual(market)
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})

test('two that must agree on the base fee wait while one of them lies, and the higher tip holds', async () => {
  await expect(read({ 0: liesAboutFees(0n) }, { count: 2 })).rejects.toMatchObject({ name: 'EndpointsDisagreeError' })
  expect(await read({ 0: makesUpTip(0n) }, { count: 2 })).toEqual(market)
  expect(await read({ 1: makesUpTip(TIP * 9n) }, { count: 2 })).toEqual({ ...market, priorityFeePerGas: TIP * 9n })
})

test('one alone is believed', async () => {
  expect(await read({ 0: liesAboutFees(0n) }, { count: 1 })).toEqual({ baseFeePerGas: 0n, priorityFeePerGas: 0n })
})

test('too few that answer: the failure says so', async () => {
  await expect(read({ 0: refuse(503), 1: refuse(503) })).rejects.toMatchObject({
    name: 'RpcUnavailableError',
    httpStatus: 503,
  })
})

test.each([0, 1, 2])(
  'the base fee is that of the next block, after one with %i of two transfers that fit in',
  async (transfers) => {
    await mineTransfers(transfers)
    const pending = await client.getBlock({ blockTag: 'pending' })
    expect(await read({})).toMatchObject({ baseFeePerGas: pending.baseFeePerGas })
  },
)

async function mineTransfers(count: number): Promise<void> {
  const nonce = await client.getTransactionCount({ address: client.account.address })
  for (let i = 0; i < count; i += 1) {
    const fees = { maxPriorityFeePerGas: TIP, maxFeePerGas: 100n * GWEI }
    await client.sendTransaction({ to: client.account.address, gas: TRANSFER_GAS, nonce: nonce + i, ...fees })
  }
  await client.mine({ blocks: 1 })
  expect((await client.getBlock()).gasUsed).toBe(TRANSFER_GAS * BigInt(count))
}

/** Reads the market that as many endpoints tell of the head, with these faults while they are asked. */
async function read(faults: Record<number, RpcProxy['fault']>, { count = 3, timeoutMs = 1_000 } = {}) {
  const chain = createChain({
    chainId: foundry.id,
    rpcUrls: proxies.slice(0, count).map(({ url }) => url),
    finality: { confirmations: 1 },
    maxFeePerGasWei: 100n * GWEI,
    requestTimeoutMs: timeoutMs,
  })
  for (const proxy of proxies) proxy.fault = () => undefined
  const { head } = await chain.agreedBlocks()
  for (const [i, proxy] of proxies.entries()) proxy.fault = faults[i] ?? (() => undefined)
  return chain.readFeeMarket(head)
}

function makesUpTip(wei: bigint): RpcProxy['fault'] {
  return (call) => (call.method === 'eth_feeHistory' ? liesAboutFees(wei)(call) : undefined)
}

function testClient(url: string) {
  return createTestClient({
    mode: 'anvil',
    account: privateKeyToAccount(anvilKeys[0]),
    chain: foundry,
    transport: http(url),
  })
    .extend(publicActions)
    .extend(walletActions)
}
