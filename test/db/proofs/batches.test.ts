import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Db } from '../../../db/connection/connect.ts'
import {
  findAccInputHashes,
  findBatches,
  findBatchesAt,
  findNewestSnapshot,
  snapshotsUpTo,
  storeBatch,
  storeSnapshot,
} from '../../../db/proofs/batches.ts'
import { readBlob } from '../../../db/proofs/blobs.ts'
import { listProofs, recordProof } from '../../../db/proofs/proofs.ts'
import type { BatchRange, SequenceRef } from '../../../protocol/base/ranges.ts'
import type { ExecutedBatch } from '../../../protocol/proof/rollup-kind.ts'
import { joinStatements } from '../../../protocol/proof/statement.ts'
import { bytesOf, finalProof, hash, openTestDatabase } from '../fixtures.ts'

let db: Db
beforeAll(async () => {
  ;({ db } = await openTestDatabase())
  for (const batchNum of [1, 2, 3, 4, 5]) await storeBatch(db, { rollup: 'payments', executed: batch(batchNum, 0) })
  // A reorg replaced batches 3 to 5; the new ones continue from the old batch 2.
  for (const batchNum of [3, 4, 5]) await storeBatch(db, { rollup: 'payments', executed: batch(batchNum, 1000) })
})

const hashAfter = (batchNum: number, fork: number) => hash(100 + batchNum + (batchNum > 2 ? fork : 0))

function batch(batchNum: number, fork: number): ExecutedBatch {
  const [oldAccInputHash, newAccInputHash] = [hashAfter(batchNum - 1, fork), hashAfter(batchNum, fork)]
  const ids = { chainId: '18446744073709551615', forkId: '4' }
  const statement = {
    oldStateRoot: oldAccInputHash,
    newStateRoot: newAccInputHash,
    oldAccInputHash,
    newAccInputHash,
    ...ids,
  }
  const after = {
    batchNum,
    stateRoot: newAccInputHash,
    accInputHash: newAccInputHash,
    snapshot: bytesOf(`state ${batchNum} ${fork}`),
  }
  return {
    statement: { ...statement, oldBatchNum: batchNum - 1, newBatchNum: batchNum },
    input: bytesOf(`input ${batchNum} ${fork}`),
    after,
  }
}

const sequence = (from: number, to: number, fork: number, rollup = 'payments'): SequenceRef => ({
  rollup,
  from,
  to,
  accInputHash: hashAfter(to, fork),
})

describe('the batches of a range', () => {
  test.each<{ of: SequenceRef; range: BatchRange; fork: number; why: string }>([
    { of: sequence(1, 5, 0), range: { from: 1, to: 5 }, fork: 0, why: 'all of a sequence' },
    { of: sequence(1, 5, 1000), range: { from: 1, to: 5 }, fork: 1000, why: 'all of it after the reorg' },
    { of: sequence(1, 5, 1000), range: { from: 2, to: 3 }, fork: 1000, why: 'a part in the middle' },
    { of: sequence(1, 5, 0), range: { from: 5, to: 5 }, fork: 0, why: 'the last' },
    { of: sequence(1, 5, 0), range: { from: 1, to: 1 }, fork: 0, why: 'the first' },
  ])('$why', async ({ of, range, fork }) => {
    const found = (await findBatches(db, { sequence: of, range })) ?? []
    expect(found.map(({ statement }) => statement.newAccInputHash)).toEqual(
      Array.from({ length: range.to - range.from + 1 }, (_, i) => hashAfter(range.from + i, fork)),
    )
    expect(joinStatements(found.map((b) => b.statement))).toMatchObject({
      oldBatchNum: range.from - 1,
      newBatchNum: range.to,
    })
  })

  test.each([
    { of: { ...sequence(1, 5, 0), accInputHash: hash(1) }, range: { from: 1, to: 5 }, why: 'other data' },
    { of: sequence(1, 5, 0, 'other'), range: { from: 1, to: 5 }, why: 'another rollup' },
    {
      of: { ...sequence(1, 4, 0), to: 5 },
      range: { from: 1, to: 4 },
      why: 'a hash that belongs to another batch number',
    },
    { of: sequence(0, 5, 0), range: { from: 0, to: 5 }, why: 'a range of which one is missing' },
  ])('none for $why', async ({ of, range }) => {
    expect(await findBatches(db, { sequence: of, range })).toBeUndefined()
  })

  test('none for a batch that claims to follow itself, rather than an endless walk', async () => {
    const loop = batch(5, 3000)
    const statement = { ...loop.statement, oldAccInputHash: loop.statement.newAccInputHash }
    await storeBatch(db, { rollup: 'payments', executed: { ...loop, statement } })
    expect(await findBatches(db, { sequence: sequence(1, 5, 3000), range: { from: 1, to: 5 } })).toBeUndefined()
  })

  test('the one that was executed last stands, with its input', async () => {
    const again = { ...batch(1, 0), input: bytesOf('made by a newer version') }
    await storeBatch(db, { rollup: 'payments', executed: again })
    const [found] = (await findBatches(db, { sequence: sequence(1, 1, 0), range: { from: 1, to: 1 } })) ?? []
    expect(found?.statement).toEqual(again.statement)
    expect(found && (await readBlob(db, found.input.sha256))).toEqual(again.input)
  })
})

describe('hashes along a sequence', () => {
  test('are those after each batch, in order', async () => {
    expect(await findAccInputHashes(db, sequence(2, 4, 1000))).toEqual([2, 3, 4].map((n) => hashAfter(n, 1000)))
    expect(await findAccInputHashes(db, sequence(0, 4, 1000))).toBeUndefined()
  })

  test('find their batches, or none where one is gone', async () => {
    const hashes = [hashAfter(2, 0), hashAfter(3, 1000)]
    const found = await findBatchesAt(db, { rollup: 'payments', hashes })
    expect(found?.map(({ statement }) => statement.newAccInputHash)).toEqual(hashes)
    expect(await findBatchesAt(db, { rollup: 'payments', hashes: [...hashes, hash(1)] })).toBeUndefined()
  })

  test('are looked up one after the other, and never by reading all batches for each', async () => {
    const count = 300
    for (let batchNum = 1; batchNum <= count; batchNum++)
      await storeBatch(db, { rollup: 'long', executed: batch(batchNum, 0) })
    await db.execute(sql`analyze zkpow.batches`) // what is known of a table decides how it is read
    const read = await db.transaction(async (tx) => {
      const whole = sequence(1, count, 0, 'long')
      expect(await findBatches(tx, { sequence: whole, range: { from: 2, to: 3 } })).toHaveLength(2)
      const [row] = await tx.execute<{ rows: string }>(
        sql`select seq_tup_read + idx_tup_fetch as rows from pg_stat_xact_user_tables where relname = 'batches'`,
      )
      return Number(row?.rows)
    })
    expect(read).toBeLessThan(3 * count) // a join read 300 times as many
    expect(read).toBeGreaterThanOrEqual(count)
  })
})

test('the newest snapshot is taken from the given chain, not from what a reorg left', async () => {
  for (const executed of [batch(1, 0), batch(4, 0)])
    await storeSnapshot(db, { rollup: 'payments', state: executed.after })
  const find = (...accInputHashes: `0x${string}`[]) => findNewestSnapshot(db, { rollup: 'payments', accInputHashes })
  expect(await find(hashAfter(1, 0), hashAfter(2, 0), hashAfter(4, 1000))).toEqual(batch(1, 0).after)
  expect(await find(hashAfter(1, 0), hashAfter(4, 0))).toEqual(batch(4, 0).after)
  expect(await find(hashAfter(2, 0))).toBeUndefined()
  expect(await find()).toBeUndefined()
})

test('states are given newest first, each once, however many stand after one batch', async () => {
  const rollup = 'many states'
  const after = (batchNum: number, n: number) => ({ ...batch(batchNum, 0).after, accInputHash: hash(n) })
  for (let n = 1; n <= 120; n++) await storeSnapshot(db, { rollup, state: after(2, n) })
  for (const batchNum of [1, 3, 4]) await storeSnapshot(db, { rollup, state: after(batchNum, 1000 + batchNum) })
  const given: number[] = []
  for await (const { batchNum } of snapshotsUpTo(db, { rollup, to: 3 })) given.push(batchNum)
  expect(given).toEqual([3, ...Array.from({ length: 120 }, () => 2), 1])
})

test("proofs of a sequence are those of its own data, in the data's order", async () => {
  const input = await storeBatch(db, { rollup: 'payments', executed: batch(2, 0) })
  const record = (n: number, from: number, to: number, fork: number) =>
    recordProof(db, {
      ...finalProof(bytesOf('')),
      ...input.input,
      taskId: hash(n),
      stage: 'aggregate',
      from,
      to,
      accInputHash: hashAfter(to, fork),
    })
  await Promise.all([record(1, 3, 4, 0), record(2, 3, 3, 1000), record(3, 4, 5, 1000), record(4, 1, 2, 0)])
  const find = async (of: SequenceRef) => (await listProofs(db, of)).map(({ taskId }) => taskId)
  expect(await find(sequence(1, 5, 1000))).toEqual([hash(4), hash(2), hash(3)])
  expect(await find(sequence(3, 5, 0))).toEqual([hash(1)])
})
