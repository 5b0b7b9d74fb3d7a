import { setImmediate } from 'node:timers/promises'
import { WorkflowNotFoundError } from '@temporalio/client'
import type { SignalDefinition } from '@temporalio/common'
import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { createWatchChain } from '../../../activities/chain/watch-chain.ts'
import type { SubmissionDeps } from '../../../activities/context.ts'
import type { ChainTick, WatchedLog, WatchOptions } from '../../../chain/contract/watch-chain.ts'
import { recordSequence } from '../../../db/decisions/sequences.ts'
import type { Address } from '../../../protocol/base/ranges.ts'
import { rollupWorkflowId, senderWorkflowId } from '../../../protocol/temporal/ids.ts'
import { watcherSignal } from '../../../protocol/temporal/messages.ts'
import { hash, MINER, openTestDatabase } from '../../db/fixtures.ts'
import { activityEnvironment, fakeTemporal, type Posted, setUp } from '../support.ts'

const RIVAL: Address = '0x00000000000000000000000000000000000000cc'
const { db } = await openTestDatabase()

const POSTED: Posted[] = [
  { from: 1, to: 1, data: ['a'] },
  { from: 2, to: 2, data: ['b'] },
  { from: 3, to: 5, data: ['c', 'd', 'e'] },
]

describe('the watcher', () => {
  const log = (event: WatchedLog['event'], numBatch: number | null, account: Address | null = MINER) => ({
    event,
    numBatch,
    account,
  })
  const settling = (numBatch: number, miner: Address) => [
    log('DistributeRewards', numBatch, miner),
    log('RewardDustReturned', numBatch, null),
    log('CommitmentSettled', numBatch, miner),
  ]
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
    {
      what: 'a new sequence wakes the rollup',
      tick: { kind: 'block' },
      logs: [log('SequenceBatches', 9)],
      woken: ['rollup', 'sender'],
    },
    {
      what: 'batches that somebody has forced wake the rollup',
      tick: { kind: 'block' },
      logs: [log('SequenceForceBatches', 9, null)],
      woken: ['rollup', 'sender'],
    },
    {
      what: 'a changed rule wakes all',
      tick: { kind: 'block' },
      logs: [log('SetMinDeposit', null, null)],
      woken: ['all'],
    },
    { what: 'an unknown event wakes nobody', tick: { kind: 'block' }, logs: [log(null, null, null)], woken: [] },
    {
      what: 'our settled share wakes its sequence',
      tick: { kind: 'block' },
      logs: settling(2, MINER),
      woken: ['sequence 2-2', 'sender'],
    },
    { what: 'what is settled for others wakes nobody', tick: { kind: 'block' }, logs: settling(2, RIVAL), woken: [] },
    {
      what: 'the treasury’s coins wake nobody',
      tick: { kind: 'block' },
      logs: [log('TreasuryWithdrawn', null, null)],
      woken: [],
    },
    {
      what: 'what is set aside for a new sequence wakes nobody beside the rollup',
      tick: { kind: 'block' },
      logs: [log('RewardSetAside', 9, null), log('SequenceBatches', 9, null)],
      woken: ['rollup', 'sender'],
    },
    { what: 'our own deposit wakes all', tick: { kind: 'block' }, logs: [log('Deposited', null)], woken: ['all'] },
    {
      what: 'a deposit of somebody else wakes nobody',
      tick: { kind: 'block' },
      logs: [log('Deposited', null, RIVAL)],
      woken: [],
    },
    {
      what: 'a reorg of blocks that an earlier run has seen wakes all',
      tick: { kind: 'block', reorgDepth: 2 },
      logs: [],
      woken: ['all'],
    },
    { what: 'a restart wakes all', tick: { kind: 'restart', why: 'first look' }, woken: ['all'] },
  ]
  test.each(cases)('$what', async ({ tick, logs, woken }) => {
    const { rollup, refs, watch } = await watched()
    const ids: Record<string, string[]> = {
      rollup: [rollupWorkflowId(rollup.name)],
      sender: [senderWorkflowId(31337, MINER)],
      ...Object.fromEntries(
        refs.map(({ from, to }) => [`sequence ${from}-${to}`, [`sequence/${rollup.name}/${from}-${to}`]]),
      ),
    }
    const { signals, beats } = await watch(tick, logs)
    expect(beats).toMatchObject([{ endpoints: [] }])
    expect(new Set(signals)).toEqual(
      new Set(woken.flatMap((name) => (name === 'all' ? Object.values(ids).flat() : (ids[name] ?? [])))),
    )
  })

  test('tells the chain’s workflow what keeps it from seeing blocks, once, and that it is over', async () => {
    const quiet = (trouble: string | null): ChainTick => ({ kind: 'quiet', trouble })
    const { watchAll } = await watched()
    const { told, beats } = await watchAll([
      quiet(null),
      quiet('A is away'),
      quiet('B is away'),
      quiet(null),
      quiet(null),
    ])
    expect(told).toEqual([null, 'A is away', null])
    expect(beats).toHaveLength(5)
  })

  test('wakes the others when one signal fails', async () => {
    const { watch, refs } = await watched({
      fails: (id) => (id.endsWith('/2-2') ? new Error('too many signals') : undefined),
    })
    const { signals } = await watch({ kind: 'restart', why: 'first look' })
    expect(signals).toHaveLength(refs.length - 1 + 2) // the rollup and the sender hear of it, too
  })

  test('leaves to the next run how far it has seen and whom it hasn’t told', async () => {
    const { watchAll, waits } = await watched({ isSlow: true })
    const ended = watchAll([{ kind: 'restart', why: 'a test', head: HEAD }])
    while (waits.length < 5) await setImmediate()
    for (const go of waits) go()
    expect((await ended).beats).toMatchObject([{ seen: { number: 100, hash: hash(100) }, pending: { length: 5 } }])
  })

  test('resumes where the run before it has stopped', async () => {
    const seen = { number: 90, hash: hash(90) }
    const { watchAll, asked } = await watched({ heartbeatDetails: { seen, pending: ['sequence/x/1-1'] } })
    const { signals } = await watchAll([{ kind: 'quiet', trouble: null }])
    expect(signals).toEqual(['sequence/x/1-1'])
    expect(asked[0]).toMatchObject({ after: seen })
  })

  test('goes on when a workflow to be woken doesn’t run', async () => {
    const { watch } = await watched({ fails: (id) => new WorkflowNotFoundError('not found', id, undefined) })
    await expect(watch({ kind: 'restart', why: 'first look' })).resolves.toBeDefined()
  })

  test.each<{ what: string; gone: ReturnType<typeof log>[]; logs: ReturnType<typeof log>[]; woken: string[] }>([
    { what: 'without logs wakes the sender alone', gone: [], logs: [], woken: [] },
    {
      what: 'wakes again whom a log that is gone concerns',
      gone: [log('SubmitProofHash', 2, RIVAL)],
      logs: [],
      woken: ['2-2', '2-2'],
    },
    { what: 'wakes whom a new log concerns', gone: [], logs: [log('SubmitProofHash', 5, RIVAL)], woken: ['3-5'] },
    {
      what: 'that takes a rule back wakes all',
      gone: [log('SetMinDeposit', null, null)],
      logs: [],
      woken: ['1-1', '2-2', '3-5', '1-1', '2-2', '3-5'],
    },
  ])('a reorg of a block that this run has seen $what', async ({ gone, logs, woken }) => {
    const { watchAll, rollup } = await watched({
      heartbeatDetails: { seen: { number: 98, hash: hash(98) }, pending: [] },
    })
    const block = (number: number, told: ReturnType<typeof log>[], reorgDepth: number): ChainTick => ({
      ...{ kind: 'block', fromBlock: number, reorgDepth, head: { ...HEAD, number } },
      logs: told.map((one) => ({ ...one, address: rollup.contract, blockNumber: number })),
    })
    const { signals } = await watchAll([block(99, [], 0), block(100, gone, 0), block(100, logs, 1)])
    const sequences = signals.filter((id) => id.startsWith('sequence/'))
    expect(sequences.map((id) => id.slice(id.lastIndexOf('/') + 1))).toEqual(woken)
    expect(signals).toContain(senderWorkflowId(31337, MINER))
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
    {
      what: 'of many any one that a hash is about',
      tick: { kind: 'block' },
      logs: [log('SubmitProofHash', 604)],
      woken: [605, 604],
    },
  ])('wakes $what', async ({ tick, logs, woken }) => {
    const { watch, rollup } = await watched()
    await db.execute(sql`
      insert into zkpow.sequences (rollup, from_batch, to_batch, acc_input_hash, phase, text)
      select ${rollup.name}, to_batch, to_batch, ${hash(1)}, case when to_batch = 605 then 'submit' else 'proving' end, 'a test'
      from generate_series(6, 605) as to_batch`)
    const { signals } = await watch(tick, logs)
    const sequences = signals.filter((id) => id.startsWith('sequence/'))
    expect(sequences.map((id) => Number(id.split('-').at(-1)))).toEqual(woken)
  })

  test('of a chain without a rollup says so', async () => {
    const { deps } = await watched()
    const asked = activityEnvironment().run(createWatchChain(deps), { chainId: 1 })
    await expect(asked).rejects.toMatchObject({ code: 'ZKPOW-CONFIG-NO-CHAIN' })
  })
})

const HEAD = { number: 100, hash: hash(100), parentHash: hash(99), timestampSec: 1 }

interface Watched {
  fails?: (workflowId: string) => Error | undefined
  /** Whether signals take until the test lets them, or the run ends. */
  isSlow?: boolean
  heartbeatDetails?: unknown
}

/** Starts the watcher of a rollup of three running sequences. */
async function watched({ fails, isSlow = false, heartbeatDetails }: Watched = {}) {
  let next: ChainTick[] = []
  const asked: WatchOptions[] = []
  const env = activityEnvironment({ heartbeatDetails })
  const scene = await setUp(db, {
    posted: POSTED,
    chain: {
      async *watch(options) {
        asked.push(options)
        yield* next
        env.cancel()
      },
    },
  })
  for (const sequence of scene.refs) await recordSequence(db, { sequence, phase: 'proving', text: 'a test' })
  const signals: string[] = []
  const told: (string | null)[] = []
  const waits: (() => void)[] = []
  const getHandle = (id: string) => ({
    async signal({ name }: SignalDefinition, what: unknown) {
      if (name === watcherSignal.name) return void told.push(what as string | null)
      if (isSlow) await new Promise<void>((resolve) => waits.push(resolve))
      const failure = fails?.(id)
      if (failure !== undefined) throw failure
      signals.push(id)
    },
  })
  const deps: SubmissionDeps = { ...scene.deps, temporal: fakeTemporal({ getHandle }), rollups: [scene.rollup] }
  async function watchAll(ticks: ChainTick[]) {
    next = ticks
    const beats: unknown[] = []
    env.on('heartbeat', (beat: unknown) => beats.push(beat))
    const end: unknown = await env.run(createWatchChain(deps), { chainId: 31337 }).catch((failure: unknown) => failure)
    if (signals.length === 0 && beats.length === 0) throw end
    return { signals, beats, told }
  }
  function watch(tick: Partial<ChainTick>, logs: Pick<WatchedLog, 'event' | 'numBatch' | 'account'>[] = []) {
    const found = logs.map((log): WatchedLog => ({ ...log, address: scene.rollup.contract, blockNumber: 100 }))
    return watchAll([{ head: HEAD, fromBlock: 100, reorgDepth: 0, logs: found, ...tick } as ChainTick])
  }
  return { ...scene, deps, watch, watchAll, waits, asked }
}
