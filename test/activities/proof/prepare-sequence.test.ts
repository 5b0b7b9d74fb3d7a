import { eq, sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { ProvingDeps } from '../../../activities/context.ts'
import { createPrepareSequence } from '../../../activities/proof/prepare-sequence.ts'
import { findTrouble } from '../../../activities/sequence/find-trouble.ts'
import { WrongChainIdError } from '../../../chain/errors.ts'
import { connect } from '../../../db/connection/connect.ts'
import { findHolds, setHold } from '../../../db/decisions/holds.ts'
import { findBatches } from '../../../db/proofs/batches.ts'
import { readBlob } from '../../../db/proofs/blobs.ts'
import { listReplays, takeReplay } from '../../../db/proofs/replays.ts'
import { snapshots } from '../../../db/schema/batches.ts'
import type { SequenceRef } from '../../../protocol/base/ranges.ts'
import type { SequenceView } from '../../../protocol/sequence/view.ts'
import { gate, hash, openTestDatabase } from '../../db/fixtures.ts'
import { SOON } from '../../support/patience.ts'
import { accInputHash, activityEnvironment, fakeChain, GARBAGE, type Posted, setUp } from '../support.ts'

const { db } = await openTestDatabase()

const POSTED: Posted[] = [
  { from: 1, to: 1, data: ['a'] },
  { from: 2, to: 4, data: ['b', 'c', 'd'] },
  { from: 5, to: 5, data: ['e'] },
]

describe('preparing a sequence', () => {
  test('stores one input per batch, of what was posted', async () => {
    const { deps, refs } = await setUp(db, { posted: POSTED })
    expect(await prepare(deps, refs[1])).toEqual({ status: 'prepared' })
    const batches = await stored(refs[1])
    // biome-ignore format: rows
    expect(batches?.map(({ statement }) => [statement.oldBatchNum, statement.newBatchNum])).toEqual([[1, 2], [2, 3], [3, 4]])
    expect(batches?.at(-1)?.statement.newAccInputHash).toBe(accInputHash('a', 'b', 'c', 'd'))
    const inputs = await Promise.all((batches ?? []).map(({ input }) => readBlob(db, input.sha256)))
    expect(inputs.map((input) => Buffer.from(input).toString())).toEqual([
      'input of b after genesis a',
      'input of c after genesis a b',
      'input of d after genesis a b c',
    ])
  })

  test('gives the same from a snapshot as from the genesis, and reads each sequence once', async () => {
    const read: number[] = []
    const chain = fakeChain(POSTED)
    const readSequencing: typeof chain.readSequencing = (p) => {
      read.push(p.range.to)
      return chain.readSequencing(p)
    }
    const stepwise = await setUp(db, { posted: POSTED, chain: { readSequencing } })
    for (const ref of stepwise.refs) await prepare(stepwise.deps, ref)
    await prepare(stepwise.deps, stepwise.refs[2])
    expect(read).toEqual([1, 4, 5])
    const atOnce = await setUp(db, { posted: POSTED })
    await prepare(atOnce.deps, atOnce.refs[2])
    expect(await stored(atOnce.refs[2])).toEqual(await stored(stepwise.refs[2]))
  })

  test('beats while it works', async () => {
    const { deps, refs } = await setUp(db, { posted: POSTED })
    const beats: unknown[] = []
    await prepare(deps, refs[1], beats)
    expect(beats).toEqual(
      [1, 2, 3, 4].map((batch) => ({ phase: 'preparing', batch, until: 4, attempt: 1, elapsedMs: expect.any(Number) })),
    )
  })

  test('keeps no inputs of what nobody will prove, and of its states the last and one now and then', async () => {
    const posted = Array.from({ length: 45 }, (_, i): Posted => ({ from: i + 1, to: i + 1, data: [`d${i + 1}`] }))
    const { deps, refs, rollup } = await setUp(db, { posted })
    rollup.startBatch = 44
    expect(await prepare(deps, refs[44])).toEqual({ status: 'prepared' })
    const kept = await Promise.all(refs.map(async (one) => ((await stored(one)) === undefined ? [] : [one.to])))
    expect(kept.flat()).toEqual([44, 45])
    expect(await statesOf(rollup.name)).toEqual([20, 40, 43, 44, 45])
  })

  test('keeps the inputs of a sequence before the start that is asked for: its proof is owed', async () => {
    const { deps, refs, rollup } = await setUp(db, { posted: POSTED })
    rollup.startBatch = 5
    expect(await prepare(deps, refs[1])).toEqual({ status: 'prepared' })
    expect(await stored(refs[1])).toHaveLength(3)
  })

  test('replays a rollup once, however many ask at a time, and says what is waited for', async () => {
    const { deps, refs, rollup } = await setUp(db, { posted: POSTED })
    const { executeBatch } = rollup.kind
    const [open, opened] = gate()
    const executed: string[] = []
    rollup.kind = {
      ...rollup.kind,
      async executeBatch(before, batch, ids) {
        await opened
        executed.push(batch.transactions)
        return executeBatch(before, batch, ids)
      },
    }
    const beats: unknown[] = []
    const all = [prepare(deps, refs[2]), prepare(deps, refs[1], beats), prepare(deps, refs[0], beats)]
    await expect
      .poll(() => beats, SOON)
      .toContainEqual(
        expect.objectContaining({
          phase: expect.stringMatching(/^waiting: the state is being replayed for batches \d/),
        }),
      )
    open()
    expect(await Promise.all(all)).toEqual(refs.map(() => ({ status: 'prepared' })))
    expect(executed).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  test('is named where a sequence waits for it, and not where the inputs are there', async () => {
    const { deps, refs, rollup } = await setUp(db, { posted: POSTED })
    await prepare(deps, refs[0])
    await takeReplay(db, { rollup: rollup.name, holder: 'another', range: { from: 2, to: 4 } })
    const look = { view: {} as SequenceView, step: { kind: 'reprove', why: 'there is no final proof' } } as const
    expect(await findTrouble(deps, rollup, ref(refs[1]), look)).toBe('the state is being replayed for batches 2-4')
    expect(await findTrouble(deps, rollup, ref(refs[0]), look)).toBeNull()
  })

  test('leaves the turn when it fails, and takes that of an aggregator that is gone', async () => {
    const { deps, refs, rollup } = await setUp(db, { posted: POSTED })
    const { executeBatch } = rollup.kind
    rollup.kind = { ...rollup.kind, executeBatch: () => Promise.reject(new Error('not the data')) }
    await expect(prepare(deps, refs[0])).rejects.toThrow('not the data')
    rollup.kind = { ...rollup.kind, executeBatch }
    await takeReplay(db, { rollup: rollup.name, holder: 'gone', range: { from: 1, to: 1 } })
    await db.execute(
      sql`update zkpow.replays set expires_at = now() - interval '1 second' where rollup = ${rollup.name}`,
    )
    expect(await prepare(deps, refs[0])).toEqual({ status: 'prepared' })
    expect(await listReplays(db, { rollup: rollup.name })).toEqual([])
  })

  test('stops when it is cancelled: other data waits for the turn', async () => {
    const { deps, refs, rollup } = await setUp(db, { posted: POSTED })
    const { executeBatch } = rollup.kind
    const env = activityEnvironment()
    let executed = 0
    rollup.kind = {
      ...rollup.kind,
      async executeBatch(...args) {
        executed += 1
        env.cancel('CANCELLED')
        return executeBatch(...args)
      },
    }
    await expect(env.run(createPrepareSequence(deps), { sequence: ref(refs[1]) })).rejects.toThrow('CANCELLED')
    expect(executed).toBe(1)
    expect(await listReplays(db, { rollup: rollup.name })).toEqual([])
  })

  test('is cancelled in the middle of a batch: what another thread does is not waited for', async () => {
    const { deps, refs, rollup } = await setUp(db, { posted: POSTED })
    const env = activityEnvironment()
    rollup.kind = {
      ...rollup.kind,
      executeBatch() {
        env.cancel('CANCELLED')
        return new Promise(() => {})
      },
    }
    await expect(env.run(createPrepareSequence(deps), { sequence: ref(refs[1]) })).rejects.toThrow('CANCELLED')
    expect(await listReplays(db, { rollup: rollup.name })).toEqual([])
  })

  const bad: [string, Partial<Posted>, string][] = [
    ['can’t be decoded', { calldata: GARBAGE }, 'no call of sequenceBatches'],
    ['doesn’t match its accInputHash', { accInputHash: hash(7) }, `the contract holds ${hash(7)}`],
    ['has another number of batches', { data: ['b', 'c'] }, 'the contract holds'],
  ]
  test.each(bad)('puts aside what %s, with a reason, and nothing before it', async (_, change, reason) => {
    const { deps, refs } = await setUp(db, {
      posted: [...POSTED.slice(0, 1), { from: 2, to: 4, data: ['b', 'c', 'd'], ...change }],
    })
    expect(await prepare(deps, refs[1])).toEqual({ status: 'quarantined', reason: expect.stringContaining(reason) })
    expect((await findHolds(db, ref(refs[1]))).quarantined).toContain(reason)
    expect((await findHolds(db, ref(refs[0]))).quarantined).toBeNull()
    expect(await stored(refs[0])).toHaveLength(1)
    expect(await stored(refs[1])).toBeUndefined()
  })

  test('puts forced batches aside under their name, not as an endpoint that lies', async () => {
    const readSequencing = async () => ({ calldata: GARBAGE, blockNumber: 50, isForced: true }) as const
    const { deps, refs } = await setUp(db, { posted: [{ from: 1, to: 1, data: ['a'] }], chain: { readSequencing } })
    expect(await prepare(deps, refs[0])).toEqual({
      ...{
        status: 'quarantined',
        reason: expect.stringContaining('are forced ones: they were posted by sequenceForceBatches'),
      },
    })
  })

  test('tries again when the hold is lifted, and not before', async () => {
    let calldata: `0x${string}` = GARBAGE
    const readSequencing = async () => ({ calldata, blockNumber: 50, isForced: false })
    const { deps, refs } = await setUp(db, { posted: [{ from: 1, to: 1, data: ['a'] }], chain: { readSequencing } })
    expect(await prepare(deps, refs[0])).toMatchObject({ status: 'quarantined' })
    calldata = `0x${Buffer.from('a').toString('hex')}`
    expect(await prepare(deps, refs[0])).toMatchObject({ status: 'quarantined' })
    await setHold(db, { rollup: ref(refs[0]).rollup, key: ref(refs[0]), hold: 'quarantined', reason: null, who: 'ann' })
    expect(await prepare(deps, refs[0])).toEqual({ status: 'prepared' })
  })

  test('says that it waits for a quarantined one before it', async () => {
    const { deps, refs } = await setUp(db, {
      posted: [
        { from: 1, to: 1, data: ['a'], calldata: GARBAGE },
        { from: 2, to: 2, data: ['b'] },
      ],
    })
    expect(await prepare(deps, refs[1])).toEqual({
      status: 'quarantined',
      reason: expect.stringContaining('no call of sequenceBatches'),
    })
    expect((await findHolds(db, ref(refs[1]))).quarantined).toBeNull()
  })

  test('holds no connection of the pool while it executes: with one in all, others are served', async () => {
    const { url } = await openTestDatabase()
    const narrow = connect(url, { maxConnections: 1 })
    const { deps, refs, rollup } = await setUp(narrow.db, { posted: POSTED })
    const { executeBatch } = rollup.kind
    let served = 0
    rollup.kind = {
      ...rollup.kind,
      async executeBatch(...executed) {
        await findHolds(narrow.db, ref(refs[0]))
        served += 1
        return executeBatch(...executed)
      },
    }
    expect(await prepare(deps, refs[1])).toEqual({ status: 'prepared' })
    expect(served).toBeGreaterThan(0)
    await narrow.close()
  })

  test.each([
    {
      who: 'a node',
      chain: {
        readSequencing: () => Promise.reject(new WrongChainIdError({ endpoint: 'a node', expected: 1, actual: 2 })),
      },
    },
    { who: 'the store', kind: { executeBatch: () => Promise.reject(new Error('not the data')) } },
  ])('quarantines nothing for a failure of $who', async (scene) => {
    const { deps, refs } = await setUp(db, { posted: POSTED, ...scene })
    await expect(prepare(deps, refs[0])).rejects.toThrow()
    expect((await findHolds(db, ref(refs[0]))).quarantined).toBeNull()
  })

  test('quarantines nothing that a reorg changed while it was read', async () => {
    const [before, after] = [fakeChain([{ from: 1, to: 1, data: ['a'] }]), fakeChain([{ from: 1, to: 1, data: ['x'] }])]
    let hasReorged = false
    const { deps, refs } = await setUp(db, {
      posted: [{ from: 1, to: 1, data: ['a'] }],
      chain: {
        readRollup: (p) => (hasReorged ? after : before).readRollup(p),
        readSequencing: (p) => {
          hasReorged = true
          return after.readSequencing(p)
        },
      },
    })
    await expect(prepare(deps, refs[0])).rejects.toMatchObject({ code: 'ZKPOW-SEQUENCE-NOT-POSTED' })
    expect((await findHolds(db, ref(refs[0]))).quarantined).toBeNull()
  })

  test('does not take data for prepared that is no longer posted', async () => {
    const { deps, refs } = await setUp(db, { posted: [{ from: 1, to: 1, data: ['a'] }] })
    await expect(prepare(deps, { ...ref(refs[0]), accInputHash: hash(9) })).rejects.toMatchObject({
      code: 'ZKPOW-SEQUENCE-NOT-POSTED',
    })
  })
})

function ref(found: SequenceRef | undefined): SequenceRef {
  if (found === undefined) throw new Error('There is no such sequence.')
  return found
}

function prepare(deps: ProvingDeps, sequence: SequenceRef | undefined, beats: unknown[] = []) {
  const env = activityEnvironment()
  env.on('heartbeat', (beat: unknown) => beats.push(beat))
  return env.run(createPrepareSequence(deps), { sequence: ref(sequence) })
}

const stored = (sequence: SequenceRef | undefined) => findBatches(db, { sequence: ref(sequence), range: ref(sequence) })

/** Lists the batches after which a state is kept. */
async function statesOf(rollup: string): Promise<number[]> {
  const rows = await db.select().from(snapshots).where(eq(snapshots.rollup, rollup)).orderBy(snapshots.batchNum)
  return rows.map(({ batchNum }) => batchNum)
}
