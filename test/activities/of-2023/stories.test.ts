import { parseEther } from 'viem'
import { describe, expect, onTestFinished, test } from 'vitest'
import { listSequenceAttempts } from '../../../db/attempts/attempts.ts'
import type { SequenceRef } from '../../../protocol/base/ranges.ts'
import { testParams } from '../../contracts/harness.ts'
import { Harness2023 } from '../../contracts/harness-2023.ts'
import { committing, proving, sequencing } from '../../contracts/miner-actions.ts'
import { nextSequence, type TestSequence } from '../../contracts/sequences.ts'
import { FINALITY, type MinerOnAnvil, ranFor, startMiner } from '../miner-on-anvil.ts'

// The contract is contracts/simulated/Rollup2023.sol, with T1 = 3 and T2 = 4. It fines a missing proof with 1 coin and
// a wrong one with 10.

const { commitBlocks: T1, proveBlocks: T2 } = testParams
const FINE = parseEther('1')
const FIRST = nextSequence(undefined, 1)
const SECOND = nextSequence(FIRST, 1)

describe('settling', () => {
  test('sequences of one, two and three batches, in order, paid and not fined', async () => {
    const sequences = [FIRST, nextSequence(FIRST, 2), nextSequence(nextSequence(FIRST, 2), 3)]
    const { miner, refs } = await opened({ sequences })
    await miner.live(3 + T1 + T2)
    await miner.pass()
    for (const ref of refs) expect(await ranFor(miner, ref)).toEqual(['commit', 'prove'])
    expect(await miner.harness.read2023('rollup', 'lastVerifiedBatch')).toBe(6n)
    expect([await miner.harness.paid(miner.miner), await miner.harness.fines(miner.miner)]).toEqual([
      Array(3).fill(parseEther('6')),
      [],
    ])
  })

  test('a rival proves in block R+T1, which is a hash’s and a proof’s: ours is late, and paid', async () => {
    const { miner, ref } = await committed()
    const { harness, rival } = miner
    await harness.send(committing(rival, FIRST))
    await harness.mineTo((await roundStart(miner, FIRST)) + T1 - 1)
    await harness.send(proving(rival, FIRST))
    expect(await harness.head()).toBe((await roundStart(miner, FIRST)) + T1)
    await miner.live(2)
    await miner.pass()
    expect(await ranFor(miner, ref)).toEqual(['commit', 'prove-late'])
    expect([await harness.paid(miner.miner), await harness.fines(miner.miner)]).toEqual([[parseEther('3')], []])
  })

  test('after 51 blocks away the late proof is the first call, so it is paid and not fined', async () => {
    const { miner, ref } = await committed()
    await rivalProves(miner)
    await miner.harness.mine(51)
    await miner.live(2)
    await miner.pass()
    expect(await ranFor(miner, ref)).toEqual(['commit', 'prove-late'])
    expect([await miner.harness.paid(miner.miner), await miner.harness.fines(miner.miner)]).toEqual([
      [parseEther('3')],
      [],
    ])
  })

  test.each([
    { why: 'a longer T1 holds the proof up', setter: 'setProofHashCommitEpoch', blocks: T1 + 3, proofAt: T1 + 4 },
    { why: 'a shorter T1 lets it go sooner', setter: 'setProofHashCommitEpoch', blocks: 1, proofAt: 2 },
    { why: 'a shorter T2 leaves it one block', setter: 'setProofCommitEpoch', blocks: 1, proofAt: T1 + 1 },
  ])('windows that change in mid-round: $why', async ({ setter, blocks, proofAt }) => {
    const { miner, ref } = await committed()
    await owner(miner, setter, [blocks])
    await miner.live(T1 + T2)
    await miner.pass()
    expect(await ranFor(miner, ref)).toEqual(['commit', 'prove'])
    const start = await roundStart(miner, FIRST)
    const [proof] = (await listSequenceAttempts(miner.deps.db, ref)).filter(({ purpose }) => purpose?.step === 'prove')
    expect(Number(proof?.inclusion?.minedBlock) - start).toBe(proofAt)
    expect(await miner.harness.fines(miner.miner)).toEqual([])
  })

  test('an emergency stops the proof, not the clock: it is sent when that ends, in time', async () => {
    const { miner, ref } = await committed()
    await miner.live(1)
    await owner(miner, 'activateEmergencyState')
    await miner.live(3)
    expect(await attemptsOf(miner, ref, 'prove')).toBe(0)
    await owner(miner, 'deactivateEmergencyState')
    await miner.live(1)
    await miner.pass()
    expect(await ranFor(miner, ref)).toEqual(['commit', 'prove'])
  })

  test('a round that nobody proved costs its one fine with the next hash', async () => {
    const { miner, ref } = await committed()
    await miner.harness.mine(T1 + T2 + 1)
    await miner.live(2 + T1 + T2)
    await miner.pass()
    expect(await ranFor(miner, ref)).toEqual(['commit', 'commit', 'prove'])
    expect(await miner.harness.fines(miner.miner)).toEqual([FINE])
  })
})

describe('what would revert is held with its reason, and no transaction is spent on it', () => {
  test.each([
    { why: 'the slot is paused', stop: pauseSlot(true), start: pauseSlot(false) },
    { why: 'the rewards are drained', stop: drain, start: fund },
  ])('a proof while $why: sent in time when it is over', async ({ stop, start }) => {
    const { miner, ref } = await committed({ proveBlocks: 12 })
    await stop(miner)
    await miner.live(T1 + 3)
    const { lines } = await miner.pass()
    expect(lines.join('\n')).toMatch(/prove \S+ 1: .*reverts?/)
    expect(await attemptsOf(miner, ref, 'prove')).toBe(0)
    await start(miner)
    await miner.live(2)
    await miner.pass()
    expect(await ranFor(miner, ref)).toEqual(['commit', 'prove'])
  })

  test('a late proof that a rival broke by sending our hash, too, keeps no other sequence waiting', async () => {
    const { miner } = await committed()
    const { harness, rival } = miner
    const { args: ours } = committing(miner.miner, FIRST)
    await rivalProves(miner)
    await harness.send(sequencing(harness.sequencer, SECOND))
    // The hash makes the ledger's second entry.
    await harness.send({ from: rival, functionName: 'submitProofHash', args: [1n, 2n, ours[2]] })
    expect(await harness.refusal(proving(miner.miner, FIRST))).toBe('Panic')
    const second = await miner.prove(SECOND)
    await miner.live(1)
    await miner.pass()
    expect(await ranFor(miner, second)).toEqual(['commit'])
  })

  test('with drained rewards no new hash goes out either: its proof would revert, too', async () => {
    const { miner } = await committed()
    await rivalProves(miner)
    await drain(miner)
    const second = await miner.open(SECOND)
    await miner.live(2)
    expect(await listSequenceAttempts(miner.deps.db, second)).toEqual([])
    expect(miner.looks.get(SECOND.final)?.step).toMatchObject({ kind: 'wait', why: expect.stringMatching(/revert/) })
  })

  test('T1+T2 above 255: no hash goes out, and no proof of one that is out, until they are lowered', async () => {
    const { miner, ref } = await committed({ proveBlocks: 30 })
    await owner(miner, 'setProofCommitEpoch', [253])
    const second = await miner.open(SECOND)
    await miner.live(T1 + 3)
    expect(await attemptsOf(miner, ref, 'prove')).toBe(0)
    expect(await listSequenceAttempts(miner.deps.db, second)).toEqual([])
    expect(miner.looks.get(SECOND.final)?.step).toMatchObject({ kind: 'wait', code: 'windows-overflow' })
    await owner(miner, 'setProofCommitEpoch', [30])
    await miner.live(3)
    await miner.pass()
    expect([await ranFor(miner, ref), await ranFor(miner, second)]).toEqual([['commit', 'prove'], ['commit']])
  })

  test('less than one coin of stake: no hash goes out', async () => {
    const { miner, refs } = await opened({ minDeposit: 0n, stakeWei: parseEther('0.9') })
    await miner.live(3)
    expect(await listSequenceAttempts(miner.deps.db, refs[0] as SequenceRef)).toEqual([])
    expect(miner.looks.get(FIRST.final)?.step).toMatchObject({ kind: 'wait', code: 'stake-short' })
  })
})

test('a hash whose call fines twenty older ones has the gas for it', async () => {
  const old = sequencesUpTo(20)
  const { miner } = await opened({ sequences: [] })
  const { harness } = miner
  for (const sequence of old) await harness.send(sequencing(harness.sequencer, sequence))
  for (const from of [miner.miner, miner.rival])
    for (const sequence of old) await harness.enqueue(committing(from, sequence), 500_000n)
  await harness.mine(2 + T1)
  for (const sequence of old) await harness.enqueue(proving(miner.rival, sequence), 500_000n)
  await harness.mine(2 + T2)
  expect(await harness.read2023('rollup', 'lastVerifiedBatch')).toBe(20n)
  const ref = await miner.open(nextSequence(old.at(-1), 1))
  await miner.live(2)
  await miner.pass()
  expect(await ranFor(miner, ref)).toEqual(['commit'])
  expect(await harness.fines(miner.miner)).toEqual(Array(20).fill(FINE))
})

interface Miner2023 extends MinerOnAnvil {
  harness: Harness2023
}

/** Starts a miner with proved sequences, none of which it has committed to, and a rival with as much stake. */
async function opened({ sequences = [FIRST], stakeWei = parseEther('100'), ...params }: Opening = {}) {
  const harness = await Harness2023.start(params)
  onTestFinished(() => harness.anvil.stop())
  const miner = (await startMiner({ harness, stakeWei, finality: FINALITY })) as Miner2023
  await harness.send({ from: miner.rival, functionName: 'deposit', args: [], value: parseEther('100') })
  const refs: SequenceRef[] = []
  for (const sequence of sequences) refs.push(await miner.open(sequence))
  return { miner, refs }
}

interface Opening {
  sequences?: TestSequence[]
  stakeWei?: bigint
  minDeposit?: bigint
  proveBlocks?: number
}

/** Starts a miner whose hash stands on the first sequence. */
async function committed(opening: Opening = {}) {
  const { miner, refs } = await opened(opening)
  await miner.live(1)
  await miner.pass()
  const [ref] = refs as [SequenceRef]
  expect(await ranFor(miner, ref)).toEqual(['commit'])
  return { miner, ref }
}

/** Has a rival join our round and prove in its window. */
async function rivalProves({ harness, rival }: MinerOnAnvil): Promise<void> {
  await harness.send(committing(rival, FIRST))
  await harness.mine(T1)
  await harness.send(proving(rival, FIRST))
}

const owner = ({ harness }: Miner2023, functionName: string, args: readonly unknown[] = []) =>
  harness.special({ part: 'rollup', functionName, args })

function pauseSlot(isPaused: boolean) {
  return ({ harness }: Miner2023) =>
    harness.special({ part: 'slotAdapter', functionName: 'setPaused', args: [isPaused] })
}

async function drain({ harness }: Miner2023): Promise<void> {
  await harness.special({ part: 'slotAdapter', functionName: 'drain', args: [harness.owner] })
}

async function fund({ harness }: Miner2023): Promise<void> {
  await harness.send({ from: harness.owner, functionName: 'fundRewards', args: [], value: parseEther('100') })
}

/** Counts the transactions of a step that were signed for a sequence. */
const attemptsOf = async ({ deps }: MinerOnAnvil, ref: SequenceRef, step: string): Promise<number> =>
  (await listSequenceAttempts(deps.db, ref)).filter(({ purpose }) => purpose?.step === step).length

/** Reads R, as the contract has it. */
const roundStart = async ({ harness }: Miner2023, { final }: TestSequence): Promise<number> =>
  Number((await harness.read2023<readonly bigint[]>('rollup', 'sequencedBatches', [BigInt(final)]))[3])

function sequencesUpTo(count: number): TestSequence[] {
  return Array.from({ length: count }).reduce<TestSequence[]>((all) => [...all, nextSequence(all.at(-1), 1)], [])
}
