import { sql } from 'drizzle-orm'
import { parseEventLogs } from 'viem'
import { describe, expect, test } from 'vitest'
import { readView } from '../../../activities/sequence/look-at-sequence.ts'
import { rollupAbi } from '../../../contracts/abi.ts'
import { ArchiveUnavailableError } from '../../../db/errors.ts'
import { committing, proving, settling } from '../../contracts/miner-actions.ts'
import { nextSequence, type TestSequence } from '../../contracts/sequences.ts'
import { FINALITY, fundRewards, type MinerOnAnvil, ranFor, startContract, startMiner } from '../miner-on-anvil.ts'

// T1 is 3, T2 is 4, and late proofs have 6 blocks. While a miner is "down" nobody calls it and blocks are mined.

describe('what comes to pass while everything of ours is down', () => {
  test('a rival wins and the sequence becomes final: our late proof is sent and paid', async () => {
    const { miner, sequence, ref } = await committed()
    await rivalWins(miner, sequence)
    await miner.harness.mine(FINALITY)
    await miner.live(1)
    expect(miner.looks.get(sequence.final)?.step).toMatchObject({ kind: 'prove', isLate: true })
    await miner.live(12)
    expect(await ranFor(miner, ref)).toEqual(['commit', 'prove-late', 'claim'])
    expect(await miner.harness.client.readContract(own(miner, sequence))).toMatchObject({
      isProved: true,
      isSettled: true,
    })
    expect(await paid(miner)).toEqual([500n]) // it is half of the reward, for both had the same stake
    expect(miner.looks.size).toBe(0)
  })

  test('a stranger settles for us, which pays nobody: the claim is still sent', async () => {
    const { miner, sequence, ref } = await committed()
    await miner.live(5)
    expect(await ranFor(miner, ref)).toEqual(['commit', 'prove'])
    await miner.harness.mine(12)
    await miner.harness.send(settling(miner.harness.stranger, sequence, miner.miner))
    expect(await paid(miner)).toEqual([])
    await miner.live(2 + FINALITY)
    expect(await ranFor(miner, ref)).toEqual(['commit', 'prove', 'claim'])
    expect(await paid(miner)).toEqual([1_000n])
    await miner.live(1)
    expect([miner.looks.size, miner.queue]).toEqual([0, []])
  })

  test('a rival wins where nothing is paid: our late proof is sent, and no claim for nothing', async () => {
    const { miner, sequence, ref } = await committed({ rewardWei: 0n })
    await rivalWins(miner, sequence)
    await miner.live(14 + FINALITY)
    expect(await ranFor(miner, ref)).toEqual(['commit', 'prove-late'])
    expect(await miner.harness.client.readContract(own(miner, sequence))).toMatchObject({
      isProved: true,
      isSettled: false,
    })
    expect([miner.looks.size, miner.queue, await locked(miner)]).toEqual([0, [], 0n])
  })

  test('a rival wins where nothing is paid, and our proof comes too late: the stake that our hash locks is freed', async () => {
    const { miner, sequence, ref } = await committed({ rewardWei: 0n })
    await rivalWins(miner, sequence)
    await miner.harness.mine(12)
    expect(await locked(miner)).toBe(100n)
    await miner.live(3 + FINALITY)
    expect(await ranFor(miner, ref)).toEqual(['commit', 'claim'])
    expect([miner.looks.size, await locked(miner)]).toEqual([0, 0n])
  })

  test('an emergency voids our round and a rival verifies a later one: the lock is freed, the stake is whole', async () => {
    const { miner, sequence, ref } = await committed()
    const { harness } = miner
    await harness.send({ from: harness.owner, functionName: 'activateEmergencyState', args: [] })
    await harness.mine(1)
    await harness.send({ from: harness.owner, functionName: 'deactivateEmergencyState', args: [] })
    await harness.send(committing(miner.rival, sequence))
    await harness.mine(3)
    await harness.send(proving(miner.rival, sequence))
    expect(await locked(miner)).toBe(100n)
    await harness.mine(FINALITY)
    await miner.live(4 + FINALITY)
    expect(await ranFor(miner, ref)).toEqual(['commit', 'claim'])
    expect(await locked(miner)).toBe(0n)
    expect(await stakeOf(miner)).toBe(5_000n)
    expect(miner.looks.size).toBe(0)
  })
})

test('an emergency holds neither a claim nor what it pays', async () => {
  const { miner, ref } = await committed()
  await miner.live(5)
  const { harness } = miner
  await harness.mine(12)
  await harness.send({ from: harness.owner, functionName: 'activateEmergencyState', args: [] })
  await miner.live(2)
  expect(await ranFor(miner, ref)).toEqual(['commit', 'prove', 'claim'])
  expect(await paid(miner)).toEqual([1_000n])
})

test('at a contract of 2023 the late proof is the first call, also before a hash that could be sent', async () => {
  const { miner, sequence, ref } = await committed({ is2023: true })
  await rivalWins(miner, sequence)
  await miner.harness.mine(FINALITY)
  const other = await miner.open(nextSequence(sequence, 1))
  await miner.live(1)
  expect(miner.looks.get(other.to)?.step).toMatchObject({ kind: 'wait', code: 'late-proof-owed' })
  expect((await miner.attempts()).map(({ purpose }) => purpose?.step)).toEqual(['prove-late'])
  await miner.live(1)
  expect(await ranFor(miner, ref)).toEqual(['commit', 'prove-late'])
  await miner.live(1)
  expect(await ranFor(miner, other)).toEqual(['commit'])
})

test('a late proof is owed, for all we know, while the archive can’t be asked that alone may have it', async () => {
  const { miner, sequence } = await committed({ is2023: true })
  await rivalWins(miner, sequence)
  await miner.harness.mine(FINALITY)
  const other = await miner.open(nextSequence(sequence, 1))
  await miner.deps.db.execute(
    sql`delete from zkpow.proofs where rollup = ${miner.rollup.name} and to_batch = ${sequence.final}`,
  )
  const away = () => Promise.reject(new ArchiveUnavailableError({ folder: 'proofs', systemCode: 'EIO' }))
  miner.deps.archive = { put: away, has: away, get: away, list: away }
  const { owedLateProofs } = await readView(miner.deps, miner.rollup, other)
  expect(owedLateProofs).toEqual([{ from: 1, to: 1 }])
})

/** Starts a miner with stake whose hash stands on the first sequence. */
async function committed({ is2023 = false, rewardWei }: { is2023?: boolean; rewardWei?: bigint } = {}) {
  const { harness, stakeWei } = await startContract({ is2023 })
  const miner = await startMiner({ harness, stakeWei })
  await harness.send({ from: miner.rival, functionName: 'deposit', args: [], value: stakeWei })
  await fundRewards(harness)
  if (rewardWei !== undefined)
    await harness.send({ from: harness.owner, functionName: 'setRewardPerSequence', args: [rewardWei] })
  const sequence = nextSequence(undefined, 1)
  const ref = await miner.open(sequence)
  await miner.live(2)
  expect(await ranFor(miner, ref)).toEqual(['commit'])
  return { miner, sequence, ref }
}

/** Has a rival join our round and prove in its window. */
async function rivalWins({ harness, rival }: MinerOnAnvil, sequence: TestSequence): Promise<void> {
  await harness.send(committing(rival, sequence))
  await harness.mine(3)
  await harness.send(proving(rival, sequence))
}

const read = { abi: rollupAbi } as const

const own = ({ harness, miner }: MinerOnAnvil, sequence: TestSequence) =>
  ({ ...read, address: harness.rollup, functionName: 'getCommitment', args: [BigInt(sequence.final), miner] }) as const

const locked = ({ harness, miner }: MinerOnAnvil): Promise<bigint> =>
  harness.client.readContract({ ...read, address: harness.rollup, functionName: 'lockedOf', args: [miner] })

const stakeOf = ({ harness, miner }: MinerOnAnvil): Promise<bigint> =>
  harness.client.readContract({ ...read, address: harness.rollup, functionName: 'depositOf', args: [miner] })

/** Reads from the contract's logs what the miner was paid. */
async function paid({ harness, miner }: MinerOnAnvil): Promise<bigint[]> {
  const logs = await harness.client.getLogs({ address: harness.rollup, fromBlock: 0n })
  const claimed = parseEventLogs({ abi: rollupAbi, logs, eventName: 'Claimed' })
  return claimed.flatMap(({ args }) => (args.miner === miner ? [args.amount] : []))
}
