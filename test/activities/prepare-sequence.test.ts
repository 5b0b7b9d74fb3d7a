import { describe, expect, test } from 'vitest'
import type { ProvingDeps } from '../../activities/context.ts'
import { createPrepareSequence } from '../../activities/prepare-sequence.ts'
import { WrongChainIdError } from '../../chain/errors.ts'
import { findBatches } from '../../db/batches.ts'
import { readBlob } from '../../db/blobs.ts'
import { connect } from '../../db/connect.ts'
import { findHolds, setHold } from '../../db/holds.ts'
import type { SequenceRef } from '../../protocol/sequence.ts'
import { hash, openTestDatabase } from '../db/fixtures.ts'
import { accInputHash, activityEnvironment, fakeChain, GARBAGE, type Posted, setUp } from './support.ts'

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
    expect(batches?.map(({ statement }) => [statement.oldBatchNum, statement.newBatchNum])).toEqual([[1, 2], [2, 3], [3, 4]]) // biome-ignore format: rows
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
    expect(beats).toEqual([1, 2, 3, 4].map((batch) => ({ phase: 'preparing', batch, attempt: 1, elapsedMs: expect.any(Number) })))
  })

  const bad: [string, Partial<Posted>, string][] = [
    ['can’t be decoded', { calldata: GARBAGE }, 'no call of sequenceBatches'],
    ['doesn’t match its accInputHash', { accInputHash: hash(7) }, `the contract holds ${hash(7)}`],
    ['has another number of batches', { data: ['b', 'c'] }, 'the contract holds'],
  ]
  test.each(bad)('puts aside what %s, with a reason, and nothing before it', async (_, change, reason) => {
    const { deps, refs } = await setUp(db, { posted: [...POSTED.slice(0, 1), { from: 2, to: 4, data: ['b', 'c', 'd'], ...change }] })
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
      ...{ status: 'quarantined', reason: expect.stringContaining('are forced ones: they were posted by sequenceForceBatches') },
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
    expect(await prepare(deps, refs[1])).toEqual({ status: 'quarantined', reason: expect.stringContaining('no call of sequenceBatches') })
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
      chain: { readSequencing: () => Promise.reject(new WrongChainIdError({ endpoint: 'a node', expected: 1, actual: 2 })) },
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
    await expect(prepare(deps, refs[0])).rejects.toMatchObject({ code: 'ZKPOW-ACTIVITY-005' })
    expect((await findHolds(db, ref(refs[0]))).quarantined).toBeNull()
  })

  test('does not take data for prepared that is no longer posted', async () => {
    const { deps, refs } = await setUp(db, { posted: [{ from: 1, to: 1, data: ['a'] }] })
    await expect(prepare(deps, { ...ref(refs[0]), accInputHash: hash(9) })).rejects.toMatchObject({ code: 'ZKPOW-ACTIVITY-005' })
  })
})

// Helpers

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
