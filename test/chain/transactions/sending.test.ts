import { createTestClient, http, parseTransaction, publicActions, walletActions } from 'viem'
import { foundry } from 'viem/chains'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Chain, createChain } from '../../../chain/create-chain.ts'
import { createMinerAccount, type MinerAccount } from '../../../chain/transactions/account.ts'
import { intentCalldata } from '../../../chain/transactions/calls.ts'
import { gasLimitFor } from '../../../chain/trials/gas.ts'
import type { Address, Hex } from '../../../protocol/base/ranges.ts'
import type { Fees } from '../../../protocol/sender/fees.ts'
import type { SequenceIntent } from '../../../protocol/sender/intent.ts'
import { type Anvil, startAnvil } from '../../support/nodes/anvil.ts'
import { hang, hidesReceipts, refuse, servesChain, stale } from '../../support/rpc/rpc-faults.ts'
import { type RpcProxy, startRpcProxy } from '../../support/rpc/rpc-proxy.ts'
import { anvilKeys } from '../anvil-keys.ts'

const GWEI = 10n ** 9n
const contract = '0xdddddddddddddddddddddddddddddddddddddddd'

let anvil: Anvil
let first: RpcProxy
let second: RpcProxy
let chain: Chain
let client: ReturnType<typeof testClient>
const miner = createMinerAccount(anvilKeys[0])

beforeAll(async () => {
  anvil = await startAnvil(['--no-mining', '--block-base-fee-per-gas', `${GWEI}`])
  first = await startRpcProxy(anvil.url)
  second = await startRpcProxy(anvil.url)
  client = testClient(anvil.url)
  const rpcUrls = [first.url, second.url]
  chain = createChain({
    chainId: foundry.id,
    rpcUrls,
    agreement: 1,
    finality: { confirmations: 2 },
    maxFeePerGasWei: 100n * GWEI,
    requestTimeoutMs: 1_000,
  })
})

afterAll(async () => {
  await Promise.all([first?.close(), second?.close()])
  await anvil?.stop()
})

afterEach(() => {
  first.fault = () => undefined
  second.fault = () => undefined
})

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
    /** Its requests time out when everything else is long over. */
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
    // geth's legacy pool
    ['transaction gas price below minimum: gas tip cap 0, minimum needed 25000000000', 'underpriced'],
    ['exceeds block gas limit', 'gas-limit'], // geth
    ['transaction gas limit too high (cap: 16777216, tx: 16777217)', 'gas-limit'], // geth, EIP-7825
    ['intrinsic gas too low: gas 20000, minimum needed 21000', 'gas-limit'], // geth
    ['insufficient gas for floor data gas cost: gas 22000, minimum needed 22600', 'gas-limit'], // geth, EIP-7623
    ['tx fee (1.12 ether) exceeds the configured cap (1.00 ether)', 'fee-cap'], // geth
    ['oversized data: transaction size 140118, limit 131072', 'too-large'], // geth
    ['transaction type not supported', 'type-unsupported'], // geth before London
    ['unknown transaction type', 'type-unsupported'], // not one that is known
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
      await client.mine({ blocks: 3 }) // so that one that is behind knows what tests before this one sent
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

describe('a transaction', () => {
  const intent: SequenceIntent = {
    accInputHash: `0x${'aa'.repeat(32)}`,
    ...{ rollup: 'pay', from: 4, to: 6, step: 'commit', contract, firstBlock: 0, lastBlock: null },
    finalProof: { sha256: `0x${'01'.repeat(32)}`, size: 4, proofHash: `0x${'02'.repeat(32)}` },
  }
  const parts = {
    proof: Uint8Array.of(1, 2, 3, 4),
    newStateRoot: `0x${'03'.repeat(32)}`,
    newLocalExitRoot: `0x${'00'.repeat(32)}`,
  } as const

  test('is EIP-1559 with what it was told, and comes out the same again', async () => {
    const { raw } = await sign({ nonce: 7 })
    expect(raw).toBe((await sign({ nonce: 7 })).raw)
    expect(parseTransaction(raw)).toMatchObject({
      type: 'eip1559',
      chainId: foundry.id,
      nonce: 7,
      gas: 21_000n,
      maxFeePerGas: 20n * GWEI,
    })
  })

  // docs/protocol.md#two-steps: initNumBatch is the last batch before the sequence. Changes only if the contracts do.
  test.each<[Partial<SequenceIntent>, string]>([
    [{}, `0x1806a037${word(3)}${word(6)}${'02'.repeat(32)}`],
    [
      { step: 'prove' },
      `0xf05b688a${word(3)}${word(6)}${'00'.repeat(32)}${'03'.repeat(32)}${word(0xa0)}${word(4)}01020304${'00'.repeat(28)}`,
    ],
    [{ step: 'claim', finalProof: null }, `0x7a70a07b${word(0x20)}${word(1)}${word(6)}`],
  ])('calldata of %o', (change, calldata) => {
    const data = intentCalldata({ ...intent, ...change }, parts)
    if (change.step === 'claim') expect(data.slice(10)).toBe(calldata.slice(10))
    else expect(data).toBe(calldata)
    const { step } = { ...intent, ...change }
    if (step === 'prove') expect(intentCalldata({ ...intent, step: 'prove-late' }, parts)).toBe(data)
  })

  test('without the proof it needs there is none', () => {
    expect(() => intentCalldata({ ...intent, step: 'prove' }, null)).toThrow(
      expect.objectContaining({ name: 'InvalidIntentError' }),
    )
    expect(() => intentCalldata({ ...intent, finalProof: null }, null)).toThrow(
      expect.objectContaining({ name: 'InvalidIntentError' }),
    )
  })

  test('a gas limit grows with the calldata, at least by its floor (EIP-7623)', () => {
    expect(gasLimitFor(0, 0n)).toBe(21_000n)
    expect(gasLimitFor(1_000, 5_000_000n)).toBe(21_000n + 16_000n + 5_000_000n)
    expect(gasLimitFor(1_000_000, 5_000_000n)).toBe(21_000n + 40_000_000n)
  })
})

// Helpers

interface Transfer {
  nonce: number
  fees?: Fees
  from?: MinerAccount
  to?: Address
}

function sign(p: Transfer) {
  const { nonce, from = miner, to = from.address } = p
  return from.sign({
    chainId: foundry.id,
    nonce,
    to,
    data: '0x',
    valueWei: 0n,
    gas: 21_000n,
    fees: p.fees ?? fees(20n, 1n),
  })
}

async function transfer(p: Transfer): Promise<Hex> {
  return (await sign(p)).raw
}

function fees(maxGwei: bigint, priorityGwei: bigint): Fees {
  return { maxFeePerGas: maxGwei * GWEI, maxPriorityFeePerGas: priorityGwei * GWEI }
}

function refusing(message: string): RpcProxy['fault'] {
  return (call) => (call.method === 'eth_sendRawTransaction' ? { kind: 'error', code: -32000, message } : undefined)
}

function word(n: number): string {
  return n.toString(16).padStart(64, '0')
}

function testClient(url: string) {
  return createTestClient({ mode: 'anvil', chain: foundry, transport: http(url) })
    .extend(publicActions)
    .extend(walletActions)
}
