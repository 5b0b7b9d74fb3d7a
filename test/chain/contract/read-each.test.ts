import { createPublicClient, http, type PublicClient, parseAbi } from 'viem'
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { twoStepAbi } from '../../../chain/abi.ts'
import { readEach } from '../../../chain/contract/read-each.ts'
import { jsonRpc } from '../../../chain/endpoints/json-rpc.ts'
import { sequencing } from '../../contracts/miner-actions.ts'
import { nextSequence, type TestSequence } from '../../contracts/sequences.ts'
import type { Fault, RpcCall } from '../../support/rpc/rpc-proxy.ts'
import { harness, proxy, second, useReads } from './reads-scene.ts'

useReads()

/** Batches that are enough for three calls. */
const ENDS = Array.from({ length: 130 }, (_, i) => BigInt(i + 1))

beforeAll(async () => {
  let last: TestSequence = second
  for (let i = 0; i < 10; i += 1) {
    last = nextSequence(last, 1 + (i % 3))
    await harness.send(sequencing(harness.sequencer, last))
  }
})

test('tells of each what it tells alone, in a call for each 64 of them', async () => {
  const { asked, client } = scene()
  const alone = createPublicClient({ transport: http(harness.anvil.url, { batch: true }) })
  const from = { address: harness.rollup, abi: twoStepAbi, functionName: 'sequencedBatches' } as const
  expect(await readNoted(client)).toEqual(
    await Promise.all(ENDS.map((to) => alone.readContract({ ...from, args: [to] }))),
  )
  expect(asked()).toBe(3)
})

test('so few that it makes no difference are asked one by one', async () => {
  const { asked, client } = scene()
  await readNoted(client, ENDS.slice(0, 3))
  expect(asked()).toBe(3)
})

describe('an endpoint that carries out no code of ours is asked one by one, for a while', () => {
  test.each<{ how: string; fault: Fault }>([
    { how: 'refuses it', fault: { kind: 'error', code: -32602, message: 'missing to' } },
    { how: 'says that it reverts', fault: { kind: 'error', code: 3, message: 'execution reverted', data: '0x' } },
    { how: 'answers nothing', fault: { kind: 'made-up', result: '0x' } },
    { how: 'answers something else', fault: { kind: 'made-up', result: `0x${'01'.repeat(96)}` } },
    { how: 'answers no hex', fault: { kind: 'made-up', result: null } },
  ])('it $how', async ({ fault }) => {
    const { asked, client, tomorrow } = scene()
    const honest = await readNoted(client)
    proxy.fault = withoutTo(fault)
    const before = asked()
    expect(await readNoted(client)).toEqual(honest)
    expect(asked() - before).toBe(3 + 3 + ENDS.length)
    expect(await readNoted(client)).toEqual(honest)
    expect(asked() - before).toBe(3 + 3 + 2 * ENDS.length)
    proxy.fault = () => undefined
    tomorrow()
    expect(await readNoted(client)).toEqual(honest)
    expect(asked() - before).toBe(3 + 3 + 2 * ENDS.length + 3)
  })

  test('it never answers: that costs one time-out', async () => {
    const { client } = scene(2_000)
    proxy.fault = withoutTo({ kind: 'hang' })
    const some = ENDS.slice(0, 8)
    await expect(readNoted(client, some)).rejects.toThrow()
    expect(await readNoted(client, some)).toHaveLength(8)
  })
})

test('one of several nodes behind an address had no such block yet: what another answers is no refusal', async () => {
  const { asked, client } = scene()
  let isBehind = true
  proxy.fault = (call) => {
    if (call.method !== 'eth_call' || !isBehind) return undefined
    setTimeout(() => {
      isBehind = false
    })
    return { kind: 'error', code: -32000, message: 'header not found' }
  }
  await readNoted(client)
  expect(asked()).toBe(3 + 1 + 3)
  await readNoted(client)
  expect(asked()).toBe(3 + 1 + 3 + 3)
})

test('an endpoint that answers nothing of this contract is asked one more question, and fails as it does alone', async () => {
  const { asked, client } = scene()
  proxy.fault = (call) =>
    call.method === 'eth_call' ? { kind: 'error', code: -32000, message: 'header not found' } : undefined
  await expect(readNoted(client)).rejects.toThrow('header not found')
  expect(asked()).toBe(3 + 1)
  proxy.fault = () => undefined
  await readNoted(client)
  expect(asked()).toBe(3 + 1 + 3) // nothing was learned of it
})

test('where one of the questions reverts, it fails as it does alone', async () => {
  const { client } = scene()
  const args = ENDS.map((to) => [to, `0x${'00'.repeat(32)}`] as const)
  const asked = readEach(client, {} as never, {
    ...{ address: harness.rollup, abi: unknownAbi, functionName: 'noSuchFunction', argsOfEach: args },
  })
  await expect(asked).rejects.toThrow('reverted')
})

const unknownAbi = parseAbi(['function noSuchFunction(uint64, bytes32) view returns (bool)'])

const withoutTo = (fault: Fault) => (call: RpcCall) =>
  call.method === 'eth_call' && !('to' in (call.params[0] as object)) ? fault : undefined

const readNoted = (client: PublicClient, ends: readonly bigint[] = ENDS) =>
  readEach(client, {} as never, {
    ...{ address: harness.rollup, abi: twoStepAbi, functionName: 'sequencedBatches' },
    argsOfEach: ends.map((to) => [to] as const),
  })

/** Makes a client of which nothing is learned yet. */
function scene(timeoutMs = 10_000) {
  onTestFinished(() => {
    proxy.fault = () => undefined
  })
  const client = createPublicClient({ cacheTime: 0, transport: jsonRpc(proxy.url, timeoutMs) })
  const before = proxy.calls.length
  return {
    client: client as PublicClient,
    asked: () => proxy.calls.slice(before).filter(({ method }) => method === 'eth_call').length,
    tomorrow() {
      const now = performance.now.bind(performance)
      const later = vi.spyOn(performance, 'now').mockImplementation(() => now() + 600_000)
      onTestFinished(() => later.mockRestore())
    },
  }
}
