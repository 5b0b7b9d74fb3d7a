import { describe, expect, test } from 'vitest'
import { createSurveyRollup } from '../../../activities/rollup/survey-rollup.ts'
import type { Chain } from '../../../chain/create-chain.ts'
import { setHold } from '../../../db/decisions/holds.ts'
import { recordSequence } from '../../../db/decisions/sequences.ts'
import { findFloor } from '../../../db/deployment/deployments.ts'
import type { BatchRange } from '../../../protocol/base/ranges.ts'
import type { OnChain } from '../../../protocol/sequence/view.ts'
import { sequenceWorkflowId } from '../../../protocol/temporal/ids.ts'
import { hash, MINER, openTestDatabase } from '../../db/fixtures.ts'
import { openSequence } from '../submission-support.ts'
import { fakeChain, fakeTemporal, type Posted, setUp } from '../support.ts'

const { db } = await openTestDatabase()

const POSTED: Posted[] = [
  { from: 1, to: 1, data: ['a'] },
  { from: 2, to: 2, data: ['b'] },
  { from: 3, to: 5, data: ['c', 'd', 'e'] },
]
const ROUND = { startBlock: 80, commitBlocks: 10, proveBlocks: 20, isVerified: true, lateProofDeadlineBlock: 140 }
const LOCKED = { isProved: false, isSettled: false, lockedWei: '10' }
const FREE = { ...LOCKED, lockedWei: '0', rewardWei: '0' }
const OWN = { proofHash: hash(1), roundStartBlock: 80, isProved: true, isSettled: true }

describe('a survey', () => {
  test('lists what is unverified, the lowest first, and what the workflows must know', async () => {
    const { survey, rollup } = await surveyed({ verified: 0, final: 0 })
    const found = await survey()
    expect(found).toMatchObject({ lastVerifiedBatch: 0, lastBatchSequenced: 5, maxUnproved: 4, held: null })
    expect(found.open.map(({ from, to, isProved, isDeep }) => [from, to, isProved, isDeep])).toEqual([
      [1, 1, false, true],
      [2, 2, false, true],
      [3, 5, false, true],
    ])
    expect(found.setting).toEqual({ chainId: 31337, miner: MINER, kind: 'fake', weight: 1 })
    expect(found.open[0]?.rollup).toBe(rollup.name)
  })

  test('calls nothing over while the endpoints do not tell what is final, and says so', async () => {
    const { survey, rollup } = await surveyed({ verified: 2, final: null })
    const { open, finality } = await survey()
    expect(open.map(({ to }) => to)).toEqual([5])
    expect(finality).toContain("the endpoints don't tell what stands after final block")
    expect(await findFloor(db, rollup.name)).toBe(0)
  })

  test.each<{
    what: string
    own: OnChain['own']
    unpaidWei?: bigint
    leastWei?: string
    lateUntil?: number
    isOpen: boolean
  }>([
    { what: 'where we have no hash is over', own: null, isOpen: false },
    {
      what: 'where our hash is of an older round is over',
      own: { ...OWN, roundStartBlock: 20, isSettled: false },
      isOpen: false,
    },
    { what: 'where our proof is missing goes on', own: { ...OWN, isProved: false, isSettled: false }, isOpen: true },
    { what: 'where our share isn’t claimed goes on', own: { ...OWN, isSettled: false }, isOpen: true },
    { what: 'where our share is nothing is over', own: { ...OWN, isSettled: false, rewardWei: '0' }, isOpen: false },
    { what: 'where a late proof is owed and nothing is locked goes on', own: { ...OWN, ...FREE }, isOpen: true },
    {
      what: 'where our late proof is missing and nothing is locked is over',
      own: { ...OWN, ...FREE },
      lateUntil: 90,
      isOpen: false,
    },
    {
      what: 'where an older round locks our stake goes on',
      own: { ...OWN, ...LOCKED, roundStartBlock: 20 },
      isOpen: true,
    },
    {
      what: 'whose share is less than asked for is over',
      own: { ...OWN, isSettled: false, rewardWei: '9' },
      leastWei: '10',
      isOpen: false,
    },
    {
      what: 'whose share is enough goes on',
      own: { ...OWN, isSettled: false, rewardWei: '10' },
      leastWei: '10',
      isOpen: true,
    },
    { what: 'that is settled is over', own: OWN, isOpen: false },
    { what: 'that a stranger settled for us goes on until we are paid', own: OWN, unpaidWei: 5n, isOpen: true },
  ])('a verified sequence $what', async ({ isOpen, ...p }) => {
    const { survey, rollup } = await surveyed({ verified: 1, final: 1, ...p })
    const { open } = await survey()
    expect(open.some(({ to }) => to === 1)).toBe(isOpen)
    expect(await findFloor(db, rollup.name)).toBe(isOpen ? 0 : 1)
  })

  test.each([
    { isDeep: true, waitMs: 60_000, why: 'a signal tells of everything that can change' },
    { isDeep: false, waitMs: 2_000, why: 'no event tells that a sequence has got deep' },
  ])('comes again after $waitMs ms: $why', async ({ isDeep, waitMs }) => {
    const { survey } = await surveyed({ verified: 0, final: 0, isDeep })
    expect((await survey()).waitMs).toBe(waitMs)
  })

  test('looks no further back than what is over for good', async () => {
    const { survey, rollup } = await surveyed({ verified: 2, final: 1 })
    expect((await survey()).open.map(({ to }) => to)).toEqual([5])
    expect(await findFloor(db, rollup.name)).toBe(1) // the second is verified, but not on a final block
  })

  test('knows which are proved, for this very data', async () => {
    const { deps, prove, sequence } = await openSequence(db)
    const survey = createSurveyRollup({ ...deps, temporal: fakeTemporal({}) })
    expect((await survey({ rollup: sequence.rollup })).open).toMatchObject([{ ...sequence, isProved: false }])
    await prove()
    expect((await survey({ rollup: sequence.rollup })).open).toMatchObject([{ ...sequence, isProved: true }])
  })

  test('lists what may be begun only, and all that is proved', async () => {
    const { survey, rollup } = await surveyed({ verified: 0, final: 0 })
    rollup.maxUnproved = 2
    const { open, openInAll } = await survey()
    expect(open.map(({ to }) => to)).toEqual([1, 2])
    expect(openInAll).toBe(3)
  })

  test('leaves out what runs and needs nothing, and names it to whoever asks about it', async () => {
    const { survey, rollup, refs } = await surveyed({ verified: 2, final: 2, own: { ...OWN, isSettled: false } })
    const running = refs.map(sequenceWorkflowId)
    expect(await survey(undefined, running)).toMatchObject({ open: [], openInAll: 3, waitMs: 60_000 })
    expect((await survey({ from: 2, to: 3 }, running)).open.map(({ to }) => to)).toEqual([2, 5])
    await setHold(db, { rollup: rollup.name, key: { from: 1, to: 1 }, hold: 'paused', reason: 'costs', who: 'ann' })
    expect((await survey(undefined, running)).open.map(({ to }) => to)).toEqual([1])
  })

  test('lists no more to be started at once than a history bears, and comes again at once', async () => {
    const posted = Array.from({ length: 250 }, (_, i): Posted => ({ from: i + 1, to: i + 1, data: [`${i}`] }))
    const { survey, refs } = await surveyed({ verified: 250, final: 250, own: { ...OWN, isSettled: false }, posted })
    const first = await survey()
    expect(first.open.map(({ to }) => to)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1))
    expect([first.openInAll, first.waitMs]).toEqual([250, 1_000])
    const second = await survey(undefined, refs.slice(0, 200).map(sequenceWorkflowId))
    expect(second.open.map(({ to }) => to)).toEqual(Array.from({ length: 50 }, (_, i) => i + 201))
    expect([second.openInAll, second.waitMs]).toEqual([250, 60_000])
  })

  test('begins as many as may be begun beside those that are verified and not settled, which go on by themselves', async () => {
    const { survey, rollup } = await surveyed({ verified: 2, final: 2, own: { ...OWN, isSettled: false } })
    rollup.maxUnproved = 1
    const { open } = await survey()
    expect(open.map(({ to, isOwed }) => [to, isOwed])).toEqual([
      [1, true],
      [2, true],
      [5, undefined],
    ])
  })

  test('has what is over say how it ended, where an emptied Temporal has lost its workflow, once for all of its rows', async () => {
    const { survey, refs } = await surveyed({ verified: 2, final: 2 })
    const [first, second] = refs
    if (first === undefined || second === undefined) throw new Error('There is no sequence.')
    const replaced = { ...first, accInputHash: hash(404) }
    for (const sequence of [replaced, first])
      await recordSequence(db, { sequence, phase: 'proving', text: 'proofs are being made' })
    await recordSequence(db, { sequence: second, phase: 'done', text: 'nothing', outcome: 'proved-by-others' })
    const { open, openInAll } = await survey()
    expect(open.map(({ to, isOwed }) => [to, isOwed])).toEqual([
      [1, true],
      [5, undefined],
    ])
    expect(openInAll).toBe(2)
  })

  test('tells of the operator’s hold of the whole rollup', async () => {
    const { survey, rollup } = await surveyed({ verified: 0, final: 0 })
    await setHold(db, { rollup: rollup.name, key: null, hold: 'paused', reason: 'maintenance', who: 'ann' })
    expect((await survey()).held).toBe('paused: maintenance')
  })
})

/** Makes a rollup of three sequences, verified up to a batch at the head and up to another on the final block. */
async function surveyed(p: {
  verified: number
  final: number | null
  own?: OnChain['own']
  isDeep?: boolean
  unpaidWei?: bigint
  /** What a claim must bring. */
  leastWei?: string
  /** Last block for late proofs. */
  lateUntil?: number
  posted?: Posted[]
}) {
  const { verified, final, own = null, isDeep = true, posted = POSTED } = p
  const listed = fakeChain(posted)
  const round = { ...ROUND, ...(p.lateUntil !== undefined && { lateProofDeadlineBlock: p.lateUntil }) }
  const head = { number: 90, hash: hash(90), parentHash: hash(89), timestampSec: 0 }
  const chain: Partial<Chain> = {
    agreedBlocks: async () => ({ head, final: head }),
    msPerBlock: async () => 2_000,
    readRollup: async (question) => {
      const found = await listed.readRollup(question)
      const sequences = found.sequences.map((sequence) => ({ ...sequence, isDeep }))
      return { ...found, sequences, lastVerifiedBatch: verified, finalVerifiedBatch: final }
    },
    readOnChain: async () => ({ accInputHash: hash(1), isVerified: true, round, own }),
    readClaimable: async () => p.unpaidWei ?? 0n,
  }
  const scene = await setUp(db, { posted, chain })
  if (p.leastWei !== undefined) scene.rollup.limits = { ...scene.rollup.limits, leastRewardWei: p.leastWei }
  const survey = (about?: BatchRange, running: string[] = []) =>
    createSurveyRollup({ ...scene.deps, temporal: fakeTemporal({}, running) })({
      rollup: scene.rollup.name,
      ...(about && { about }),
    })
  return { ...scene, survey }
}
