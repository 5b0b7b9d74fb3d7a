import { bytesToHex, type Hex, numberToHex, parseTransaction, type TransactionSerialized } from 'viem'
import { describe, expect, onTestFinished, test } from 'vitest'
import { listSequenceAttempts } from '../../../db/attempts/attempts.ts'
import { findSequences } from '../../../db/decisions/sequences.ts'
import type { SequenceRef } from '../../../protocol/base/ranges.ts'
import { Harness, testParams } from '../../contracts/harness.ts'
import { Harness2023 } from '../../contracts/harness-2023.ts'
import { nextSequence } from '../../contracts/sequences.ts'
import { type Fault, type RpcCall, type RpcProxy, startRpcProxy } from '../../support/rpc/rpc-proxy.ts'
import { type MinerOnAnvil, ranFor, startMiner } from '../miner-on-anvil.ts'

const ROUND = testParams.commitBlocks + testParams.proveBlocks
const GWEI = 10n ** 9n

describe('what an endpoint refuses', () => {
  test('for its fees is offered for what it takes, at once: the window is kept', async () => {
    const capWei = 150_000n * (GWEI / 2n) // it pays a proof's limit at half of the fee cap
    const { miner, ref } = await opened((sent) =>
      costOf(sent) > capWei ? refusal(`tx fee exceeds the configured cap (${capWei} wei)`) : undefined,
    )
    tipsOf(miner, GWEI) // as much as may be is then offered
    await miner.live(1 + ROUND)
    expect(await ranFor(miner, ref)).toEqual(['commit', 'prove'])
    const answers = await answersFor(miner, ref, 'prove')
    expect(answers[0]).toEqual({ answer: 'accepted', attempt: 0 }) // the hash has taught it
    expect(await answersFor(miner, ref, 'commit')).toEqual([
      { answer: 'fee-cap', attempt: 0 },
      { answer: 'accepted', attempt: 1 },
    ])
  })

  test('for less than it takes at the base fee leaves no hash out, and says why', async () => {
    const { miner, ref } = await opened(() => refusal('tx fee exceeds the configured cap (1 wei)'))
    await miner.harness.client.setNextBlockBaseFeePerGas({ baseFeePerGas: 1_000n })
    await miner.harness.mine(1)
    let said = ''
    for (let block = 0; block < 3; block += 1) {
      await miner.look()
      said += (await miner.pass()).lines.join()
      await miner.harness.client.setNextBlockBaseFeePerGas({ baseFeePerGas: 1_000n })
      await miner.harness.mine(1)
    }
    expect(said).toMatch(/held, its \d+ gas at a base fee of \d+ wei cost more than the 1 wei that endpoints take/)
    expect(miner.looks.get(ref.to)?.step).toMatchObject({ code: 'fee-cap-low' })
    expect(await ranFor(miner, ref)).toEqual([])
  })

  test.each([
    { words: 'transaction gas price below minimum: gas tip cap 1, minimum needed 250000000', answer: 'underpriced' },
    { words: 'message will not be included: GasPremium is beneath the lowest of the pool', answer: 'refused' },
  ])('below its pool’s floor, told as $answer, offers at once what it suggests', async ({ words, answer }) => {
    const floorWei = GWEI / 4n
    const tipOf = ({ maxPriorityFeePerGas = 0n }: Sent) => maxPriorityFeePerGas
    const { miner, ref, proxy } = await opened((sent) => (tipOf(sent) < floorWei ? refusal(words) : undefined))
    const send = proxy.fault
    const history = (answer: { reward?: Hex[][] }) => ({ ...answer, reward: [['0x1']] })
    proxy.fault = (call) => {
      if (call.method === 'eth_feeHistory') return { kind: 'answer', change: history }
      return call.method === 'eth_maxPriorityFeePerGas'
        ? { kind: 'made-up', result: numberToHex(floorWei) }
        : send(call)
    }
    await miner.live(1)
    expect(await ranFor(miner, ref)).toEqual([])
    await miner.pass()
    expect(await ranFor(miner, ref)).toEqual(['commit'])
    expect(await answersFor(miner, ref, 'commit')).toMatchObject([{ answer }, { answer: 'accepted' }])
  })

  test('because it takes no EIP-1559 transactions is sent as one of type 0', async () => {
    const { miner, ref } = await opened(({ type }) =>
      type === 'legacy' ? undefined : refusal('transaction type not supported'),
    )
    await miner.live(1 + ROUND)
    expect(await ranFor(miner, ref)).toEqual(['commit', 'prove'])
  })

  test('is said in lists, and by the sender', async () => {
    const { miner, ref } = await opened(() => refusal('oversized data: transaction size 140118, limit 131072'))
    await miner.look()
    await miner.pass()
    await miner.look()
    expect((await miner.pass()).lines.join()).toContain('refused by the endpoints: it has more bytes than they take')
    expect((await findSequences(miner.deps.db, ref))[0]?.text).toContain(
      'refused by the endpoints: it has more bytes than they take',
    )
  })
})

test('blocks without a base fee take transactions of type 0 from the first one on', async () => {
  const { miner, ref, proxy } = await opened(({ type }) =>
    type === 'legacy' ? undefined : refusal('transaction type not supported'),
  )
  const send = proxy.fault
  const change = (block: { baseFeePerGas?: Hex } | null) => {
    const { baseFeePerGas: _, ...without } = block ?? {}
    return block && without
  }
  proxy.fault = (call) => (call.method.startsWith('eth_getBlockBy') ? { kind: 'answer', change } : send(call))
  await miner.live(1 + ROUND)
  expect(await ranFor(miner, ref)).toEqual(['commit', 'prove'])
  expect((await listSequenceAttempts(miner.deps.db, ref)).map(({ answer }) => answer)).toEqual(['accepted', 'accepted'])
})

test('no hash goes out where blocks have less gas than it, or its proof, takes', async () => {
  const { miner, ref } = await opened(() => undefined)
  await miner.harness.client.setBlockGasLimit({ gasLimit: 80_000n })
  await miner.harness.mine(1)
  await miner.live(2)
  expect(miner.looks.get(ref.to)?.step).toMatchObject({ kind: 'wait', code: 'hash-reverts' })
  expect(await listSequenceAttempts(miner.deps.db, ref)).toEqual([])
})

test('nor where the bound of the configuration is less', async () => {
  const { miner, ref } = await opened(() => undefined, { maxGas: 150_000n })
  await miner.live(2)
  expect(miner.looks.get(ref.to)?.step).toMatchObject({ kind: 'wait', code: 'gas-above-limit' })
  expect(await listSequenceAttempts(miner.deps.db, ref)).toEqual([])
})

test('what ran out of gas has half more the next time, in the very next block', async () => {
  const { miner, ref, proxy } = await opened(() => undefined)
  const send = proxy.fault
  const runsOnNothing = (blocks: { calls: object[] }[]) =>
    blocks.map(({ calls }) => ({ calls: calls.map(() => RUNS_ON_NOTHING) }))
  proxy.fault = (call) => (call.method === 'eth_simulateV1' ? { kind: 'answer', change: runsOnNothing } : send(call))
  await miner.live(2)
  await miner.pass()
  const [first, second] = await listSequenceAttempts(miner.deps.db, ref)
  expect([first, second].map((one) => one?.inclusion?.status)).toEqual(['reverted', 'reverted'])
  const [before = 0n, after] = [first, second].map(
    (one) => parseTransaction(bytesToHex(one?.raw ?? new Uint8Array())).gas,
  )
  expect(after).toBe((before * 3n) / 2n)
})

describe('at a contract of 2023', () => {
  test.each([
    {
      trouble: 'its slot is paused',
      begin: { functionName: 'setPaused', args: [true] },
      end: { functionName: 'setPaused', args: [false] },
    },
    {
      trouble: 'its rewards are drained',
      begin: { functionName: 'drain', args: ['0x00000000000000000000000000000000000000a1'] },
      end: null,
    },
  ])('while $trouble no proof is sent, the reason is said, and no other hash goes out', async ({ begin, end }) => {
    const harness = await Harness2023.start()
    const { miner, ref } = await opened(() => undefined, { harness, stakeWei: 100n * 10n ** 18n })
    await miner.live(1)
    expect(await ranFor(miner, ref)).toEqual([])
    await harness.special({ part: 'slotAdapter', ...begin })
    await miner.live(testParams.commitBlocks)
    const row = async () => (await findSequences(miner.deps.db, ref))[0]?.text
    expect(await row()).toMatch(/the proof to be mined.*: held, it would revert: /)
    expect((await listSequenceAttempts(miner.deps.db, ref)).map(({ purpose }) => purpose?.step)).toEqual(['commit'])
    const other = await miner.open(nextSequence(nextSequence(undefined, 1), 1))
    await miner.look()
    expect(await ranFor(miner, other)).toEqual([])
    if (end === null) return
    await harness.special({ part: 'slotAdapter', ...end })
    await miner.live(2)
    await miner.pass()
    expect(await ranFor(miner, ref)).toEqual(['commit', 'prove'])
  })
})

type Sent = ReturnType<typeof parseTransaction<TransactionSerialized>>

/** Proves a sequence of a miner whose endpoint refuses what `judge` says. */
async function opened(judge: (sent: Sent) => Fault | undefined, p: Parameters<typeof startMiner>[0] = {}) {
  const harness = p.harness ?? (await Harness.start())
  onTestFinished(() => harness.anvil.stop())
  const proxy: RpcProxy = await startRpcProxy(harness.anvil.url)
  onTestFinished(() => proxy.close())
  proxy.fault = ({ method, params }: RpcCall) =>
    method === 'eth_sendRawTransaction' ? judge(parseTransaction(params[0] as TransactionSerialized)) : undefined
  const miner = await startMiner({ stakeWei: 5_000n, ...p, harness, rpcUrl: proxy.url })
  return { miner, proxy, ref: await miner.open(nextSequence(undefined, 1)) }
}

const RUNS_ON_NOTHING = { status: '0x1', gasUsed: numberToHex(40_000n), returnData: '0x', logs: [] }

const refusal = (message: string): Fault => ({ kind: 'error', code: -32000, message })

const costOf = ({ gas = 0n, maxFeePerGas = 0n }: Sent): bigint => gas * maxFeePerGas

function tipsOf({ rollup, deps }: MinerOnAnvil, wei: bigint): void {
  for (const holder of [rollup, ...deps.senders]) {
    const { chain } = holder
    holder.chain = {
      ...chain,
      readFeeMarket: async (head, p) => ({ ...(await chain.readFeeMarket(head, p)), priorityFeePerGas: wei }),
    }
  }
}

async function answersFor({ deps }: MinerOnAnvil, ref: SequenceRef, step: string) {
  const attempts = await listSequenceAttempts(deps.db, ref)
  return attempts.filter(({ purpose }) => purpose?.step === step).map(({ answer, attempt }) => ({ answer, attempt }))
}
