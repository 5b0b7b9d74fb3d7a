import { type Address, encodeFunctionData, getContract, type Hex, maxUint128, maxUint256, numberToHex } from 'viem'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { rollupAbi } from '../../contracts/abi.ts'
import { deployRollup } from '../../contracts/tooling/deploy.ts'
import { DeploymentError } from '../../contracts/tooling/deploy-contract.ts'
import { type Call, Harness, testParams } from './harness.ts'
import { committing, proving, sequencing, settling, staking } from './miner-actions.ts'
import { nextSequence, proofOf } from './sequences.ts'

/** Several values share a slot: none may be cut off, spill into its neighbour, or outlive what it is about. */

const { commitBlocks: T1, proveBlocks: T2, lateProofBlocks } = testParams
const first = nextSequence(undefined, 2)
const second = nextSequence(first, 1)
const TOO_MUCH = maxUint128 + 1n

let chain: Harness
let snapshot: Hex
let alice: Address
let bob: Address

beforeAll(async () => {
  chain = await Harness.start()
  ;[alice, bob] = [chain.account(4), chain.account(5)]
  for (const address of chain.accounts) await chain.client.setBalance({ address, value: 2n ** 200n })
  for (const sequence of [first, second]) await chain.send(sequencing(chain.sequencer, sequence))
})
beforeEach(async () => {
  snapshot = await chain.client.snapshot()
})
afterEach(async () => {
  await chain.client.revert({ id: snapshot })
})
afterAll(() => chain?.anvil.stop())

const AMOUNTS = [
  ['setMinDeposit', 'minDeposit'],
  ['setNoProofPunishAmount', 'noProofPunishAmount'],
  ['setRewardPerSequence', 'rewardPerSequence'],
] as const

describe('what fits in no field is refused, and what just fits is kept whole', () => {
  test.each(AMOUNTS)('%s', async (functionName, view) => {
    const set = (amount: bigint): Call => ({ from: chain.owner, functionName, args: [amount] })
    for (const amount of [TOO_MUCH, maxUint256, 2n ** 255n + 7n])
      expect(await chain.act(set(amount))).toBe('InvalidParameter')
    const before = await settings()
    expect(await chain.act(set(maxUint128))).toBe('ok')
    expect(await settings()).toEqual({ ...before, [view]: maxUint128 })
  })

  test.each([
    ['deposit', 'stake'],
    ['fundRewards', 'pool'],
  ] as const)('%s', async (functionName, bucket) => {
    const pay = (value: bigint): Call => ({ from: alice, functionName, args: [], value })
    expect(await chain.act(pay(TOO_MUCH))).toBe('InvalidParameter')
    expect(await chain.act(pay(2n ** 192n + 1n))).toBe('InvalidParameter')
    expect(await chain.act(pay(maxUint128))).toBe('ok')
    await expect(chain.send(pay(1n))).rejects.toThrow('reverted') // the sum is too large
    expect(await accounting()).toEqual({ ...NOTHING, [bucket]: maxUint128 })
  })

  test('a deposit that a miner had back before counts in the sum of its deposits', async () => {
    await chain.send(staking(alice, maxUint128))
    await chain.send({ from: alice, functionName: 'withdraw', args: [maxUint128] })
    await expect(chain.send(staking(alice, 1n))).rejects.toThrow('reverted')
    expect(await chain.act(staking(bob, maxUint128))).toBe('ok') // it is alone with that
  })

  test('a withdrawal of more than a field holds is no small one', async () => {
    await chain.send(staking(alice, 5_000n))
    for (const amount of [TOO_MUCH + 5n, maxUint256])
      expect(await chain.act({ from: alice, functionName: 'withdraw', args: [amount] })).toBe(
        'InsufficientUnlockedStake',
      )
  })

  test.each(['minDeposit', 'penalty', 'rewardPerSequence'] as const)('%s of a deployment', async (name) => {
    const people = { trustedSequencer: chain.sequencer, treasury: chain.treasury, verifier: chain.rollup }
    const deploying = deployRollup(chain.deployClients(), chain.artifacts, {
      ...testParams,
      ...people,
      [name]: TOO_MUCH,
    })
    await expect(deploying).rejects.toThrow(DeploymentError)
  })

  test.each([
    { block: 2n ** 48n - 1n, answer: null },
    { block: 2n ** 48n, answer: 'InvalidParameter' },
    { block: 2n ** 63n + 9n, answer: 'InvalidParameter' },
  ])('a hash in block $block', async ({ block, answer }) => {
    await chain.send(staking(alice, 5_000n))
    const { args } = committing(alice, first)
    const data = encodeFunctionData({ abi: rollupAbi, functionName: 'submitProofHash', args })
    const call = chain.client.request({
      method: 'eth_call',
      params: [{ from: alice, to: chain.rollup, data }, 'latest', {}, { number: numberToHex(block) }],
    } as never)
    if (answer === null) expect(await call).toBe('0x')
    else await expect(call).rejects.toThrow(/revert/)
  })
})

describe('neighbours in a slot', () => {
  test('a whole life with amounts that fill their fields ends with every wei in its bucket', async () => {
    const [stake, penalty, reward] = [2n ** 126n, 2n ** 125n + 1n, 2n ** 127n + 3n]
    await chain.send({ from: chain.owner, functionName: 'setNoProofPunishAmount', args: [penalty] })
    await chain.send({ from: chain.owner, functionName: 'setRewardPerSequence', args: [maxUint128] })
    await chain.send({ from: chain.stranger, functionName: 'fundRewards', args: [], value: reward })
    const third = nextSequence(second, 1)
    await chain.send(sequencing(chain.sequencer, third))
    for (const miner of [alice, bob]) await chain.send(staking(miner, stake))
    await prove(first, alice)
    await prove(second, alice)
    for (const miner of [alice, bob]) await chain.enqueue(committing(miner, third))
    await chain.mine(1 + T1)
    expect(await accounting()).toMatchObject({ stake: 2n * (stake - penalty), locked: 2n * penalty, setAside: reward })
    await chain.send(proving(alice, third))
    await chain.send(proving(bob, third))
    await chain.mine(T2 + Number(lateProofBlocks))
    for (const miner of [alice, bob]) expect(await chain.act(settling(chain.stranger, third, miner))).toBe('ok')
    expect(await accounting()).toEqual({ ...NOTHING, stake: 2n * stake, claimable: reward - 1n, pool: 1n })
    for (const miner of [alice, bob]) await chain.send({ from: miner, functionName: 'claim', args: [[]] })
    expect(await accounting()).toEqual({ ...NOTHING, stake: 2n * stake, pool: 1n })
  })

  test('verifying, setting rules and an emergency leave what shares their slot as it is', async () => {
    await chain.send(staking(alice, 5_000n))
    await chain.send({ from: chain.owner, functionName: 'setMinDeposit', args: [maxUint128 - 1n] })
    const before = await settings()
    await chain.send({ from: chain.owner, functionName: 'activateEmergencyState', args: [] })
    await chain.send({ from: chain.owner, functionName: 'deactivateEmergencyState', args: [] })
    expect(await settings()).toEqual(before)
    await chain.send({ from: chain.owner, functionName: 'setMinDeposit', args: [0n] })
    await prove(first, alice)
    expect(await settings()).toEqual({ ...before, minDeposit: 0n, lastVerifiedBatch: BigInt(first.final) })
  })
})

describe('what a sequence or a miner had before', () => {
  test('a hash of an earlier round keeps its own penalty and outcome, whatever came of later ones', async () => {
    for (const miner of [alice, bob]) await chain.send(staking(miner, 5_000n))
    await chain.send(committing(bob, first))
    await chain.mine(T1 + T2)
    await chain.send({ from: chain.owner, functionName: 'setNoProofPunishAmount', args: [700n] })
    await chain.send(committing(alice, first)) // it opens the next round, by other rules
    await chain.send({ from: chain.owner, functionName: 'activateEmergencyState', args: [] }) // the round is void then
    expect(await lockedBy(bob)).toBe(100n)
    expect(await lockedBy(alice)).toBe(700n)
    for (const miner of [alice, bob]) expect(await chain.act(settling(chain.stranger, first, miner))).toBe('ok')
    expect(await Promise.all([view().read.depositOf([alice]), view().read.depositOf([bob])])).toEqual([5_000n, 4_900n])
    expect(await accounting()).toEqual({ ...NOTHING, stake: 9_900n, treasury: 100n })
  })

  test('a new hash of the same miner has nothing of the settled one', async () => {
    await chain.send(staking(alice, 5_000n))
    await chain.send(committing(alice, first))
    await chain.mine(T1 + T2)
    await chain.send(settling(chain.stranger, first, alice))
    await chain.send({ from: alice, functionName: 'withdraw', args: [1_000n] })
    await chain.send(staking(alice, 300n))
    const again = proofOf(first, alice, 1)
    await chain.send(committing(alice, first, again))
    expect(await view().read.getCommitment([BigInt(first.final), alice])).toMatchObject({
      ...{ roundStartBlock: BigInt(await chain.head()), lockedStake: 100n, isProved: false, isSettled: false },
    })
    await chain.send({ from: alice, functionName: 'withdraw', args: [200n] })
    await chain.mine(T1)
    await chain.send(proving(alice, first, again))
    const { acceptedStake } = await view().read.getSequenceReward([BigInt(first.final)])
    // It is what it had at the new hash, less what left.
    expect(acceptedStake).toBe(5_000n - 100n - 1_000n + 300n - 200n)
  })

  test('hashes of one miner on two sequences are apart, also under different rules', async () => {
    await chain.send(staking(alice, 5_000n))
    await chain.send(committing(alice, first))
    await chain.send({ from: chain.owner, functionName: 'setNoProofPunishAmount', args: [7n] })
    await chain.send({ from: chain.owner, functionName: 'setProofCommitEpoch', args: [200] })
    await chain.send(committing(alice, second))
    expect(await view().read.lockedOf([alice])).toBe(107n)
    await chain.mine(T1 + T2)
    expect(await chain.act(settling(chain.stranger, second, alice))).toBe('RoundUndecided')
    expect(await chain.act(settling(chain.stranger, first, alice))).toBe('ok')
    expect(await view().read.lockedOf([alice])).toBe(7n)
    expect(await view().read.getRound([BigInt(second.final)])).toMatchObject({ proveBlocks: 200n, penalty: 7n })
    expect(await view().read.getRound([BigInt(first.final)])).toMatchObject({ proveBlocks: BigInt(T2), penalty: 100n })
  })

  test('an emergency of long ago makes no later round void, under whatever rules', async () => {
    const emergency = async () => {
      await chain.send({ from: chain.owner, functionName: 'activateEmergencyState', args: [] })
      await chain.send({ from: chain.owner, functionName: 'deactivateEmergencyState', args: [] })
    }
    await chain.send(staking(alice, 5_000n))
    for (let i = 0; i < 3; i++) await emergency()
    await chain.send(committing(alice, first))
    const R = BigInt(await chain.head())
    await chain.send({ from: chain.owner, functionName: 'setNoProofPunishAmount', args: [9n] })
    expect((await view().read.getRound([BigInt(first.final)])).startBlock).toBe(R)
    await emergency()
    expect((await view().read.getRound([BigInt(first.final)])).startBlock).toBe(0n)
    await emergency()
    expect(await chain.act(settling(chain.stranger, first, alice))).toBe('ok')
    expect(await view().read.depositOf([alice])).toBe(5_000n)
  })
})

const NOTHING = { stake: 0n, locked: 0n, pool: 0n, setAside: 0n, claimable: 0n, treasury: 0n }

async function prove(sequence: typeof first, miner: Address): Promise<void> {
  await chain.send(committing(miner, sequence))
  await chain.mine(T1)
  await chain.send(proving(miner, sequence))
}

const lockedBy = async (miner: Address) => (await view().read.getCommitment([BigInt(first.final), miner])).lockedStake

const view = () => getContract({ abi: rollupAbi, address: chain.rollup, client: { public: chain.client } })
const accounting = () => view().read.accounting()

/** Reads what shares a slot with something that is set. */
async function settings() {
  const { read } = view()
  const [isEmergencyState, lastVerifiedBatch, lastBatchSequenced, minDeposit, noProofPunishAmount] = await Promise.all([
    ...([read.isEmergencyState(), read.lastVerifiedBatch(), read.lastBatchSequenced()] as const),
    ...([read.minDeposit(), read.noProofPunishAmount()] as const),
  ])
  const [rewardPerSequence, commitBlocks, proveBlocks, late, books] = await Promise.all([
    ...([read.rewardPerSequence(), read.proofHashCommitEpoch(), read.proofCommitEpoch()] as const),
    ...([read.lateProofBlocks(), read.accounting()] as const),
  ])
  const hot = { isEmergencyState, lastVerifiedBatch, lastBatchSequenced, minDeposit }
  return { ...hot, noProofPunishAmount, rewardPerSequence, commitBlocks, proveBlocks, late, treasury: books.treasury }
}
