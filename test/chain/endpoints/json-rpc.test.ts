import { createPublicClient, type PublicClient } from 'viem'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { jsonRpc } from '../../../chain/endpoints/json-rpc.ts'
import { type Anvil, startAnvil } from '../../support/nodes/anvil.ts'
import { SOON } from '../../support/patience.ts'
import { type BatchLimitForm, limitsBatches, losesAnId, shuffles } from '../../support/rpc/provider-habits.ts'
import { refuse } from '../../support/rpc/rpc-faults.ts'
import { always, hangsOn, type RpcFront, refuses, startRpcFront } from '../../support/rpc/rpc-front.ts'

const TIMEOUT_MS = 2_000
const ACCOUNTS = 12

let anvil: Anvil
let front: RpcFront

beforeAll(async () => {
  anvil = await startAnvil()
  front = await startRpcFront(anvil.url)
  // Each account has a balance of its own, so that an answer in the wrong hands is seen.
  const url = anvil.url
  for (const i of accounts) await setBalance(url, i)
})

afterAll(async () => {
  await front?.close()
  await anvil?.stop()
})

beforeEach(() => {
  front.habits = []
  front.calls.length = 0
  front.largestBatch = 0
  front.requests = 0
})

const accounts = Array.from({ length: ACCOUNTS }, (_, i) => i)
const addressOf = (i: number) => `0x${(i + 1).toString(16).padStart(40, '0')}` as const
const balances = accounts.map((i) => BigInt(i + 7))

const FORMS: BatchLimitForm[] = ['error-object', 'status', 'one-element', 'each-element', 'drop']

describe('questions that are asked at once', () => {
  test('go out as one request, and its answers may come in any order', async () => {
    front.habits = [shuffles]
    expect(await readAll(client())).toEqual(balances)
    expect(front).toMatchObject({ requests: 1, largestBatch: ACCOUNTS })
  })

  test('get each its own answer when one comes without its id, and before the others', async () => {
    front.habits = [losesAnId]
    expect(await readAll(client())).toEqual(balances)
  })

  test.each(FORMS.flatMap((form) => [10, 3, 1].map((most) => ({ form, most }))))(
    'are answered by a node that takes $most in a batch and says so by: $form; next time they go out like that',
    async ({ form, most }) => {
      front.habits = [limitsBatches(most, form)]
      const one = client()
      expect(await readAll(one)).toEqual(balances)
      front.requests = 0
      expect(await readAll(one)).toEqual(balances)
      expect(front.requests).toBe(Math.ceil(ACCOUNTS / most))
    },
  )

  test.each([-32000, -32005, -32014, 31])('are answered when a batch is refused with code %i', async (code) => {
    front.habits = [limitsBatches(1, 'error-object', code)]
    expect(await readAll(client())).toEqual(balances)
  })

  test.each([429, 502, 503, 504])(
    'are not asked one by one of a server that answers with status %i',
    async (status) => {
      front.habits = [always(refuse(status))]
      await expect(readAll(client())).rejects.toMatchObject({ name: 'HttpRequestError', status })
      expect(front.requests).toBe(1)
    },
  )

  test.each([429, -32007])('are not asked one by one of a server that has had enough of them (%i)', async (code) => {
    front.habits = [limitsBatches(0, 'error-object', code)]
    await expect(readAll(client())).rejects.toMatchObject({ cause: { code } })
    expect(front.requests).toBe(1)
  })

  test('to a server that refuses everything: one more request tells, and no smaller batches follow', async () => {
    front.habits = [always(refuse(500))]
    await expect(readAll(client())).rejects.toMatchObject({ status: 500 })
    expect(front.requests).toBe(2)
  })

  test('end at the time-out, however they were split', async () => {
    front.habits = [limitsBatches(3), hangsOn('eth_getBalance')]
    const began = performance.now()
    const settled = await Promise.allSettled(accounts.map((i) => balanceOf(client(500), i)))
    expect(settled.every(({ status }) => status === 'rejected')).toBe(true)
    expect(performance.now() - began).toBeLessThan(1_500)
  })

  test("again don't wait for the same ones that hang", async () => {
    const one = client()
    front.habits = [hangsOn('eth_chainId', 'eth_getTransactionReceipt', 'eth_getBlockByNumber')]
    const ask = () => [
      one.getChainId(),
      one.getBlock({ blockNumber: 0n }),
      one.getTransactionReceipt({ hash: `0x${'11'.repeat(32)}` }),
    ]
    const hung = ask()
    await expect.poll(() => front.calls.length, SOON).toBeGreaterThan(2)
    front.habits = []
    const [chainId, block, missing] = await Promise.allSettled(ask())
    expect([chainId, block]).toMatchObject([{ value: 31337 }, { value: { number: 0n } }])
    expect(missing).toMatchObject({ reason: { name: 'TransactionReceiptNotFoundError' } })
    await Promise.allSettled(hung)
  })

  test('of which one is refused: the others have their answers, and the refusal is its own', async () => {
    front.habits = [refuses(-32601, 'eth_gasPrice')]
    const one = client()
    const [refused, ...read] = await Promise.allSettled([one.getGasPrice(), ...accounts.map((i) => balanceOf(one, i))])
    expect(refused).toMatchObject({ status: 'rejected', reason: { code: -32601 } })
    expect(read.map((each) => each.status === 'fulfilled' && each.value)).toEqual(balances)
    expect(front.requests).toBe(1)
  })
})

const client = (timeoutMs = TIMEOUT_MS) =>
  createPublicClient({ cacheTime: 0, transport: jsonRpc(front.url, timeoutMs) })

const balanceOf = (one: PublicClient, i: number) => one.getBalance({ address: addressOf(i) })

const readAll = (one: PublicClient) => Promise.all(accounts.map((i) => balanceOf(one, i)))

async function setBalance(url: string, i: number): Promise<void> {
  const params = [addressOf(i), `0x${balances[i]?.toString(16)}`]
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'anvil_setBalance', params })
  await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
}
