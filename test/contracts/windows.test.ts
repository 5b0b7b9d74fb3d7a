import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { rollupAbi } from '../../contracts/abi.ts'
import { Harness, testParams } from './harness.ts'
import { committing, proving, sequencing, settling, staking } from './miner-actions.ts'
import { nextSequence, proofOf } from './sequences.ts'

const T1 = testParams.commitBlocks
const T2 = testParams.proveBlocks
const LATE = Number(testParams.lateProofBlocks)
const sequence = nextSequence(undefined, 3)

let chain: Harness
let snapshot: `0x${string}`
let alice: `0x${string}`
let bob: `0x${string}`

beforeAll(async () => {
  chain = await Harness.start()
  ;[alice, bob] = chain.miners as [`0x${string}`, `0x${string}`]
  for (const miner of chain.miners) await chain.send(staking(miner, 10_000n))
  await chain.send({ from: chain.owner, functionName: 'fundRewards', args: [], value: 5_000n })
  await chain.send(sequencing(chain.sequencer, sequence))
})
beforeEach(async () => {
  snapshot = await chain.client.snapshot()
})
afterEach(async () => {
  await chain.client.revert({ id: snapshot })
})
afterAll(() => chain?.anvil.stop())

test.each([
  { at: 0, answer: 'ok', why: 'R: another hash in the very block the round opens in' },
  { at: T1, answer: 'ok', why: 'R+T1: last block of the commit window' },
  { at: T1 + 1, answer: 'CommittedTimeout', why: 'R+T1+1: the proof window has begun' },
  { at: T1 + T2, answer: 'CommittedTimeout', why: 'R+T1+T2: last block of the proof window' },
  { at: T1 + T2 + 1, answer: 'ok', why: 'R+T1+T2+1: the hash opens a new round' },
])('a second hash is answered $answer in $why', async ({ at, answer }) => {
  const R = await openRoundAnd(at, () => chain.act(committing(bob, sequence)))
  expect(R.answer).toBe(answer)
  if (answer === 'ok') expect((await round()).startBlock).toBe(BigInt(at > T1 + T2 ? R.block + at : R.block))
})

test.each([
  { at: 0, answer: 'SubmitProofEarly', why: 'R' },
  { at: T1, answer: 'SubmitProofEarly', why: 'R+T1: last block of the commit window' },
  { at: T1 + 1, answer: 'ok', why: 'R+T1+1: first block of the proof window' },
  { at: T1 + T2, answer: 'ok', why: 'R+T1+T2: last block of the proof window' },
  { at: T1 + T2 + 1, answer: 'SubmitProofTooLate', why: 'R+T1+T2+1: the round has expired' },
])('the first proof is answered $answer in $why', async ({ at, answer }) => {
  const result = await openRoundAnd(at, () => chain.act(proving(alice, sequence)))
  expect(result.answer).toBe(answer)
  expect((await round()).isVerified).toBe(answer === 'ok')
})

test.each([
  { firstAt: T1 + 1, at: T1 + T2, answer: 'ok', why: 'the rest of the proof window is open' },
  { firstAt: T1 + 1, at: T1 + 1 + LATE, answer: 'ok', why: 'the last block of the late-proof deadline' },
  { firstAt: T1 + 1, at: T1 + 2 + LATE, answer: 'SubmitProofTooLate', why: 'one block after the late-proof deadline' },
  { firstAt: T1 + T2, at: T1 + T2 + LATE, answer: 'ok', why: 'the deadline counts from verification, not from R' },
  { firstAt: T1 + T2, at: T1 + T2 + LATE + 1, answer: 'SubmitProofTooLate', why: 'one block after that deadline' },
])('a late proof is answered $answer: $why', async ({ firstAt, at, answer }) => {
  const R = (await chain.head()) + 1
  await chain.send(committing(alice, sequence))
  await chain.send(committing(bob, sequence))
  await chain.mineTo(R + firstAt - 1)
  await chain.send(proving(alice, sequence))
  await chain.mineTo(R + at - 1)
  expect(await chain.act(proving(bob, sequence))).toBe(answer)
  expect((await round()).lateProofDeadlineBlock).toBe(BigInt(Math.max(R + T1 + T2, R + firstAt + LATE)))
})

test('a short late-proof deadline takes nothing from the proof window', async () => {
  await chain.send({ from: chain.owner, functionName: 'setLateProofBlocks', args: [0n] })
  const R = (await chain.head()) + 1
  await chain.send(committing(alice, sequence))
  await chain.send(committing(bob, sequence))
  await chain.mineTo(R + T1)
  await chain.send(proving(alice, sequence))
  expect((await round()).lateProofDeadlineBlock).toBe(BigInt(R + T1 + T2))
  await chain.mineTo(R + T1 + T2 - 1)
  expect(await chain.act(proving(bob, sequence))).toBe('ok')
})

test.each([
  { at: T1 + T2, answer: 'RoundUndecided', why: 'R+T1+T2: it may still be proved' },
  { at: T1 + T2 + 1, answer: 'ok', why: 'R+T1+T2+1: it has expired' },
])('settling an unproved commitment is answered $answer in $why', async ({ at, answer }) => {
  const result = await openRoundAnd(at, () => chain.act(settling(chain.stranger, sequence, alice)))
  expect(result.answer).toBe(answer)
})

test('a round keeps the T1, T2, penalty and late-proof blocks it opened with', async () => {
  const R = (await chain.head()) + 1
  await chain.send(committing(alice, sequence))
  await chain.enqueue({ from: chain.owner, functionName: 'setProofHashCommitEpoch', args: [1] })
  await chain.enqueue({ from: chain.owner, functionName: 'setProofCommitEpoch', args: [1] })
  await chain.enqueue({ from: chain.owner, functionName: 'setLateProofBlocks', args: [100n] })
  await chain.send({ from: chain.owner, functionName: 'setNoProofPunishAmount', args: [7n] })
  // Block R+2 is outside the new T1, inside the round's.
  expect(await chain.act(committing(bob, sequence))).toBe('ok')
  await chain.mineTo(R + T1 + T2 - 1)
  expect(await chain.act(proving(bob, sequence))).toBe('ok')
  expect((await round()).lateProofDeadlineBlock).toBe(BigInt(R + T1 + T2 + LATE))
  expect(await round()).toMatchObject({
    startBlock: BigInt(R),
    commitBlocks: BigInt(T1),
    proveBlocks: BigInt(T2),
    penalty: 100n,
  })
})

test('a commitment of an expired round proves nothing in the next one', async () => {
  const R = (await chain.head()) + 1
  await chain.send(committing(alice, sequence))
  await chain.mineTo(R + T1 + T2)
  await chain.send(committing(bob, sequence))
  const next = await chain.head()
  await chain.mineTo(next + T1)
  expect(await chain.act(proving(alice, sequence))).toBe('ErrCommitProof')
  expect(await chain.act(proving(bob, sequence))).toBe('ok')
})

test('an emergency in the last block of the proof window makes the round void, one block later it does not', async () => {
  const R = (await chain.head()) + 1
  await chain.send(committing(alice, sequence))
  await chain.mineTo(R + T1 + T2 - 1)
  const last = await chain.client.snapshot()
  await chain.send({ from: chain.owner, functionName: 'activateEmergencyState', args: [] })
  expect((await round()).startBlock).toBe(0n)
  expect(await chain.act(settling(chain.stranger, sequence, alice))).toBe('ok')
  expect(await stakeOf(alice)).toBe(10_000n)
  await chain.client.revert({ id: last })
  await chain.mine(1)
  await chain.send({ from: chain.owner, functionName: 'activateEmergencyState', args: [] })
  expect((await round()).startBlock).toBe(BigInt(R))
  expect(await chain.act(settling(chain.stranger, sequence, alice))).toBe('ok')
  expect(await stakeOf(alice)).toBe(9_900n)
})

test('R names a round: an emergency lasts beyond its block, so the next round has another R', async () => {
  const emergency = (functionName: 'activateEmergencyState' | 'deactivateEmergencyState') =>
    ({ from: chain.owner, functionName, args: [] }) as const
  await chain.send(committing(alice, sequence))
  await chain.send(emergency('activateEmergencyState'))
  expect(await chain.act(emergency('deactivateEmergencyState'))).toBe('ok')
  expect(await chain.act(committing(alice, sequence, proofOf(sequence, alice, 1)))).toBe('ok')
  expect((await round()).startBlock).toBe(BigInt(await chain.head()))
})

/** Has Alice open a round at R. Then `action` is done in block R + `at`. */
async function openRoundAnd(at: number, action: () => Promise<string>): Promise<{ block: number; answer: string }> {
  const block = (await chain.head()) + 1
  if (at === 0) return { block, answer: await inTheSameBlock(action) }
  await chain.send(committing(alice, sequence))
  await chain.mineTo(block + at - 1)
  return { block, answer: await action() }
}

/** Has Alice's hash wait in the pool, so that the pending block in which `action` is tried is R. */
async function inTheSameBlock(action: () => Promise<string>): Promise<string> {
  await chain.enqueue(committing(alice, sequence))
  const answer = await action()
  await chain.mine(1)
  return answer
}

const round = () =>
  chain.client.readContract({
    abi: rollupAbi,
    address: chain.rollup,
    functionName: 'getRound',
    args: [BigInt(sequence.final)],
  })
const stakeOf = (miner: `0x${string}`) =>
  chain.client.readContract({ abi: rollupAbi, address: chain.rollup, functionName: 'depositOf', args: [miner] })
