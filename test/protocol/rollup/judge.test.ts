import { describe, expect, test } from 'vitest'
import { asksForHash, judgeRollup, type PostedFacts, type RollupFacts } from '../../../protocol/rollup/judge.ts'
import type { OnChain, OwnCommitment } from '../../../protocol/sequence/view.ts'
import { ROUND, VERIFIED_ROUND } from '../sequence/views.ts'

const SETTLED: OwnCommitment = {
  proofHash: '0xaa',
  roundStartBlock: 100,
  isProved: true,
  isSettled: true,
  lockedWei: '0',
}
const UNPAID = { ...SETTLED, isSettled: false, lockedWei: '10' }
/** Nothing would be paid for it, and nothing is locked. */
const OWING = { ...SETTLED, isProved: false, isSettled: false, rewardWei: '0' }
const NONE = { paused: null, cancelled: null, quarantined: null }

describe('a verified sequence is', () => {
  test.each<{ end: 'open' | 'closing' | 'closed'; why: string; own: OwnCommitment | null; of?: Partial<RollupFacts> }>([
    { end: 'closed', why: 'nothing of ours is there', own: null },
    { end: 'closing', why: 'that is not final', own: null, of: { finalVerifiedBatch: 0 } },
    { end: 'closing', why: 'nobody tells what is final', own: null, of: { finalVerifiedBatch: null } },
    { end: 'closed', why: 'ours is settled', own: SETTLED },
    { end: 'open', why: 'ours locks stake', own: UNPAID },
    { end: 'open', why: 'ours locks stake since an older round', own: { ...UNPAID, roundStartBlock: 40 } },
    { end: 'open', why: 'a late proof is owed', own: OWING },
    { end: 'open', why: 'a late proof is owed at a contract of 2023', own: OWING, of: { unpaidWei: undefined } },
    {
      end: 'closed',
      why: 'the deadline of a late proof is over',
      own: OWING,
      of: { head: { number: 140, hash: '0x' } },
    },
    { end: 'open', why: 'a stranger settled, and nobody paid', own: SETTLED, of: { unpaidWei: 5n } },
    { end: 'closed', why: 'what nobody paid is too little', own: SETTLED, of: { unpaidWei: 5n, leastRewardWei: 6n } },
    {
      end: 'closed',
      why: 'what nobody paid is of another round',
      own: { ...SETTLED, roundStartBlock: 40 },
      of: { unpaidWei: 5n },
    },
    { end: 'closed', why: 'a contract of 2023 settles nothing', own: UNPAID, of: { unpaidWei: undefined } },
  ])('$end: $why', ({ end, own, of }) => {
    const { survey, floorBatch } = judgeRollup(facts([verified(1, own)], of))
    expect(survey.open.map(({ isOwed }) => isOwed)).toEqual(end === 'open' ? [true] : [])
    expect(floorBatch).toBe(end === 'closed' ? 1 : 0)
  })
})

test('the floor is below the first sequence that is not closed, however many behind it are', () => {
  const posted = [verified(1, null), verified(2, SETTLED), verified(3, UNPAID), verified(4, null)]
  expect(judgeRollup(facts(posted, { finalVerifiedBatch: 4 })).floorBatch).toBe(2)
  expect(judgeRollup(facts([], { floorBatch: 7 })).floorBatch).toBe(7)
})

describe('an unverified sequence', () => {
  const paused = { hold: 'paused', reason: 'costs' } as const
  const holds = { ...NONE, paused: 'costs' }
  test.each<{ why: string; one?: Partial<PostedFacts>; of?: Partial<RollupFacts>; says: object; lacks?: string[] }>([
    {
      why: 'that nothing holds says nothing of what is owed',
      says: { isProved: false },
      lacks: ['isOwed', 'holds', 'isRunning'],
    },
    {
      why: 'that is held alone says so, and owes nothing',
      of: { holds: [{ ...paused, range: { from: 5, to: 5 } }] },
      says: { holds, isOwed: false },
    },
    {
      why: 'of a held rollup has no hold of its own',
      of: { holds: [{ ...paused, range: null }] },
      says: { isOwed: false },
      lacks: ['holds'],
    },
    {
      why: 'that another is held beside is as free as before',
      one: { hash: null },
      of: { holds: [{ ...paused, range: { from: 4, to: 4 } }] },
      says: {},
      lacks: ['isOwed', 'holds'],
    },
    {
      why: 'that is held is owed while its hash may land',
      one: { hash: { atHead: state({}), unfinalCommit: true } },
      of: { holds: [{ ...paused, range: null }] },
      says: { isOwed: true },
    },
    {
      why: 'that is held is owed while its hash stands',
      one: { hash: { atHead: state({ round: ROUND, own: { ...SETTLED, isProved: false } }), unfinalCommit: false } },
      of: { holds: [{ ...paused, range: null }] },
      says: { isOwed: true },
    },
    { why: 'whose workflow runs says so to whoever asks', one: { isRunning: true }, says: { isRunning: true } },
  ])('$why', ({ one, of, says, lacks = [] }) => {
    const hash = of?.holds === undefined ? null : { atHead: state({}), unfinalCommit: false }
    const { survey } = judgeRollup(facts([{ ...posted(5), hash, ...one }], of), { from: 5, to: 5 })
    expect(survey.open).toMatchObject([says])
    for (const key of lacks) expect(survey.open[0]).not.toHaveProperty(key)
  })
})

test.each([
  { why: 'what is verified may be left to settle', to: 2, range: undefined, asks: true },
  { why: 'what is free is not asked', to: 3, range: undefined, asks: false },
  { why: 'what is held may be owed', to: 3, range: { from: 3, to: 3 }, asks: true },
  { why: 'what is beside it is not asked', to: 3, range: { from: 3, to: 4 }, asks: false },
  { why: 'of a held rollup all may be owed', to: 9, range: null, asks: true },
])('$why: $asks', ({ to, range, asks }) => {
  const holds = range === undefined ? [] : [{ range, hold: 'paused' as const, reason: 'costs' }]
  expect(asksForHash({ from: to, to }, { lastVerifiedBatch: 2, holds })).toBe(asks)
})

describe('of a backlog', () => {
  const free = Array.from({ length: 9 }, (_, i) => posted(i + 1))
  test('as many are listed as may be unproved, and all that are proved', () => {
    const all = free.map((one) => ({ ...one, isProved: one.from === 8 }))
    const { open, openInAll, beyondReach } = judgeRollup(facts(all, { maxUnproved: 2 })).survey
    expect([open.map(({ from }) => from), openInAll, beyondReach]).toEqual([[1, 2, 8], 9, 6])
  })

  test('what runs takes its place among them, and is not listed unless it is asked about', () => {
    const all = free.map((one) => ({ ...one, isRunning: one.from <= 2, isProved: one.from === 1 }))
    const { survey } = judgeRollup(facts(all, { maxUnproved: 2 }))
    expect(survey).toMatchObject({ open: [{ from: 3 }], openInAll: 9, beyondReach: 6 })
    expect(judgeRollup(facts(all), { from: 1, to: 3 }).survey.open.map(({ from }) => from)).toEqual([1, 2, 3])
  })

  test('what runs and is held is listed, for nothing behind it can be prepared', () => {
    const holds = [{ range: { from: 1, to: 1 }, hold: 'quarantined' as const, reason: 'no data' }]
    const all = free.map((one) => ({ ...one, isRunning: one.from === 1 }))
    expect(judgeRollup(facts(all, { holds, maxUnproved: 1 })).survey.open.map(({ from }) => from)).toEqual([1, 2])
  })

  test('50 are listed to be begun, and told that there are more', () => {
    const all = Array.from({ length: 1_000 }, (_, i) => posted(i + 1))
    const { open, moreToBegin, waitMs } = judgeRollup(facts(all, { maxUnproved: 1_000 })).survey
    expect([open.length, moreToBegin, waitMs]).toEqual([50, 950, 60_000])
  })

  test('no more than 200 are started in one round, and the next comes at once', () => {
    const proved = Array.from({ length: 201 }, (_, i) => ({ ...posted(i + 1), isProved: true }))
    const { open, waitMs } = judgeRollup(facts(proved)).survey
    expect([open.length, waitMs]).toEqual([200, 1_000])
    expect(judgeRollup(facts(proved.slice(1))).survey.waitMs).toBe(60_000)
  })
})

test('what does not say how it ended is begun again, once for all of its rows, and not where it is open', () => {
  const row = { rollup: 'pay', from: 1, to: 1, accInputHash: '0xda', isRunning: false } as const
  const rows = [
    row,
    { ...row, accInputHash: '0xdb' } as const,
    { ...row, from: 2, to: 2 },
    { ...row, from: 9, to: 9, isRunning: true },
  ]
  const { open, openInAll } = judgeRollup(facts([posted(2)], { unended: rows })).survey
  expect(open.map(({ from, accInputHash, isOwed }) => [from, accInputHash, isOwed])).toEqual([
    [1, '0xda', true],
    [2, '0xda', undefined],
  ])
  expect(openInAll).toBe(3)
})

test.each([
  { why: 'only events change anything', isDeep: true, msPerBlock: 2_000, waitMs: 60_000 },
  { why: 'a block makes it deep', isDeep: false, msPerBlock: 2_000, waitMs: 2_000 },
  { why: 'blocks are slower than that', isDeep: false, msPerBlock: 90_000, waitMs: 60_000 },
])('comes again after $waitMs ms: $why', ({ isDeep, msPerBlock, waitMs }) =>
  expect(judgeRollup(facts([{ ...posted(1), isDeep }], { msPerBlock })).survey.waitMs).toBe(waitMs),
)

test('tells of what holds the whole rollup, and that nothing is known to be final', () => {
  const holds = [{ range: null, hold: 'cancelled' as const, reason: 'no use' }]
  expect(judgeRollup(facts([], { holds })).survey).toMatchObject({ held: 'cancelled: no use', isCancelled: true })
  const { survey } = judgeRollup(facts([], { final: null, finalVerifiedBatch: null }))
  expect(survey).toMatchObject({ held: null, isCancelled: false, finality: expect.any(String) })
  expect(judgeRollup(facts([])).survey).not.toHaveProperty('finality')
})

/** Makes facts after block 120: what is verified is so on the final block, too. */
function facts(sequences: PostedFacts[], change: Partial<RollupFacts> = {}): RollupFacts {
  const lastVerifiedBatch = Math.max(0, ...sequences.filter(({ hash }) => hash?.atHead.isVerified).map(({ to }) => to))
  return {
    ...{ head: { number: 120, hash: '0x78' }, final: 110, lastVerifiedBatch, finalVerifiedBatch: lastVerifiedBatch },
    ...{ lastBatchSequenced: 9, floorBatch: 0, posted: sequences, unended: [], holds: [] },
    ...{ unpaidWei: 0n, leastRewardWei: 0n, maxUnproved: 4, msPerBlock: null },
    ...change,
  }
}

function posted(batch: number): PostedFacts {
  const sequence = { rollup: 'pay', from: batch, to: batch, accInputHash: '0xda' } as const
  return { ...sequence, isDeep: true, isProved: false, isRunning: false, hash: null }
}

const state = (change: Partial<OnChain>): OnChain => ({
  ...{ accInputHash: '0xda', isVerified: false, round: null, own: null },
  ...change,
})

function verified(batch: number, own: OwnCommitment | null): PostedFacts {
  const atHead = state({ isVerified: true, round: VERIFIED_ROUND, own })
  return { ...posted(batch), hash: { atHead, unfinalCommit: false } }
}
