import { and, desc, eq, inArray, lte, type SQL, sql } from 'drizzle-orm'
import { batchCount, type Hex, type SequenceRef } from '../../protocol/base/ranges.ts'
import type { StateId } from '../../protocol/proof/replay.ts'
import type { RangeOfSequence } from '../../protocol/proof/request.ts'
import type { ExecutedBatch, RollupState } from '../../protocol/proof/rollup-kind.ts'
import type { Statement } from '../../protocol/proof/statement.ts'
import type { BlobRef } from '../../protocol/proof/task.ts'
import type { Db } from '../connection/connect.ts'
import { query } from '../connection/translate-errors.ts'
import { batches, snapshots } from '../schema/batches.ts'
import { putBlob, readBlob } from './blobs.ts'

/** A batch that is ready to be proved. */
export interface PreparedBatch {
  statement: Statement
  /** Input of its batch proof. */
  input: BlobRef
}

type BatchRow = typeof batches.$inferSelect

/** Stores an executed batch and its input together. What was executed last stands. */
export const storeBatch = query(
  'storing a batch',
  (
    db: Db,
    { rollup, executed }: { rollup: string; executed: Pick<ExecutedBatch, 'statement' | 'input'> },
  ): Promise<PreparedBatch> =>
    db.transaction(async (tx) => {
      const prepared = { statement: executed.statement, input: await putBlob(tx, executed.input) }
      const row = toRow(rollup, prepared)
      await tx
        .insert(batches)
        .values(row)
        .onConflictDoUpdate({ target: [batches.rollup, batches.accInputHash], set: row })
      return prepared
    }),
)

/**
 * Finds the batches of a range, in order: those that lead to the sequence's accumulated input hash, whatever else a
 * reorg left.
 * @returns undefined unless all of them are there.
 */
export const findBatches = query(
  'finding batches',
  async (db: Db, p: RangeOfSequence): Promise<PreparedBatch[] | undefined> => {
    const rows = await db
      .select()
      .from(batches)
      .where(and(eq(batches.rollup, p.sequence.rollup), inArray(batches.accInputHash, accInputHashesOf(p))))
      .orderBy(batches.batchNum)
    return rows.length === batchCount(p.range) ? rows.map(fromRow) : undefined
  },
)

/**
 * Finds the accumulated input hashes after each batch of a sequence, in order. They follow from the sequence's own, so
 * what is found once is so for ever.
 * @returns undefined unless all batches are there.
 */
export const findAccInputHashes = query(
  'walking along a sequence',
  async (db: Db, sequence: SequenceRef): Promise<Hex[] | undefined> => {
    const rows = await db
      .select({ hash: sql<Hex>`acc_input_hash` })
      .from(sql`${walkOf({ sequence, range: sequence })} walked`)
      .orderBy(sql`batch_num`)
    return rows.length === batchCount(sequence) ? rows.map(({ hash }) => hash) : undefined
  },
)

/**
 * Finds the batches after which these are the accumulated input hashes, in order.
 * @returns undefined unless all of them are there.
 */
export const findBatchesAt = query(
  'finding batches',
  async (db: Db, p: { rollup: string; hashes: readonly Hex[] }): Promise<PreparedBatch[] | undefined> => {
    const rows = await db
      .select()
      .from(batches)
      .where(and(eq(batches.rollup, p.rollup), inArray(batches.accInputHash, [...p.hashes])))
      .orderBy(batches.batchNum)
    return rows.length === p.hashes.length ? rows.map(fromRow) : undefined
  },
)

/** Stores a rollup's state to replay from. */
export const storeSnapshot = query(
  'storing a snapshot',
  (db: Db, { rollup, state }: { rollup: string; state: RollupState }): Promise<void> =>
    db.transaction(async (tx) => {
      const { batchNum, stateRoot, accInputHash, snapshot } = state
      const row = { rollup, batchNum, stateRoot, accInputHash, ...(await putBlob(tx, snapshot)) }
      await tx
        .insert(snapshots)
        .values(row)
        .onConflictDoUpdate({ target: [snapshots.rollup, snapshots.accInputHash], set: row })
    }),
)

/** A state whose bytes are stored under this hash. */
export interface SnapshotRef extends StateId {
  sha256: Hex
}

/**
 * Lists states after batches up to `to`, without their bytes, newest first: of one batch several, where a reorg has
 * left some.
 */
const listSnapshots = query(
  'listing snapshots',
  (db: Db, { rollup, to, limit }: { rollup: string; to: number; limit: number }): Promise<SnapshotRef[]> =>
    db
      .select({
        ...{ batchNum: snapshots.batchNum, stateRoot: snapshots.stateRoot, accInputHash: snapshots.accInputHash },
        sha256: snapshots.sha256,
      })
      .from(snapshots)
      .where(and(eq(snapshots.rollup, rollup), lte(snapshots.batchNum, to)))
      .orderBy(desc(snapshots.batchNum))
      .limit(limit),
)

/** States that are looked at together: mostly the first one is meant. */
const SNAPSHOTS_A_PAGE = 50

/** Walks along the states after batches up to `to`, newest first, as far as the caller goes. */
export async function* snapshotsUpTo(
  db: Db,
  { rollup, to }: { rollup: string; to: number },
): AsyncGenerator<SnapshotRef> {
  const given = new Set<Hex>()
  for (;;) {
    const page = await listSnapshots(db, { rollup, to, limit: given.size + SNAPSHOTS_A_PAGE })
    const more = page.filter(({ accInputHash }) => !given.has(accInputHash))
    yield* more
    if (more.length === 0) return
    for (const { accInputHash } of more) given.add(accInputHash)
  }
}

/**
 * Finds the newest state among those after the given accumulated input hashes, which the caller reads from the chain.
 */
export const findNewestSnapshot = query(
  'finding a snapshot',
  async (
    db: Db,
    { rollup, accInputHashes }: { rollup: string; accInputHashes: Hex[] },
  ): Promise<RollupState | undefined> => {
    const [row] = await db
      .select()
      .from(snapshots)
      .where(and(eq(snapshots.rollup, rollup), inArray(snapshots.accInputHash, accInputHashes)))
      .orderBy(desc(snapshots.batchNum))
      .limit(1)
    if (row === undefined) return undefined
    const { batchNum, stateRoot, accInputHash, sha256 } = row
    return { batchNum, stateRoot, accInputHash, snapshot: await readBlob(db, sha256) }
  },
)

/**
 * Selects the accumulated input hashes after each batch of a range, as a subquery: walks from the sequence's own back
 * to the range's first.
 */
export const accInputHashesOf = (p: RangeOfSequence): SQL => sql`(select acc_input_hash from ${walkOf(p)} walked)`

/**
 * Each step is a look-up of its own by the table's key: as a mere join, Postgres reads all of a rollup's batches at
 * each step where it takes them for few.
 */
const walkOf = ({ sequence, range }: RangeOfSequence): SQL => sql`(
  with recursive walk as (
    select acc_input_hash, old_acc_input_hash, batch_num from ${batches}
    where rollup = ${sequence.rollup} and acc_input_hash = ${sequence.accInputHash} and batch_num = ${sequence.to}
    union all
    select before.* from walk cross join lateral (
      select acc_input_hash, old_acc_input_hash, batch_num from ${batches}
      where rollup = ${sequence.rollup} and acc_input_hash = walk.old_acc_input_hash and batch_num = walk.batch_num - 1
      limit 1
    ) before
    where before.batch_num >= ${range.from}
  )
  select acc_input_hash, batch_num from walk where batch_num <= ${range.to})`

const toRow = (rollup: string, { statement: s, input }: PreparedBatch): BatchRow => ({
  rollup,
  accInputHash: s.newAccInputHash,
  batchNum: s.newBatchNum,
  oldAccInputHash: s.oldAccInputHash,
  oldStateRoot: s.oldStateRoot,
  newStateRoot: s.newStateRoot,
  chainId: s.chainId,
  forkId: s.forkId,
  inputSha256: input.sha256,
  inputSize: input.size,
})

const fromRow = (row: BatchRow): PreparedBatch => ({
  statement: {
    oldStateRoot: row.oldStateRoot,
    newStateRoot: row.newStateRoot,
    oldAccInputHash: row.oldAccInputHash,
    newAccInputHash: row.accInputHash,
    oldBatchNum: row.batchNum - 1,
    newBatchNum: row.batchNum,
    chainId: row.chainId,
    forkId: row.forkId,
  },
  input: { sha256: row.inputSha256, size: row.inputSize },
})
