import { toEventSelector } from 'viem'
import { foundry } from 'viem/chains'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { RollupContext } from '../../../activities/context.ts'
import { createLookAtSequence } from '../../../activities/sequence/look-at-sequence.ts'
import { createChain } from '../../../chain/create-chain.ts'
import { Harness } from '../../contracts/harness.ts'
import { nextSequence } from '../../contracts/sequences.ts'
import { numbersBlocksOtherwise, withoutFinalized } from '../../support/rpc/block-habits.ts'
import { indexes, receiptsOfPending, receiptsWithout } from '../../support/rpc/receipt-habits.ts'
import { swallows } from '../../support/rpc/rpc-faults.ts'
import {
  always,
  answers,
  changes,
  type Habit,
  type RpcFront,
  refuses,
  startRpcFront,
} from '../../support/rpc/rpc-front.ts'
import { fundRewards, type MinerOnAnvil, ranFor, startMiner } from '../miner-on-anvil.ts'

let miner: MinerOnAnvil
let front: RpcFront

async function start(habits: readonly Habit[], finality?: { tag: 'finalized' }): Promise<void> {
  const harness = await Harness.start()
  onTestFinished(() => harness.anvil.stop())
  front = await startRpcFront(harness.anvil.url, habits)
  onTestFinished(() => front.close())
  miner = await startMiner({ harness, rpcUrl: front.url, stakeWei: 5_000n, ...(finality && { finality }) })
  await fundRewards(harness)
}

const RECEIPT = 'eth_getTransactionReceipt'

describe('a node that', () => {
  test('builds its index: what is sent goes on, raises too, and everything lands', async () => {
    await start([indexes])
    const ref = await miner.open(nextSequence(undefined, 1))
    await miner.live(18)
    expect(await ranFor(miner, ref)).toEqual(['commit', 'prove', 'claim'])
  })

  test('builds its index: an attempt that no block takes is raised', async () => {
    await start([indexes, always(swallows), answers('0x1', 'eth_maxPriorityFeePerGas')])
    await miner.harness.mine(40) // the base fee then leaves something to raise
    await miner.open(nextSequence(undefined, 1))
    await miner.live(6)
    expect((await miner.attempts()).length).toBeGreaterThan(1)
  })

  test('tells no receipts at all: nonces that are used up stay open and are told so, until it does', async () => {
    await start([])
    const ref = await miner.open(nextSequence(undefined, 1))
    await miner.live(2)
    front.habits = [refuses(-32000, RECEIPT)]
    await miner.live(18)
    expect(await ranFor(miner, ref)).toEqual(['commit']) // it was noted before
    const { lines } = await miner.pass()
    expect(lines).toContainEqual(expect.stringContaining('used up, no receipt is told yet'))
    expect((await miner.attempts()).length).toBeGreaterThan(1)
    front.habits = []
    await miner.pass()
    expect(await ranFor(miner, ref)).toEqual(['commit', 'prove', 'claim'])
  })

  test.each([
    'effectiveGasPrice',
    'gasUsed',
    'logs',
    'cumulativeGasUsed',
    'type',
    'from',
    'to',
    'contractAddress',
    'logsBloom',
  ])('leaves %s out of a receipt: the rest is recorded', async (field) => {
    await start([receiptsWithout(field)])
    const ref = await miner.open(nextSequence(undefined, 1))
    await miner.live(6)
    expect(await ranFor(miner, ref)).toContain('prove')
  })

  test("gives a receipt without a block of what isn't mined: it isn't mined", async () => {
    await start([])
    const ref = await miner.open(nextSequence(undefined, 1))
    await miner.look()
    front.habits = [receiptsOfPending(async () => true)]
    await miner.pass()
    const first = await miner.pass()
    expect(first.lines).toContainEqual(expect.stringMatching(/^nonce \d: commit .* sent at block/))
    expect((await miner.attempts()).map(({ inclusion }) => inclusion)).toEqual([null])
    await miner.live(18)
    expect(await ranFor(miner, ref)).toEqual(['commit', 'prove', 'claim'])
  })

  test('writes hashes in capitals: nothing is taken for a reorg', async () => {
    const shout = (value: unknown): unknown => {
      if (typeof value === 'string')
        return /^0x[0-9a-f]{40,}$/.test(value) ? `0x${value.slice(2).toUpperCase()}` : value
      if (Array.isArray(value)) return value.map(shout)
      return typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shout(one)]))
        : value
    }
    await start([always(() => ({ kind: 'answer', change: shout }))])
    const ref = await miner.open(nextSequence(undefined, 1))
    await miner.live(18)
    expect(await ranFor(miner, ref)).toEqual(['commit', 'prove', 'claim'])
  })

  test.each<{ why: string; habits: Habit[] }>([
    { why: 'has no history of fees', habits: [refuses(-32601, 'eth_feeHistory')] },
    { why: 'has neither a history nor a tip', habits: [refuses(-32601, 'eth_feeHistory', 'eth_maxPriorityFeePerGas')] },
    {
      why: 'has null for fees',
      habits: [changes((history: object) => ({ ...history, baseFeePerGas: [null], reward: null }), 'eth_feeHistory')],
    },
    {
      why: 'has nulls among its rewards',
      habits: [changes((history: object) => ({ ...history, reward: [null, [null], ['0x1']] }), 'eth_feeHistory')],
    },
    { why: 'answers null for its history', habits: [answers(null, 'eth_feeHistory')] },
  ])('$why: proofs are sent all the same', async ({ habits }) => {
    await start(habits)
    const ref = await miner.open(nextSequence(undefined, 1))
    await miner.live(6)
    expect(await ranFor(miner, ref)).toContain('prove')
  })
})

describe('a node without a block that it calls finalized', () => {
  test.each<{ by: string; habit: Habit }>([
    { by: 'null', habit: withoutFinalized(null) },
    ...[-39001, -32000, -32602].map((code) => ({ by: `${code}`, habit: withoutFinalized(code) })),
    {
      by: 'silence',
      habit: {
        call: ({ method, params }) =>
          method === 'eth_getBlockByNumber' && params[0] === 'finalized' ? { kind: 'hang' } : undefined,
      },
    },
  ])(
    'says so by $by: what is owed is proved, what only ends waits, and the tag is named',
    async ({ by, habit }) => {
      await start([habit], { tag: 'finalized' })
      const ref = await miner.open(nextSequence(undefined, 1))
      await miner.live(3)
      const pass = await miner.pass()
      expect(pass.lines).toContainEqual(expect.stringMatching(/^finality: .*by the tag `finalized`/))
      await miner.live(3)
      expect(await ranFor(miner, ref)).toEqual(['commit', 'prove'])
      await miner.live(3)
      expect(await look(ref)).toMatchObject({
        kind: 'wait',
        code: 'finality',
        why: expect.stringContaining('the tag `finalized`'),
      })
      expect((await miner.attempts()).length).toBe(2) // none is called final
      if (by !== 'silence') expect(miner.rollup.chain.troubles()).toEqual([])
    },
    120_000,
  )
})

describe('contracts that see other block numbers than the nodes give', () => {
  const SHIFT = 1_000

  test('are found out, and no hash is sent', async () => {
    await start([numbersBlocksOtherwise(SHIFT)])
    const ref = await miner.open(nextSequence(undefined, 1))
    await miner.live(4)
    expect(await look(ref)).toMatchObject({
      kind: 'wait',
      code: 'other-block-numbers',
      why: expect.stringContaining('no window can be kept'),
    })
    expect(await miner.attempts()).toEqual([])
  })

  test.each<{ why: string; of2023: boolean }>([
    { why: 'by a round of our contract', of2023: false },
    { why: 'by a stored hash of one of 2023', of2023: true },
  ])('are found out $why, where nodes carry out no code of ours', async ({ of2023 }) => {
    await start([])
    await miner.open(nextSequence(undefined, 1))
    await miner.live(1)
    const withoutCode: Habit = {
      call: ({ method, params }) =>
        method === 'eth_call' && !('to' in (params[0] as object))
          ? { kind: 'error', code: -32602, message: 'missing to' }
          : undefined,
    }
    const withoutRounds: Habit = {
      call: ({ method, params }) =>
        method === 'eth_getLogs' && JSON.stringify(params).includes(ROUND_OPENED)
          ? { kind: 'made-up', result: [] }
          : undefined,
    }
    front.habits = [withoutCode, ...(of2023 ? [withoutRounds] : []), numbersBlocksOtherwise(SHIFT)]
    const question = {
      contract: miner.harness.rollup,
      range: { from: 1, to: 1 },
      miner: miner.miner,
      finalProofBytes: 1,
    }
    expect(await reader().readSequence(question)).toMatchObject({ blockShift: -SHIFT })
    front.habits = [withoutCode, ...(of2023 ? [withoutRounds] : [])]
    expect(await reader().readSequence(question)).not.toHaveProperty('blockShift')
  })

  test('are not suspected where nothing tells', async () => {
    await start([])
    const ref = await miner.open(nextSequence(undefined, 1))
    front.habits = [
      {
        call: ({ method, params }) =>
          method === 'eth_call' && !('to' in (params[0] as object))
            ? { kind: 'error', code: -32602, message: 'missing to' }
            : undefined,
      },
    ]
    await miner.look()
    expect(await look(ref)).toMatchObject({ kind: 'commit' })
  })
})

/** Topic of RoundOpened. */
const ROUND_OPENED = toEventSelector('RoundOpened(uint64,uint64,uint64,uint64,uint256)')

const look = async (ref: Parameters<ReturnType<typeof createLookAtSequence>>[0]['sequence']) =>
  (await createLookAtSequence(miner.deps)({ sequence: ref })).step

const reader = (): RollupContext['chain'] =>
  createChain({ chainId: foundry.id, rpcUrls: [front.url], finality: { confirmations: 2 }, maxFeePerGasWei: 10n ** 9n })
