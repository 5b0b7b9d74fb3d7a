import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import type { SignalDefinition } from '@temporalio/common'
import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { SubmissionDeps } from '../../activities/context.ts'
import { createSurveyRollup } from '../../activities/survey-rollup.ts'
import { createWatchChain } from '../../activities/watch-chain.ts'
import type { Chain } from '../../chain/create-chain.ts'
import type { ChainTick, WatchedLog } from '../../chain/watch-chain.ts'
import { findFloor } from '../../db/deployments.ts'
import { setHold } from '../../db/holds.ts'
import { recordSequence } from '../../db/sequences.ts'
import { rollupWorkflowId, senderWorkflowId } from '../../protocol/ids.ts'
import { watcherSignal } from '../../protocol/messages.ts'
import type { Address } from '../../protocol/sequence.ts'
import type { OnChain } from '../../protocol/sequence-view.ts'
import { hash, MINER, openTestDatabase } from '../db/fixtures.ts'
import { openSequence } from './submission-support.ts'
import { activityEnvironment, fakeChain, type Posted, setUp } from './support.ts'

const RIVAL: Address = '0x00000000000000000000000000000000000000cc'
const { db } = await openTestDatabase()

const POSTED: Posted[] = [
  { from: 1, to: 1, data: ['a'] },
  { from: 2, to: 2, data: ['b'] },
  { from: 3, to: 5, data: ['c', 'd', 'e'] },
]
const ROUND = { startBlock: 80, commitBlocks: 10, proveBlocks: 20, isVerified: true, lateProofDeadlineBlock: 140 }
const LOCKED = { isProved: false, isSettled: false, lockedWei: '10' }
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

  test.each<{ what: string; own: OnChain['own']; unpaidWei?: bigint; isOpen: boolean }>([
    { what: 'where we have no hash is over', own: null, isOpen: false },
    { what: 'where our hash is of an older round is over', own: { ...OWN, roundStartBlock: 20, isSettled: false }, isOpen: false },
    { what: 'where our proof is missing goes on', own: { ...OWN, isProved: false, isSettled: false }, isOpen: true },
    { what: 'where our share isn’t claimed goes on', own: { ...OWN, isSettled: false }, isOpen: true },
    { what: 'where an older round locks our stake goes on', own: { ...OWN, ...LOCKED, roundStartBlock: 20 }, isOpen: true },
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
    const survey = createSurveyRollup(deps)
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
    for (const sequence of [replaced, first]) await recordSequence(db, { sequence, phase: 'prove', text: 'proofs are being made' })
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

describe('the watcher', () => {
  const log = (event: WatchedLog['event'], numBatch: number | null, account: Address | null = MINER) => ({ event, numBatch, account })
  const cases: { what: string; tick: Partial<ChainTick>; logs?: ReturnType<typeof log>[]; woken: string[] }[] = [
    { what: 'an empty block wakes nobody', tick: { kind: 'block' }, logs: [], woken: [] },
    { what: 'a quiet look wakes nobody', tick: { kind: 'quiet', trouble: null }, woken: [] },
    {
      what: 'our hash wakes its sequence and those behind it',
      tick: { kind: 'block' },
      logs: [log('SubmitProofHash', 2)],
      woken: ['sequence 2-2', 'sequence 3-5', 'sender'],
    },
    {
      what: 'a rival’s hash wakes its sequence',
      tick: { kind: 'block' },
      logs: [log('SubmitProofHash', 2, RIVAL)],
      woken: ['sequence 2-2', 'sender'],
    },
    {
      what: 'a proof wakes its sequence, those behind it and the rollup',
      tick: { kind: 'block' },
      logs: [log('VerifyBatchesTrustedAggregator', 2)],
      woken: ['sequence 2-2', 'sequence 3-5', 'rollup', 'sender'],
    },
    { what: 'a new sequence wakes the rollup', tick: { kind: 'block' }, logs: [log('SequenceBatches', 9)], woken: ['rollup', 'sender'] },
    { what: 'a changed rule wakes all', tick: { kind: 'block' }, logs: [log(null, null, null)], woken: ['all'] },
    { what: 'our own deposit wakes all', tick: { kind: 'block' }, logs: [log('Deposited', null)], woken: ['all'] },
    { what: 'a deposit of somebody else wakes nobody', tick: { kind: 'block' }, logs: [log('Deposited', null, RIVAL)], woken: [] },
    { what: 'a reorg wakes all', tick: { kind: 'block', reorgDepth: 2 }, logs: [], woken: ['all'] },
    { what: 'a restart wakes all', tick: { kind: 'restart', why: 'first look' }, woken: ['all'] },
  ]
  test.each(cases)('$what', async ({ tick, logs, woken }) => {
    const { rollup, refs, watch } = await watched()
    const ids: Record<string, string[]> = {
      rollup: [rollupWorkflowId(rollup.name)],
      sender: [senderWorkflowId(31337, MINER)],
      ...Object.fromEntries(refs.map(({ from, to }) => [`sequence ${from}-${to}`, [`sequence/${rollup.name}/${from}-${to}`]])),
    }
    const { signals, beats } = await watch(tick, logs)
    expect(beats).toMatchObject([{ endpoints: [] }])
    expect(new Set(signals)).toEqual(new Set(woken.flatMap((name) => (name === 'all' ? Object.values(ids).flat() : (ids[name] ?? [])))))
  })

  test('tells the chain’s workflow what keeps it from seeing blocks, once, and that it is over', async () => {
    const quiet = (trouble: string | null): ChainTick => ({ kind: 'quiet', trouble })
    const { watchAll } = await watched()
    const { told, beats } = await watchAll([quiet(null), quiet('A is away'), quiet('B is away'), quiet(null), quiet(null)])
    expect(told).toEqual([null, 'A is away', null])
    expect(beats).toHaveLength(5)
  })

  test('goes on when a workflow to be woken doesn’t run', async () => {
    const { watch } = await watched({ fails: new WorkflowNotFoundError('not found', 'id', undefined) })
    await expect(watch({ kind: 'restart', why: 'first look' })).resolves.toBeDefined()
  })

  test('doesn’t wake what has ended', async () => {
    const { watch, refs } = await watched()
    const [first] = refs
    if (first === undefined) throw new Error('There is no sequence.')
    await recordSequence(db, { sequence: first, phase: 'done', text: 'nothing', outcome: 'proved' })
    const { signals } = await watch({ kind: 'restart', why: 'first look' })
    expect(signals).not.toContain(`sequence/${first.rollup}/1-1`)
  })

  test.each<{ what: string; tick: Partial<ChainTick>; logs: ReturnType<typeof log>[]; woken: number[] }>([
    {
      what: 'of many those with open windows, then the lowest',
      tick: { kind: 'restart', why: 'first look' },
      logs: [],
      woken: [605, 1, 2, 5, ...Array.from({ length: 496 }, (_, i) => i + 6)],
    },
    { what: 'of many any one that a hash is about', tick: { kind: 'block' }, logs: [log('SubmitProofHash', 604)], woken: [605, 604] },
  ])('wakes $what', async ({ tick, logs, woken }) => {
    const { watch, rollup } = await watched()
    await db.execute(sql`
      insert into zkpow.sequences (rollup, from_batch, to_batch, acc_input_hash, phase, text)
      select ${rollup.name}, to_batch, to_batch, ${hash(1)}, case when to_batch = 605 then 'submit' else 'prove' end, 'a test'
      from generate_series(6, 605) as to_batch`)
    const { signals } = await watch(tick, logs)
    const sequences = signals.filter((id) => id.startsWith('sequence/'))
    expect(sequences.map((id) => Number(id.split('-').at(-1)))).toEqual(woken)
  })

  test('of a chain without a rollup says so', async () => {
    const { deps } = await watched()
    const asked = activityEnvironment().run(createWatchChain(deps), { chainId: 1 })
    await expect(asked).rejects.toMatchObject({ code: 'ZKPOW-ACTIVITY-006' })
  })
})

// Helpers

/** A rollup of three sequences, verified up to a batch at the head and up to another on the final block. */
async function surveyed(p: { verified: number; final: number | null; own?: OnChain['own']; isDeep?: boolean; unpaidWei?: bigint }) {
  const { verified, final, own = null, isDeep = true } = p
  const listed = fakeChain(POSTED)
  const head = { number: 90, hash: hash(90), parentHash: hash(89), timestampSec: 0 }
  const chain: Partial<Chain> = {
    agreedBlocks: async () => ({ head, final: head }),
    msPerBlock: async () => 2_000,
    readRollup: async (question) => {
      const found = await listed.readRollup(question)
      const sequences = found.sequences.map((sequence) => ({ ...sequence, isDeep }))
      return { ...found, sequences, lastVerifiedBatch: verified, finalVerifiedBatch: final }
    },
    readOnChain: async () => ({ accInputHash: hash(1), isVerified: true, round: ROUND, own }),
    readClaimable: async () => p.unpaidWei ?? 0n,
  }
  const scene = await setUp(db, { posted: POSTED, chain })
  return { ...scene, survey: () => createSurveyRollup(scene.deps)({ rollup: scene.rollup.name }) }
}

/** A rollup of three running sequences, and its watcher. */
async function watched({ fails }: { fails?: Error } = {}) {
  let next: ChainTick[] = []
  const env = activityEnvironment()
  const scene = await setUp(db, {
    posted: POSTED,
    chain: {
      async *watch() {
        yield* next
        env.cancel()
      },
    },
  })
  for (const sequence of scene.refs) await recordSequence(db, { sequence, phase: 'prove', text: 'a test' })
  const signals: string[] = []
  const told: (string | null)[] = []
  const getHandle = (id: string) => ({
    async signal({ name }: SignalDefinition, what: unknown) {
      if (fails !== undefined) throw fails
      if (name === watcherSignal.name) told.push(what as string | null)
      else signals.push(id)
    },
  })
  const temporal = { workflow: { getHandle } } as unknown as Client
  const deps: SubmissionDeps = { ...scene.deps, temporal, rollups: [scene.rollup] }
  async function watchAll(ticks: ChainTick[]) {
    next = ticks
    const beats: unknown[] = []
    env.on('heartbeat', (beat: unknown) => beats.push(beat))
    const end: unknown = await env.run(createWatchChain(deps), { chainId: 31337 }).catch((failure: unknown) => failure)
    if (signals.length === 0 && beats.length === 0) throw end
    return { signals, beats, told }
  }
  function watch(tick: Partial<ChainTick>, logs: Pick<WatchedLog, 'event' | 'numBatch' | 'account'>[] = []) {
    const head = { number: 100, hash: hash(100), parentHash: hash(99), timestampSec: 1 }
    const found = logs.map((log): WatchedLog => ({ ...log, address: scene.rollup.contract, blockNumber: 100 }))
    return watchAll([{ head, fromBlock: 100, reorgDepth: 0, logs: found, ...tick } as ChainTick])
  }
  return { ...scene, deps, watch, watchAll }
}
