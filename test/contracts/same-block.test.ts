import fc from 'fast-check'
import { type Address, getContract, type Hex } from 'viem'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { rollupAbi } from '../../contracts/abi.ts'
import { type Call, Harness, testParams } from './harness.ts'
import { committing, proving, sequencing, settling, staking } from './miner-actions.ts'
import { ModelDriver } from './model-driver.ts'
import { newModel, type Step, sum } from './model-state.ts'
import { stepArbitrary } from './model-steps.ts'
import { nextSequence, proofOf, type TestSequence } from './sequences.ts'

/** Several calls in one block: what the model, with its block for every step, never sees. */

const { commitBlocks: T1, proveBlocks: T2, lateProofBlocks } = testParams
const names = ['alice', 'bob', 'carol']
const sequences: TestSequence[] = []
for (const batches of [2, 1, 3]) sequences.push(nextSequence(sequences.at(-1), batches))
const [first, second] = sequences as [TestSequence, TestSequence]

let chain: Harness
let snapshot: Hex
let alice: Address
let bob: Address

beforeAll(async () => {
  chain = await Harness.start()
  ;[alice, bob] = [chain.account(4), chain.account(5)]
  await chain.enqueue({ from: chain.owner, functionName: 'fundRewards', args: [], value: 2_500n })
  for (const miner of chain.miners.slice(0, 3)) await chain.enqueue(staking(miner, 2_000n))
  await chain.mine(1)
  for (const sequence of sequences) await chain.send(sequencing(chain.sequencer, sequence))
})
beforeEach(async () => {
  snapshot = await chain.client.snapshot()
})
afterEach(async () => {
  await chain.client.revert({ id: snapshot })
})
afterAll(() => chain?.anvil.stop())

test('a commit before the emergency of its block is void with it, and released', async () => {
  await inOneBlock(committing(alice, first), emergency('activateEmergencyState'))
  expect(await roundOf(first)).toBe(0n)
  expect(await chain.act(settling(chain.stranger, first, alice))).toBe('ok')
  expect(await stakeOf(alice)).toEqual([2_000n, 0n])
})

test('an emergency that ends, a commit, and the next emergency in one block: the commit is void, its successor has another R', async () => {
  await chain.send(emergency('activateEmergencyState'))
  await inOneBlock(emergency('deactivateEmergencyState'), committing(alice, first), emergency('activateEmergencyState'))
  expect((await commitmentOf(first, alice)).roundStartBlock).toBe(BigInt(await chain.head()))
  expect(await roundOf(first)).toBe(0n)
  await inOneBlock(emergency('deactivateEmergencyState'), committing(alice, first))
  expect(await roundOf(first)).toBe(BigInt(await chain.head()))
  expect(await stakeOf(alice)).toEqual([2_000n, 100n])
})

test('a proof before the emergency of its block verifies, and its rivals still have the late-proof deadline', async () => {
  await inOneBlock(committing(alice, first), committing(bob, first))
  await chain.mine(T1)
  await inOneBlock(proving(alice, first), emergency('activateEmergencyState'))
  await chain.send(emergency('deactivateEmergencyState'))
  expect(await chain.act(proving(bob, first))).toBe('ok')
  await chain.mine(T2 + Number(lateProofBlocks))
  await inOneBlock(settling(alice, first, bob), settling(bob, first, alice))
  expect(await view().read.claimable([bob])).toBe(500n)
})

test('two sequences are proved in one block, in order; the other order is refused', async () => {
  await inOneBlock(committing(alice, first), committing(alice, second), committing(bob, second))
  await chain.mine(T1)
  const open = await chain.client.snapshot()
  await expect(inOneBlock(proving(alice, second), proving(alice, first))).rejects.toThrow()
  await chain.client.revert({ id: open })
  await inOneBlock(proving(alice, first), proving(alice, second), proving(bob, second))
  expect(await view().read.lastVerifiedBatch()).toBe(BigInt(second.final))
})

test('stake borrowed for the block of the commit weighs what the commitment locks, whoever else borrows it there', async () => {
  const borrowed = 1_000_000n
  await inOneBlock(
    staking(bob, borrowed),
    committing(bob, first),
    withdrawing(bob, borrowed + 1_900n),
    committing(alice, first),
  )
  await chain.mine(T1)
  await inOneBlock(proving(bob, first), proving(alice, first))
  expect((await view().read.getSequenceReward([BigInt(first.final)])).acceptedStake).toBe(2_000n + testParams.penalty)
})

test('stake that proved may leave at once, and can not weigh for a second address of the round', async () => {
  await inOneBlock(committing(alice, first), committing(bob, first))
  await chain.mine(T1)
  await inOneBlock(proving(alice, first), withdrawing(alice, 2_000n), staking(bob, 2_000n), proving(bob, first))
  expect((await view().read.getSequenceReward([BigInt(first.final)])).acceptedStake).toBe(4_000n)
})

test('a penalty settled in the block of the next commit, before or by it, is taken once', async () => {
  await chain.send(committing(alice, first))
  await chain.mine(T1 + T2)
  const again = committing(alice, first, proofOf(first, alice, 1))
  await inOneBlock(settling(chain.stranger, first, alice), again)
  expect(await stakeOf(alice)).toEqual([1_900n, 100n])
  await chain.mine(T1 + T2)
  await chain.enqueue(again)
  await chain.enqueue(settling(chain.stranger, first, alice)) // it is of the new round, and reverts
  await chain.mine(1)
  expect(await stakeOf(alice)).toEqual([1_800n, 100n])
})

test('whatever shares a block, every wei and every lock is accounted for', async () => {
  const verified: bigint[] = []
  const property = fc.asyncProperty(fc.array(actArbitrary, { minLength: 5, maxLength: 5 }), async (acts) => {
    const start = await chain.client.snapshot()
    for (const act of acts) await play(act)
    verified.push(await view().read.lastVerifiedBatch())
    await chain.client.revert({ id: start })
  })
  await fc.assert(property, { seed: Date.now() % 2 ** 31, numRuns: 12, interruptAfterTimeLimit: 60_000 })
  expect(Math.max(...verified.map(Number))).toBeGreaterThan(0) // otherwise it was a test of refusals
})

/** One round in three blocks, each with the random steps of others before and after what belongs there. */
const others = fc.tuple(
  fc.array(stepArbitrary(names), { maxLength: 2 }),
  fc.array(stepArbitrary(names), { maxLength: 2 }),
)
const some = fc.subarray(names)
const actArbitrary = fc.record({
  committers: some,
  provers: some,
  winners: some,
  commits: others,
  proofs: others,
  ends: others,
})
type Act = typeof actArbitrary extends fc.Arbitrary<infer one> ? one : never

async function play({ committers, provers, winners, commits, proofs, ends }: Act): Promise<void> {
  const last = await view().read.lastVerifiedBatch()
  const index = sequences.findIndex(({ final }) => BigInt(final) > last)
  const sequence = Math.max(index, 0)
  const proof = { kind: 'good', salt: 0 } as const
  await chain.enqueue(emergency('deactivateEmergencyState')) // it reverts if there is none
  await mixedBlock(
    commits,
    committers.map((miner) => ({ do: 'commit', miner, sequence, proof })),
  )
  const { startBlock, commitBlocks } = await view().read.getRound([BigInt(sequences[sequence]?.final ?? 0)])
  await chain.mine(Math.max(0, Number(startBlock + commitBlocks) - (await chain.head())))
  await mixedBlock(
    proofs,
    provers.map((miner) => ({ do: 'prove', miner, sequence })),
  )
  await chain.mine(T1 + T2 + Number(lateProofBlocks))
  await mixedBlock(ends, [
    ...winners.map((miner): Step => ({ do: 'claim', miner, sequences: [sequence, 1] })),
    ...committers.map((miner): Step => ({ do: 'settle', miner, sequence })),
  ])
}

/** Mines all in one block, whether it succeeds or reverts. Then the books are compared. */
async function mixedBlock([before, after]: readonly [Step[], Step[]], steps: Step[]): Promise<void> {
  const driver = new ModelDriver(chain, names)
  driver.sequences = [...sequences]
  const known = [...before, ...steps, ...after].filter((step) => step.do !== 'sequence')
  for (const step of known) await chain.enqueue(driver.callOf(step, knowingNothing))
  await chain.mine(1)
  await expectBooksToAgree(known)
}

/** Compares the buckets with the balance, the miners' accounts and the commitments. */
async function expectBooksToAgree(steps: readonly Step[]): Promise<void> {
  const { read } = view()
  const miners = chain.miners.slice(0, 3)
  const [books, balance, deposits, locks, claimable, commitments, rewards] = await Promise.all([
    read.accounting(),
    chain.client.getBalance({ address: chain.rollup }),
    Promise.all(miners.map((miner) => read.depositOf([miner]))),
    Promise.all(miners.map((miner) => read.lockedOf([miner]))),
    Promise.all(miners.map((miner) => read.claimable([miner]))),
    Promise.all(miners.map((miner) => Promise.all(sequences.map((sequence) => commitmentOf(sequence, miner))))),
    Promise.all(sequences.map(({ final }) => read.getSequenceReward([BigInt(final)]))),
  ])
  const why = JSON.stringify(steps, (_, part) => (typeof part === 'bigint' ? `${part}n` : part))
  const isDivided = (reward: (typeof rewards)[number]) =>
    reward.acceptedStake > 0n && reward.acceptedStake === reward.creditedStake
  const undivided = rewards.filter((reward) => !isDivided(reward))
  expect(sum(Object.values(books)), why).toBe(balance)
  expect(books.locked, why).toBe(sum(locks))
  expect(books.stake + books.locked, why).toBe(sum(deposits))
  expect(books.claimable, why).toBe(sum(claimable))
  expect(books.setAside, why).toBe(sum(undivided.map(({ amount, credited }) => amount - credited)))
  expect(
    commitments.map((own) => sum(own.map(({ lockedStake }) => lockedStake))),
    why,
  ).toEqual(locks)
}

/** Sends all for one block, in this order, and throws unless all succeed. */
async function inOneBlock(...calls: readonly Call[]): Promise<void> {
  const hashes: Hex[] = []
  for (const call of calls) hashes.push(await chain.enqueue(call))
  await chain.mine(1)
  const receipts = await Promise.all(hashes.map((hash) => chain.client.getTransactionReceipt({ hash })))
  expect(receipts.map(({ status }) => status)).toEqual(calls.map(() => 'success'))
  expect(receipts.map(({ transactionIndex }) => transactionIndex)).toEqual(calls.map((_, i) => i))
}

/** A model by which provers show their first good proof. */
const knowingNothing = newModel(
  0,
  { commitBlocks: T1, proveBlocks: T2, lateProofBlocks: 0, minDeposit: 0n, penalty: 0n, reward: 0n },
  names,
)
const emergency = (functionName: 'activateEmergencyState' | 'deactivateEmergencyState'): Call => ({
  from: chain.owner,
  functionName,
  args: [],
})
const withdrawing = (from: Address, amount: bigint): Call => ({ from, functionName: 'withdraw', args: [amount] })
const view = () => getContract({ abi: rollupAbi, address: chain.rollup, client: { public: chain.client } })
const roundOf = async ({ final }: TestSequence) => (await view().read.getRound([BigInt(final)])).startBlock
const commitmentOf = ({ final }: TestSequence, miner: Address) => view().read.getCommitment([BigInt(final), miner])
const stakeOf = (miner: Address) => Promise.all([view().read.depositOf([miner]), view().read.lockedOf([miner])])
