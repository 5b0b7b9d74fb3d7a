import { sql } from 'drizzle-orm'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Db } from '../../../db/connection/connect.ts'
import { findHolds, findRollupHolds, type HoldChange, listHolds, setHold } from '../../../db/decisions/holds.ts'
import { findSequences, listRunningSequences, listSequences, recordSequence } from '../../../db/decisions/sequences.ts'
import { findFloor, pinDeployment, setFloor } from '../../../db/deployment/deployments.ts'
import type { SequenceRef } from '../../../protocol/base/ranges.ts'
import { hash, MINER, openTestDatabase } from '../fixtures.ts'

const NONE = { paused: null, cancelled: null, quarantined: null }
const KEY = { rollup: 'payments', from: 1, to: 3 }

let db: Db
beforeAll(async () => {
  ;({ db } = await openTestDatabase())
})
beforeEach(async () => {
  await db.execute(sql`truncate zkpow.holds, zkpow.sequences, zkpow.deployments, zkpow.rollup_floors`)
})

describe('holds', () => {
  const set = (change: Partial<HoldChange>) =>
    setHold(db, { rollup: 'payments', key: KEY, hold: 'paused', reason: 'costs', who: 'ann', ...change })

  test("a sequence's own comes before its rollup's, and no other sequence has it", async () => {
    expect(await findHolds(db, KEY)).toEqual(NONE)
    await set({ key: null, reason: 'all of it' })
    expect(await findHolds(db, KEY)).toEqual({ ...NONE, paused: 'all of it' })
    await set({})
    expect(await findHolds(db, KEY)).toEqual({ ...NONE, paused: 'costs' })
    expect(await findHolds(db, { ...KEY, from: 4, to: 4 })).toEqual({ ...NONE, paused: 'all of it' })
    expect(await findRollupHolds(db, 'payments')).toEqual({ ...NONE, paused: 'all of it' })
    expect(await findHolds(db, { ...KEY, rollup: 'other' })).toEqual(NONE)
  })

  test('kinds stand beside each other; lifting takes away one; what was lifted stays on record', async () => {
    expect(await set({ hold: 'cancelled', reason: 'no use' })).toBe(true)
    expect(await set({ hold: 'quarantined', reason: 'bad data' })).toBe(true)
    expect(await set({ hold: 'cancelled', reason: null, who: 'bob' })).toBe(true)
    expect(await set({ hold: 'cancelled', reason: null })).toBe(false)
    expect(await findHolds(db, KEY)).toEqual({ ...NONE, quarantined: 'bad data' })
    const [lifted] = await db.execute(sql`select reason, lifted_by from zkpow.holds where lifted_at is not null`)
    expect(lifted).toEqual({ reason: 'no use', lifted_by: 'bob' })
    await set({ hold: 'cancelled', reason: 'again' })
    expect(await findHolds(db, KEY)).toEqual({ ...NONE, cancelled: 'again', quarantined: 'bad data' })
  })

  test('the same hold from several at once is one; another reason takes its place', async () => {
    await Promise.all(['a', 'b', 'c', 'd'].map((who) => set({ who })))
    expect(await set({ reason: 'another' })).toBe(false)
    expect(await listHolds(db)).toMatchObject([
      { rollup: 'payments', range: { from: 1, to: 3 }, hold: 'paused', reason: 'another' },
    ])
  })
})

describe('sequence rows', () => {
  const ref = (to: number, accInputHash = hash(to)): SequenceRef => ({ rollup: 'payments', from: to, to, accInputHash })

  test('what is left out stays as it is', async () => {
    await recordSequence(db, { sequence: ref(1), phase: 'proving', text: 'two\nlines', sequencedAtBlock: 7 })
    await recordSequence(db, { sequence: ref(1), phase: 'done', text: '', outcome: 'proved' })
    expect(await findSequences(db, ref(1))).toMatchObject([{ phase: 'done', sequencedAtBlock: 7, outcome: 'proved' }])
  })

  test('lists show running ones first, and the other data of a reorg apart', async () => {
    await recordSequence(db, { sequence: ref(1), phase: 'submit', text: '' })
    await recordSequence(db, { sequence: ref(2, hash(99)), phase: 'done', text: '', outcome: 'replaced' })
    await recordSequence(db, { sequence: ref(2), phase: 'proving', text: '' })
    expect((await listSequences(db, { rollup: 'payments' })).map((row) => row.accInputHash)).toEqual([
      hash(2),
      hash(1),
      hash(99),
    ])
    expect(await listSequences(db, { limit: 1 })).toHaveLength(1)
    expect(await findSequences(db, ref(2))).toHaveLength(2)
  })

  test('those that run are listed by their urgency: open windows first, then the lowest', async () => {
    const rollup = 'urgent'
    const phases = { 9: 'submit', 3: 'proving', 4: 'held', 7: 'submit', 8: 'prepare' } as const
    for (const [to, phase] of Object.entries(phases))
      await recordSequence(db, { sequence: { ...ref(Number(to)), rollup }, phase, text: '' })
    await recordSequence(db, { sequence: { ...ref(1), rollup }, phase: 'done', text: '', outcome: 'proved' })
    expect((await listRunningSequences(db, rollup)).map((row) => row.to)).toEqual([7, 9, 3, 4, 8])
  })
})

describe('deployments', () => {
  const ours = { rollup: 'payments', chainId: 31337, contract: MINER }

  test.each([
    { change: { chainId: 1 }, why: 'another chain' },
    { change: { contract: '0x1111111111111111111111111111111111111111' as const }, why: 'another contract' },
    { change: { rollup: 'renamed' }, why: 'another name of the same contract' },
  ])('refuse $why', async ({ change }) => {
    await pinDeployment(db, ours)
    await pinDeployment(db, { ...ours, contract: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8' })
    await expect(pinDeployment(db, { ...ours, ...change })).rejects.toMatchObject({ name: 'DeploymentMismatchError' })
  })

  test('a floor is where it was set last, also lower', async () => {
    expect(await findFloor(db, 'payments')).toBe(0)
    for (const floorBatch of [5, 3]) {
      await setFloor(db, { rollup: 'payments', floorBatch })
      expect(await findFloor(db, 'payments')).toBe(floorBatch)
    }
  })
})
