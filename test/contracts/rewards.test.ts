import { type Address, getContract, type Hex } from 'viem'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { rollupAbi } from '../../contracts/abi.ts'
import { Harness, testParams } from './harness.ts'
import { claiming, committing, proving, sequencing, settling, staking } from './miner-actions.ts'
import { nextSequence } from './sequences.ts'

const { commitBlocks: T1, proveBlocks: T2, lateProofBlocks } = testParams
const first = nextSequence(undefined, 2)
const second = nextSequence(first, 1)
const final = BigInt(first.final)

let chain: Harness
let snapshot: Hex
let miners: [Address, Address, Address]

beforeAll(async () => {
  chain = await Harness.start()
  miners = chain.miners.slice(0, 3) as typeof miners
})
beforeEach(async () => {
  snapshot = await chain.client.snapshot()
})
afterEach(async () => {
  await chain.client.revert({ id: snapshot })
})
afterAll(() => chain?.anvil.stop())

test('a reward is divided by committed stake: 200, 500 and 300 thousand share 2 as 0.4, 1 and 0.6', async () => {
  await setUp({ stakes: [200_000n, 500_000n, 300_000n], pool: 2_000n, reward: 2_000n })
  await proveAll(miners)
  await pastDeadline()
  for (const miner of miners) await chain.send(settling(chain.stranger, first, miner))
  expect(await claimables()).toEqual([400n, 1_000n, 600n])
  expect(await accounting()).toMatchObject({ pool: 0n, setAside: 0n, claimable: 2_000n })
})

test('a hash without a proof dilutes nobody, and costs nothing when another has proved', async () => {
  await setUp({ stakes: [200_000n, 500_000n, 300_000n], pool: 2_000n, reward: 2_000n })
  await proveAll(miners, miners.slice(1))
  await pastDeadline()
  for (const miner of miners) await chain.send(settling(chain.stranger, first, miner))
  expect(await claimables()).toEqual([0n, 1_250n, 750n])
  expect(await view().read.depositOf([miners[0]])).toBe(200_000n)
  expect(await view().read.lockedOf([miners[0]])).toBe(0n)
})

test('what division leaves returns to the pool', async () => {
  await setUp({ stakes: [1_000n, 1_000n, 1_000n], pool: 1_000n, reward: 1_000n })
  await proveAll(miners)
  await pastDeadline()
  for (const miner of miners) await chain.send(claiming(miner, [first]))
  expect(await accounting()).toMatchObject({ pool: 1n, setAside: 0n, claimable: 0n })
})

test('stake that left between commit and proof does not count, stake that came instead neither', async () => {
  await setUp({ stakes: [1_000n, 100_000n, 1_000n], pool: 2_000n, reward: 2_000n })
  for (const miner of miners) await chain.enqueue(committing(miner, first))
  await chain.mine(1)
  await chain.enqueue({ from: miners[1], functionName: 'withdraw', args: [99_500n] })
  await chain.enqueue(staking(miners[1], 500_000n))
  await chain.mine(T1)
  for (const miner of [miners[0], miners[1]]) await chain.send(proving(miner, first))
  await pastDeadline()
  await chain.send(settling(chain.stranger, first, miners[0]))
  expect(await view().read.claimable([miners[0]])).toBe(1_333n) // the stakes are 1000 against 500
})

test('an empty pool blocks neither sequencing nor verifying; a nearly empty one gives what it has', async () => {
  await setUp({ stakes: [1_000n, 1_000n, 1_000n], pool: 300n, reward: 1_000n })
  await chain.send(sequencing(chain.sequencer, second))
  expect((await view().read.getSequenceReward([final])).amount).toBe(300n)
  expect((await view().read.getSequenceReward([BigInt(second.final)])).amount).toBe(0n)
  await chain.enqueue(committing(miners[0], second))
  await proveAll(miners)
  expect(await chain.act(proving(miners[0], second))).toBe('ok')
})

test('nothing is credited before the late-proof deadline, and a share is credited once', async () => {
  await setUp({ stakes: [1_000n, 1_000n, 1_000n], pool: 900n, reward: 900n })
  await proveAll(miners)
  expect(await chain.act(settling(chain.stranger, first, miners[0]))).toBe('RoundUndecided')
  await pastDeadline()
  expect(await chain.act(claiming(miners[0], [first, first, second]))).toBe('ok')
  expect(await chain.act(settling(chain.stranger, first, miners[0]))).toBe('AlreadySettled')
  expect(await accounting()).toMatchObject({ setAside: 600n, claimable: 0n })
})

test('penalties go to the treasury, whoever settles', async () => {
  await setUp({ stakes: [1_000n, 1_000n, 1_000n], pool: 0n, reward: 0n })
  for (const miner of miners) await chain.enqueue(committing(miner, first))
  await chain.mine(1 + T1 + T2)
  for (const miner of miners) await chain.send(settling(miners[0], first, miner))
  expect(await accounting()).toMatchObject({ stake: 2_700n, locked: 0n, treasury: 300n, claimable: 0n })
  const before = await chain.client.getBalance({ address: chain.treasury })
  await chain.send({ from: chain.stranger, functionName: 'withdrawTreasury', args: [] })
  expect(await chain.client.getBalance({ address: chain.treasury })).toBe(before + 300n)
})

test('the penalty is that of the round, whatever the owner sets meanwhile', async () => {
  await setUp({ stakes: [2_000n, 2_000n, 2_000n], pool: 0n, reward: 0n })
  const [alice, bob] = miners
  await chain.enqueue(committing(alice, first))
  await chain.send(committing(bob, first))
  await chain.send({ from: chain.owner, functionName: 'setNoProofPunishAmount', args: [700n] })
  expect(await view().read.lockedOf([alice])).toBe(100n)
  await chain.mine(T1 + T2)
  await chain.send(settling(chain.stranger, first, alice))
  expect(await view().read.depositOf([alice])).toBe(1_900n)
  await chain.send(committing(bob, first)) // it settles the old round's penalty, and locks the new round's
  expect(await Promise.all([view().read.depositOf([bob]), view().read.lockedOf([bob])])).toEqual([1_900n, 700n])
})

async function setUp(p: { stakes: bigint[]; pool: bigint; reward: bigint }): Promise<void> {
  for (const [i, miner] of miners.entries()) await chain.enqueue(staking(miner, p.stakes[i] ?? 0n))
  await chain.enqueue({ from: chain.owner, functionName: 'fundRewards', args: [], value: p.pool })
  await chain.enqueue({ from: chain.owner, functionName: 'setRewardPerSequence', args: [p.reward] })
  await chain.mine(1)
  await chain.send(sequencing(chain.sequencer, first))
}

/** Has all commit in one block, and `provers` prove from the first block of the proof window on. */
async function proveAll(committers: readonly Address[], provers = committers): Promise<void> {
  for (const miner of committers) await chain.enqueue(committing(miner, first))
  await chain.mine(1 + T1)
  for (const miner of provers) await chain.send(proving(miner, first))
}

const pastDeadline = () => chain.mine(T2 + Number(lateProofBlocks))
const view = () => getContract({ abi: rollupAbi, address: chain.rollup, client: { public: chain.client } })
const accounting = () => view().read.accounting()
const claimables = () => Promise.all(miners.map((miner) => view().read.claimable([miner])))
