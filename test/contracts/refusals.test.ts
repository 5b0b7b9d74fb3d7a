import type { Address, Hex } from 'viem'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { rollupAbi } from '../../contracts/abi.ts'
import { type Call, Harness, rootOf, testParams } from './harness.ts'
import { committing, proving, sequencing, settling, staking } from './miner-actions.ts'
import { coinbase, forgedProof, nextSequence, proofOf, type TestSequence } from './sequences.ts'

const T1 = testParams.commitBlocks
const first = nextSequence(undefined, 3)
const second = nextSequence(first, 1)
const third = nextSequence(second, 1)

let chain: Harness
let snapshot: Hex
let alice: Address
let bob: Address
let poor: Address

beforeAll(async () => {
  chain = await Harness.start()
  ;[alice, bob, poor] = chain.miners as [Address, Address, Address]
  await chain.send(staking(alice, 10_000n))
  await chain.send(staking(bob, 10_000n))
  await chain.send(sequencing(chain.sequencer, first))
  await chain.send(sequencing(chain.sequencer, second))
})
beforeEach(async () => {
  snapshot = await chain.client.snapshot()
})
afterEach(async () => {
  await chain.client.revert({ id: snapshot })
})
afterAll(() => chain?.anvil.stop())

describe('commits', () => {
  test.each<{ error: string; why: string; call: () => Call<'submitProofHash'> }>([
    { error: 'ErrSequencerRange', why: 'half a sequence', call: () => committing(alice, { ...first, init: 1 }) },
    { error: 'ErrSequencerRange', why: 'two sequences at once', call: () => committing(alice, { ...second, init: 0 }) },
    {
      error: 'NewAccInputHashDoesNotExist',
      why: 'nothing sequenced ends there',
      call: () => committing(alice, { ...first, final: 2 }),
    },
    { error: 'InvalidProofHash', why: 'an empty hash', call: () => withHash(committing(alice, first), rootOf(0)) },
  ])('$error: $why', async ({ error, call }) => expect(await chain.act(call())).toBe(error))

  test('InsufficientPledge: stake one wei below the minimum', async () => {
    await chain.send(staking(poor, testParams.minDeposit - 1n))
    expect(await chain.act(committing(poor, first))).toBe('InsufficientPledge')
    await chain.send(staking(poor, 1n))
    expect(await chain.act(committing(poor, first))).toBe('ok')
  })

  test('InsufficientPledge: the minimum is there, but locked by other commitments', async () => {
    await chain.send({ from: chain.owner, functionName: 'setNoProofPunishAmount', args: [600n] })
    await chain.send(staking(poor, 1_199n))
    expect(await chain.act(committing(poor, first))).toBe('ok')
    expect(await chain.act(committing(poor, second))).toBe('InsufficientPledge')
    await chain.send(staking(poor, 1n))
    expect(await chain.act(committing(poor, second))).toBe('ok')
  })

  test('CommittedProofHash: a second hash of the same miner in a round', async () => {
    await chain.send(committing(alice, first))
    expect(await chain.act(committing(alice, first, proofOf(first, alice, 1)))).toBe('CommittedProofHash')
  })

  test('CommittedProof: the sequence is verified', async () => {
    await verify(first, alice)
    expect(await chain.act(committing(bob, first))).toBe('CommittedProof')
    expect(await chain.act(committing(alice, first))).toBe('CommittedProof')
  })
})

describe('proofs, with hashes of alice and bob out and the window open', () => {
  beforeEach(async () => {
    await chain.enqueue(committing(alice, first))
    await chain.enqueue(committing(bob, first, proofOf(first, alice)))
    await chain.enqueue(committing(alice, second))
    await chain.send(committing(bob, second, forgedProof()))
    await chain.mine(T1)
  })

  test.each<{ error: string; why: string; call: () => Call<'verifyBatches'> }>([
    {
      error: 'InvalidProofHash',
      why: 'other bytes of an equally good proof',
      call: () => proving(alice, first, proofOf(first, alice, 1)),
    },
    {
      error: 'InvalidProofHash',
      why: 'one bit flipped',
      call: () => proving(alice, first, flipLastBit(proofOf(first, alice))),
    },
    { error: 'InvalidProofHash', why: 'no bytes', call: () => proving(alice, first, '0x') },
    {
      error: 'InvalidProof',
      why: "another miner's proof, committed in one's own name",
      call: () => proving(bob, first, proofOf(first, alice)),
    },
    {
      error: 'InvalidProof',
      why: 'another new state root',
      call: () => proving(alice, { ...first, newStateRoot: rootOf(7) }, proofOf(first, alice)),
    },
    { error: 'InvalidProof', why: 'a local exit root', call: () => withExitRoot(proving(alice, first), rootOf(7)) },
    {
      error: 'NewStateRootNotInsidePrime',
      why: 'a root beyond the field',
      call: () => proving(alice, { ...first, newStateRoot: fieldModulus }, proofOf(first, alice)),
    },
    { error: 'InitNumBatchAboveLastVerifiedBatch', why: 'out of order', call: () => proving(alice, second) },
    {
      error: 'ErrSequencerRange',
      why: 'a wrong start',
      call: () => proving(alice, { ...first, init: 1 }, proofOf(first, alice)),
    },
    { error: 'ErrCommitProof', why: 'no commitment', call: () => proving(poor, first) },
  ])('$error: $why', async ({ error, call }) => {
    const before = await observe()
    expect(await chain.act(call())).toBe(error)
    await expect(chain.send(call())).rejects.toThrow('reverted')
    expect(await observe()).toEqual(before)
  })

  test('InvalidProof: a forged proof that was committed as it is; the commitment stays open', async () => {
    await chain.send(proving(alice, first))
    expect(await chain.act(proving(bob, second, forgedProof()))).toBe('InvalidProof')
    expect(await chain.act(proving(alice, second))).toBe('ok')
  })

  test('CommittedProof: the second proof of the same miner', async () => {
    await chain.send(proving(alice, first))
    expect(await chain.act(proving(alice, first))).toBe('CommittedProof')
  })

  test('StateRootMismatch: a late proof of another state than the verified one', async () => {
    await chain.send(proving(alice, first))
    expect(await chain.act(proving(bob, { ...first, newStateRoot: rootOf(7) }, proofOf(first, alice)))).toBe(
      'StateRootMismatch',
    )
  })
})

describe('without a round', () => {
  test('CommittedProofHash: nobody ever committed', async () => {
    expect(await chain.act(proving(alice, first))).toBe('CommittedProofHash')
  })
  test('ErrCommitProof: the round is void', async () => {
    await chain.send(committing(alice, first))
    await chain.send({ from: chain.owner, functionName: 'activateEmergencyState', args: [] })
    await chain.send({ from: chain.owner, functionName: 'deactivateEmergencyState', args: [] })
    await chain.mine(T1)
    expect(await chain.act(proving(alice, first))).toBe('ErrCommitProof')
  })
})

describe('settlement', () => {
  test('NothingCommitted, RoundUndecided, AlreadySettled', async () => {
    expect(await chain.act(settling(bob, first, alice))).toBe('NothingCommitted')
    await chain.send(committing(alice, first))
    expect(await chain.act(settling(bob, first, alice))).toBe('RoundUndecided')
    await chain.mine(T1 + testParams.proveBlocks)
    expect(await chain.act(settling(bob, first, alice))).toBe('ok')
    expect(await chain.act(settling(bob, first, alice))).toBe('AlreadySettled')
  })
})

describe('stake', () => {
  test('InsufficientUnlockedStake: what a commitment locks stays until it is decided', async () => {
    await chain.send(committing(alice, first))
    expect(await chain.act({ from: alice, functionName: 'withdraw', args: [9_901n] })).toBe('InsufficientUnlockedStake')
    expect(await chain.act({ from: alice, functionName: 'withdraw', args: [9_900n] })).toBe('ok')
    expect(await chain.act({ from: alice, functionName: 'withdraw', args: [1n] })).toBe('InsufficientUnlockedStake')
  })
})

describe('sequencing', () => {
  const batch = { ...batchOf(third), timestamp: 100n }
  test.each<{ error: string; why: string; from?: 'alice'; batches: TestSequence['batches'] }>([
    { error: 'OnlyTrustedSequencer', why: 'by a miner', from: 'alice', batches: [batch] },
    { error: 'SequenceZeroBatches', why: 'nothing', batches: [] },
    {
      error: 'BatchLengthInvalid',
      why: 'a byte too few',
      batches: [batch, { ...batch, transactions: '0x00000000000001' }],
    },
    {
      error: 'BatchLengthInvalid',
      why: 'a byte too many',
      batches: [{ ...batch, transactions: '0x000000000000000001' }],
    },
    { error: 'ForcedDataDoesNotMatch', why: 'a forced batch', batches: [{ ...batch, minForcedTimestamp: 1n }] },
    { error: 'SequencedTimestampInvalid', why: 'time going back', batches: [batch, { ...batch, timestamp: 99n }] },
    { error: 'SequencedTimestampInvalid', why: 'before the last sequence', batches: [{ ...batch, timestamp: 3n }] },
    { error: 'SequencedTimestampInvalid', why: 'the future', batches: [{ ...batch, timestamp: 2n ** 40n }] },
    {
      error: 'ExceedMaxVerifyBatches',
      why: 'more than 1000 batches',
      batches: Array.from({ length: 1001 }, () => batch),
    },
  ])('$error: $why', async ({ error, from, batches }) => {
    const sender = from === 'alice' ? alice : chain.sequencer
    expect(await chain.act({ from: sender, functionName: 'sequenceBatches', args: [batches, coinbase] })).toBe(error)
  })

  test('the owner names another sequencer', async () => {
    await chain.send({ from: chain.owner, functionName: 'setTrustedSequencer', args: [bob] })
    expect(await chain.act(sequencing(chain.sequencer, third))).toBe('OnlyTrustedSequencer')
    expect(await chain.act(sequencing(bob, third))).toBe('ok')
  })
})

const fieldModulus: Hex = '0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001'

function batchOf(sequence: TestSequence): TestSequence['batches'][number] {
  const [batch] = sequence.batches
  if (batch === undefined) throw new Error('A sequence has a batch.')
  return batch
}

async function verify(sequence: TestSequence, miner: Address): Promise<void> {
  await chain.send(committing(miner, sequence))
  await chain.mine(T1)
  await chain.send(proving(miner, sequence))
}

const withHash = (call: Call<'submitProofHash'>, hash: Hex): Call<'submitProofHash'> => ({
  ...call,
  args: [call.args[0], call.args[1], hash],
})

const withExitRoot = (call: Call<'verifyBatches'>, root: Hex): Call<'verifyBatches'> => ({
  ...call,
  args: [call.args[0], call.args[1], root, call.args[3], call.args[4]],
})

const flipLastBit = (proof: Hex): Hex =>
  `${proof.slice(0, -1) as Hex}${(Number.parseInt(proof.slice(-1), 16) ^ 1).toString(16)}`

/** Reads everything that a refused proof might have changed. */
const observe = () =>
  Promise.all([
    chain.client.readContract({ abi: rollupAbi, address: chain.rollup, functionName: 'accounting' }),
    chain.client.readContract({ abi: rollupAbi, address: chain.rollup, functionName: 'lastVerifiedBatch' }),
    chain.client.readContract({
      abi: rollupAbi,
      address: chain.rollup,
      functionName: 'getRound',
      args: [BigInt(first.final)],
    }),
    chain.client.readContract({
      abi: rollupAbi,
      address: chain.rollup,
      functionName: 'getCommitment',
      args: [BigInt(first.final), alice],
    }),
  ])
