import { WorkflowNotFoundError } from '@temporalio/client'
import { describe, expect, test } from 'vitest'
import { createBumpFees } from '../../../activities/operator/bump-fees.ts'
import { createChangeHold, createFindHold } from '../../../activities/operator/holds.ts'
import { createSurveyRollup } from '../../../activities/rollup/survey-rollup.ts'
import { listUnfinalAttempts, markBroadcast, markMined, storeAttempt } from '../../../db/attempts/attempts.ts'
import { findHolds, listHolds } from '../../../db/decisions/holds.ts'
import { recordSequence } from '../../../db/decisions/sequences.ts'
import type { BatchRange, Hex } from '../../../protocol/base/ranges.ts'
import type { OnChain } from '../../../protocol/sequence/view.ts'
import { rollupWorkflowId, senderWorkflowId, sequenceWorkflowId } from '../../../protocol/temporal/ids.ts'
import { attempt, commitIntent, hash, MINER, openTestDatabase } from '../../db/fixtures.ts'
import { OWN, ROUND } from '../../protocol/sequence/views.ts'
import { accInputHash, fakeTemporal, setUp } from '../support.ts'

const { db } = await openTestDatabase()

const SENDER = senderWorkflowId(31337, MINER)
const ANN = { who: 'ann', reason: 'maintenance' }
const SLOW = { who: 'ann', reason: 'slow' }
const FIRST = { from: 1, to: 1 }
const SECOND = { from: 2, to: 3 }
const POSTED = [
  { ...FIRST, data: ['a'] },
  { ...SECOND, data: ['b', 'c'] },
]

describe('a decision', () => {
  test('becomes a row, and those whom it concerns look', async () => {
    const { change, rollup, woken, signals } = await scene()
    expect(await change('pause', FIRST)).toEqual({ isChanged: true, heldStill: 'paused: maintenance' })
    expect(await findHolds(db, { rollup, ...FIRST })).toMatchObject({ paused: 'maintenance' })
    expect(await findHolds(db, { rollup, ...SECOND })).toMatchObject({ paused: null })
    expect(woken).toEqual([sequenceWorkflowId({ rollup, ...FIRST }), rollupWorkflowId(rollup), SENDER])
    expect(signals).toEqual(['holdsChanged', 'wake', 'wake'])
  })

  test('about a rollup wakes all of its running sequences', async () => {
    const { change, rollup, woken } = await scene()
    for (const range of [FIRST, SECOND])
      await recordSequence(db, { sequence: ref(rollup, range), phase: 'proving', text: '' })
    await recordSequence(db, { sequence: ref(rollup, { from: 4, to: 4 }), phase: 'done', text: '', outcome: 'proved' })
    await change('cancel', null)
    const running = [FIRST, SECOND].map((range) => sequenceWorkflowId({ rollup, ...range }))
    expect(new Set(woken)).toEqual(new Set([rollupWorkflowId(rollup), ...running, SENDER]))
    expect(await listHolds(db, { rollup })).toMatchObject([
      { range: null, hold: 'cancelled', reason: 'maintenance', who: 'ann' },
    ])
  })

  test('is made though nobody runs', async () => {
    const { change } = await scene({ isRunning: false })
    expect(await change('pause', null)).toMatchObject({ isChanged: true })
  })

  test('that is made again changes nothing; taking it back says what still holds', async () => {
    const { change, rollup } = await scene()
    await change('pause', FIRST)
    await change('cancel', FIRST)
    await change('pause', null)
    expect(await change('pause', FIRST)).toMatchObject({ isChanged: false })
    expect(await change('resume', FIRST)).toEqual({ isChanged: true, heldStill: 'paused: maintenance' })
    expect(await listHolds(db, { rollup })).toMatchObject([{ range: null, hold: 'paused' }])
    expect(await change('resume', FIRST)).toEqual({ isChanged: false, heldStill: 'paused: maintenance' })
    expect(await change('resume', null)).toEqual({ isChanged: true, heldStill: null })
  })
})

describe('what is held', () => {
  test('is known without a chain', async () => {
    const { change, holdOf } = await scene()
    expect(await holdOf(FIRST)).toBeNull()
    await change('pause', null)
    expect(await holdOf(FIRST)).toBe('paused: maintenance')
    await change('resume', null)
    expect(await holdOf(FIRST)).toBeNull()
  })

  test('is nothing while a hash is on its way, whose proof is owed', async () => {
    const { change, holdOf, rollup } = await scene()
    await change('pause', null)
    await store({ nonce: 60, rollup, ...FIRST })
    expect(await holdOf(FIRST)).toBeNull()
    expect(await holdOf(SECOND)).toBe('paused: maintenance')
  })
})

describe('a survey', () => {
  test('tells of holds, and what they leave to do', async () => {
    const { change, survey, onChain } = await scene()
    await change('cancel', FIRST)
    await change('pause', SECOND)
    onChain.set(SECOND.to, { round: { ...ROUND, startBlock: 90 }, own: { ...OWN, roundStartBlock: 90 } })
    expect(await survey()).toMatchObject({
      ...{ held: null, isCancelled: false },
      open: [
        { ...FIRST, holds: { cancelled: 'maintenance', paused: null }, isOwed: false },
        { ...SECOND, holds: { paused: 'maintenance', cancelled: null }, isOwed: true },
      ],
    })
  })

  test('takes a hash that is signed for one that is owed', async () => {
    const { change, survey, rollup } = await scene()
    await change('cancel', null)
    await store({ nonce: 50, rollup, ...FIRST })
    const { open, ...surveyed } = await survey()
    expect(surveyed).toMatchObject({ held: 'cancelled: maintenance', isCancelled: true })
    expect(open.map(({ isOwed }) => isOwed)).toEqual([true, false])
    expect(open.map(({ holds }) => holds)).toEqual([undefined, undefined])
  })

  test('lists what is decided about beside those that may be begun', async () => {
    const { change, survey, limit } = await scene()
    limit(1)
    await change('pause', FIRST)
    expect((await survey()).open.map(({ from }) => from)).toEqual([1, 2])
    await change('resume', FIRST)
    expect((await survey()).open.map(({ from }) => from)).toEqual([1])
  })

  test('asks nothing more of the chain when nothing is held', async () => {
    const { survey, onChain } = await scene()
    onChain.clear() // whoever asks fails
    expect((await survey()).open.map(({ isOwed }) => isOwed)).toEqual([undefined, undefined])
  })
})

describe('bumping', () => {
  test('marks the newest attempts that wait to be mined, in rows, and wakes the sender', async () => {
    const { bump, rollup, told } = await scene()
    await store({ nonce: 10, rollup, ...FIRST })
    await store({ nonce: 10, attempt: 1, rollup, ...FIRST, txHash: hash(0x101) })
    await store({ nonce: 11, rollup, ...SECOND, txHash: hash(0x110) })
    await store({ nonce: 12, rollup, ...SECOND })
    await markMined(db, key(12), {
      minedBlock: 99,
      blockHash: hash(99),
      gasUsed: 1n,
      effectiveGasPrice: 1n,
      status: 'success',
    })
    expect(await bump(FIRST)).toEqual([{ nonce: 10, step: 'commit', range: FIRST }])
    expect(await bump(null)).toMatchObject([{ nonce: 10 }, { nonce: 11, range: SECOND }])
    const marked = (await listUnfinalAttempts(db, key(0))).filter((one) => one.bumpRequest !== null)
    expect(marked.map(({ nonce, attempt, bumpRequest }) => [nonce, attempt, bumpRequest])).toEqual([
      [10, 1, SLOW],
      [11, 0, SLOW],
    ])
    expect(told).toEqual([{ why: 'bump-fees by ann: slow' }, { why: 'bump-fees by ann: slow' }])
  })

  test('finds nothing where nothing is in flight, and tells nobody', async () => {
    const { bump, told } = await scene()
    expect(await bump(null)).toEqual([])
    expect(told).toEqual([])
  })
})

const ref = (rollup: string, range: BatchRange) => ({ rollup, ...range, accInputHash: accInputHash('a') })

const key = (nonce: number, number = 0) => ({ chainId: 31337, account: MINER, nonce, attempt: number })

/** Stores the transaction of a hash as the sender does. */
async function store(p: { nonce: number; attempt?: number; rollup: string; txHash?: Hex } & BatchRange): Promise<void> {
  const { rollup, from, to } = p
  const purpose = commitIntent({ rollup, from, to })
  const id = key(p.nonce, p.attempt)
  await storeAttempt(db, attempt({ ...id, purpose, txHash: p.txHash ?? hash(p.nonce), maxFeePerGas: 2n }))
  await markBroadcast(db, id, { sentAtBlock: 98, answer: 'accepted' })
}

/** Makes a rollup with two posted sequences at block 100, and a Temporal that knows what it was told. */
async function scene({ isRunning = true } = {}) {
  const onChain = new Map<number, Partial<OnChain>>([FIRST.to, SECOND.to].map((to) => [to, {}]))
  const chain = {
    async readOnChain({ range }: { range: BatchRange }): Promise<OnChain> {
      const state = onChain.get(range.to)
      if (state === undefined) throw new Error('Nobody should have asked.')
      return { accInputHash: hash(range.to), isVerified: false, round: null, own: null, ...state }
    },
  }
  const { deps, rollup } = await setUp(db, { posted: POSTED, chain })
  const woken: string[] = []
  const signals: string[] = []
  const told: unknown[] = []
  const workflow = {
    getHandle: (workflowId: string) => ({
      async signal({ name }: { name: string }) {
        signals.push(name)
        if (!isRunning) throw new WorkflowNotFoundError('none', workflowId, undefined)
        woken.push(workflowId)
      },
      describe: async () => ({ memo: {} }),
    }),
    signalWithStart: async (_type: string, { signalArgs }: { signalArgs: unknown[] }) => void told.push(...signalArgs),
  }
  const all = { ...deps, rollups: [rollup], temporal: fakeTemporal(workflow) }
  return {
    ...{ onChain, woken, signals, told, rollup: rollup.name },
    change: (decision: 'pause' | 'resume' | 'cancel', range: BatchRange | null) =>
      createChangeHold(all)({ rollup: rollup.name, range, decision, ...ANN }),
    limit: (maxUnproved: number) => Object.assign(rollup, { maxUnproved }),
    holdOf: (range: BatchRange) => createFindHold(all)({ sequence: ref(rollup.name, range) }),
    survey: () => createSurveyRollup(all)({ rollup: rollup.name }),
    bump: (range: BatchRange | null) => createBumpFees(all)({ rollup: rollup.name, range, ...SLOW }),
  }
}
