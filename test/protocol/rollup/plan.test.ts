import { expect, test } from 'vitest'
import { planRollup, toPrepare } from '../../../protocol/rollup/plan.ts'
import type { RollupSurvey, SurveyedSequence } from '../../../protocol/rollup/survey.ts'
import type { Holds } from '../../../protocol/sequence/view.ts'

const NONE: Holds = { paused: null, cancelled: null, quarantined: null }
const PAUSED = { holds: { ...NONE, paused: 'costs' } }
const CANCELLED = { holds: { ...NONE, cancelled: 'no use' } }
const PROVED = { isProved: true }
const OWED = { isOwed: true }

test.each<{
  why: string
  open: Partial<SurveyedSequence>[]
  of?: Partial<RollupSurvey>
  goOn?: number[]
  next?: number[]
  says?: string
}>([
  { why: 'what is proved goes on, others begin up to the limit', open: [PROVED, {}, {}, {}], goOn: [1], next: [2, 3] },
  {
    why: 'a paused one is passed over and takes nobody’s place',
    open: [PAUSED, {}, {}],
    next: [2, 3],
    says: 'batches 1 are paused: costs',
  },
  { why: 'a paused one that is proved keeps running: it waits', open: [{ ...PAUSED, ...PROVED }], goOn: [1] },
  {
    why: 'a cancelled one isn’t started, those after it are',
    open: [CANCELLED, {}],
    next: [2],
    says: 'batches 1 are cancelled: no use',
  },
  { why: 'a cancelled one isn’t started though it is proved', open: [{ ...CANCELLED, ...PROVED }], goOn: [] },
  {
    why: 'a cancelled one whose hash is out goes on',
    open: [{ ...CANCELLED, ...PROVED, ...OWED }],
    goOn: [1],
    says: 'batches 1 are cancelled: no use (a hash that is out is still proved)',
  },
  { why: 'what is owed goes on even when its proof is lost', open: [{ ...PAUSED, ...OWED }], goOn: [1] },
  {
    why: 'a quarantined one is tried: preparing it says what is wrong',
    open: [{ holds: { ...NONE, quarantined: 'bad' } }, {}],
    next: [1, 2],
  },
  {
    why: 'a paused rollup begins nothing',
    open: [PROVED, OWED, {}],
    of: { held: 'paused: costs' },
    goOn: [1, 2],
    says: 'no new work: paused: costs',
  },
  {
    why: 'a cancelled rollup goes on with what is owed only',
    open: [PROVED, OWED, {}],
    of: { held: 'cancelled: x', isCancelled: true },
    goOn: [2],
  },
])('$why', ({ open, of, goOn = [], next = [], says }) => {
  const plan = planRollup(survey(open, of))
  expect(plan.goOn.map(({ from }) => from)).toEqual(goOn)
  expect(plan.next.map(({ from }) => from)).toEqual(next)
  expect(plan.lines[0]).toBe(`verified up to batch 0, sequenced up to 9, ${open.length} open`)
  if (says !== undefined) expect(plan.lines).toContain(says)
})

test('a backlog is counted whole, though no more of it is taken up than may be unproved', () => {
  const { lines } = planRollup(survey([PROVED, {}, {}], { openInAll: 40, maxUnproved: 2 }))
  expect(lines[0]).toBe('verified up to batch 0, sequenced up to 9, 40 open, 37 of them beyond maxUnproved (2)')
})

const IN_VAIN = { isRunning: true, holds: { paused: null, cancelled: null, quarantined: 'no data' } }

test.each<{ why: string; next: Partial<SurveyedSequence>[]; queue: number[]; waits: string | null }>([
  { why: 'in order, without what runs', next: [{}, { isRunning: true }, {}], queue: [1, 3], waits: null },
  {
    why: 'nothing from what is not deep on',
    next: [{}, { isDeep: false }, {}],
    queue: [1],
    waits: 'batches 2 wait for confirmations',
  },
  { why: 'what runs has been deep enough', next: [{ isDeep: false, isRunning: true }, {}], queue: [2], waits: null },
  { why: 'nothing behind what is quarantined', next: [{}, IN_VAIN, { isDeep: false }], queue: [1], waits: null },
  { why: 'nothing of nothing', next: [], queue: [], waits: null },
])('of what is next is prepared: $why', ({ next, queue, waits }) => {
  const found = toPrepare(survey(next).open)
  expect([found.queue.map(({ from }) => from), found.waits]).toEqual([queue, waits])
})

/** Makes a survey of sequences of one batch each, from batch 1 on. */
function survey(open: Partial<SurveyedSequence>[], change: Partial<RollupSurvey> = {}): RollupSurvey {
  return {
    ...{ lastVerifiedBatch: 0, lastBatchSequenced: 9, maxUnproved: 2, held: null, waitMs: 1 },
    setting: { chainId: 1, miner: '0x01', kind: 'any', weight: 1 },
    open: open.map((one, i) => ({
      ...{ rollup: 'pay', from: i + 1, to: i + 1, accInputHash: '0xda', isDeep: true, isProved: false },
      ...one,
    })),
    ...change,
  }
}
