import { sql } from 'drizzle-orm'
import { beforeAll, expect, test } from 'vitest'
import { listFinalReverts, listSequenceAttempts, listUnfinalAttempts } from '../../db/attempts/attempts.ts'
import type { Db } from '../../db/connection/connect.ts'
import { findHolds, listHolds } from '../../db/decisions/holds.ts'
import { listTaskQuarantines } from '../../db/decisions/refusals.ts'
import { findSequences, listRunningSequences, recordSequence } from '../../db/decisions/sequences.ts'
import { findTaskState } from '../../db/decisions/task-state.ts'
import {
  findAccInputHashes,
  findBatches,
  findBatchesAt,
  findNewestSnapshot,
  snapshotsUpTo,
} from '../../db/proofs/batches.ts'
import { findFinalProofs, findProof, listFinalProofs, listProofs } from '../../db/proofs/proofs.ts'
import { listOpenUploads, listUploadedTasks, readUpload, releaseUploads, uploadProof } from '../../db/proofs/uploads.ts'
import { bytesOf, hash, MINER, openTestDatabase } from './fixtures.ts'

/** Sequences that have ended, each of one batch, with all that is left of them. */
const HISTORY = 20_000

/** The sequence that work goes on with: the last one, as the others are. */
const NOW = { rollup: 'payments', from: HISTORY, to: HISTORY, accInputHash: hash(HISTORY) }

/** Rows that a statement may read of tables and indexes, which is a few for each of those that it is about. */
const MOST_ROWS = 60

let db: Db
beforeAll(async () => {
  ;({ db } = await openTestDatabase())
  await fill(db)
})

const account = { chainId: 31337, account: MINER }

/** All that is asked again and again while a miner works. */
const STATEMENTS: { name: string; ask: (db: Db) => Promise<unknown> }[] = [
  { name: 'findTaskState', ask: (db) => findTaskState(db, { taskId: hash(HISTORY), needs: [EMPTY] }) },
  { name: 'findProof', ask: (db) => findProof(db, hash(HISTORY)) },
  { name: 'readUpload', ask: (db) => readUpload(db, { taskId: hash(HISTORY), sha256: EMPTY }) },
  { name: 'releaseUploads', ask: (db) => releaseUploads(db) },
  { name: 'listOpenUploads', ask: (db) => listOpenUploads(db, hash(HISTORY)) },
  { name: 'listUploadedTasks', ask: (db) => listUploadedTasks(db) },
  {
    name: 'uploadProof',
    ask: (db) =>
      uploadProof(db, { taskId: hash(1), proof: bytesOf('p'), prover: 'p', durationMs: 1, peakMemoryBytes: 1 }),
  },
  { name: 'findBatches', ask: (db) => findBatches(db, { sequence: NOW, range: NOW }) },
  { name: 'findBatchesAt', ask: (db) => findBatchesAt(db, { rollup: NOW.rollup, hashes: [NOW.accInputHash] }) },
  { name: 'findAccInputHashes', ask: (db) => findAccInputHashes(db, NOW) },
  {
    name: 'findNewestSnapshot',
    ask: (db) => findNewestSnapshot(db, { rollup: NOW.rollup, accInputHashes: [hash(HISTORY - 1)] }),
  },
  {
    name: 'snapshotsUpTo',
    ask: async (db) => snapshotsUpTo(db, { rollup: NOW.rollup, to: HISTORY - 1 }).next(),
  },
  { name: 'listProofs', ask: (db) => listProofs(db, NOW) },
  { name: 'findFinalProofs', ask: (db) => findFinalProofs(db, { rollup: NOW.rollup, miner: MINER, to: NOW.to }) },
  {
    name: 'listFinalProofs',
    ask: (db) => listFinalProofs(db, { rollup: NOW.rollup, miner: MINER, fromBatch: HISTORY - 2 }),
  },
  { name: 'listUnfinalAttempts', ask: (db) => listUnfinalAttempts(db, account) },
  { name: 'listFinalReverts', ask: (db) => listFinalReverts(db, account, { sinceBlock: HISTORY }) },
  { name: 'listSequenceAttempts', ask: (db) => listSequenceAttempts(db, NOW) },
  { name: 'findHolds', ask: (db) => findHolds(db, NOW) },
  { name: 'listHolds', ask: (db) => listHolds(db, { rollup: NOW.rollup }) },
  { name: 'listTaskQuarantines', ask: (db) => listTaskQuarantines(db, { rollup: NOW.rollup }) },
  { name: 'findSequences', ask: (db) => findSequences(db, NOW) },
  { name: 'listRunningSequences', ask: (db) => listRunningSequences(db, NOW.rollup) },
  { name: 'recordSequence', ask: (db) => recordSequence(db, { sequence: NOW, phase: 'proving', text: 'is proved' }) },
]

test.each(STATEMENTS)('$name reads no more when the history is long', async ({ ask }) => {
  const read = await db.transaction(async (tx) => {
    const before = await rowsRead(tx)
    await ask(tx)
    return (await rowsRead(tx)) - before
  })
  expect(read).toBeLessThanOrEqual(MOST_ROWS)
})

/** Counts rows that this transaction has read, of all tables of ours and their indexes. */
async function rowsRead(tx: Db): Promise<number> {
  const [row] = await tx.execute<{ rows: string }>(sql`
    select sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) as rows from pg_stat_xact_user_tables
    where schemaname = 'zkpow'`)
  return Number(row?.rows)
}

/** Hash of no bytes: what is stored of each proof and input here. */
const EMPTY = '0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/**
 * Makes what is left of sequences that have ended. What Postgres knows of a table decides how it is read, so that it is
 * told comes last.
 */
async function fill(db: Db): Promise<void> {
  const hashOf = (n: string) => `'0x' || lpad(to_hex(${n}), 64, '0')`
  const each = `from generate_series(1, ${HISTORY}) n`
  const said = `'machine', 1, 1`
  for (const statement of [
    `insert into zkpow.blobs (sha256, size, bytes) values ('${EMPTY}', 0, '')`,
    `insert into zkpow.batches (rollup, acc_input_hash, batch_num, old_acc_input_hash, old_state_root, new_state_root,
       chain_id, fork_id, input_sha256, input_size)
     select 'payments', ${hashOf('n')}, n, ${hashOf('n - 1')}, ${hashOf('n - 1')}, ${hashOf('n')}, '1', '1', '${EMPTY}', 0 ${each}`,
    `insert into zkpow.snapshots (rollup, acc_input_hash, batch_num, state_root, sha256, size)
     select 'payments', ${hashOf('n')}, n, ${hashOf('n')}, '${EMPTY}', 0 ${each}`,
    `insert into zkpow.proofs (task_id, rollup, stage, from_batch, to_batch, acc_input_hash, verification_key_hash, miner,
       sha256, size, prover, duration_ms, peak_memory_bytes)
     select ${hashOf('n')}, 'payments', 'final', n, n, ${hashOf('n')}, ${hashOf('9')}, '${MINER}', '${EMPTY}', 0, ${said} ${each}`,
    `insert into zkpow.proof_uploads (task_id, sha256, size, prover, duration_ms, peak_memory_bytes)
     select ${hashOf('n')}, '${EMPTY}', 0, ${said} ${each}`,
    `insert into zkpow.sequences (rollup, from_batch, to_batch, acc_input_hash, phase, text, outcome)
     select 'payments', n, n, ${hashOf('n')}, 'done', 'is over', 'proved' ${each}`,
    `insert into zkpow.attempts (chain_id, account, nonce, attempt, tx_hash, raw, max_fee_per_gas, max_priority_fee_per_gas,
       rollup, contract, step, first_block, from_batch, to_batch, acc_input_hash, outcome, mined_block, block_hash, status, is_final)
     select 31337, '${MINER}', n, 0, ${hashOf('n')}, '', 1, 1, 'payments', '${MINER}', 'claim', 1, n, n, ${hashOf('n')}, 'mined', n,
       ${hashOf('n')}, 'success', true ${each}`,
    `insert into zkpow.holds (rollup, from_batch, to_batch, hold, reason, who, lifted_at)
     select 'payments', n, n, 'paused', 'why', 'who', now() ${each}`,
    `insert into zkpow.task_quarantines (task_id, rollup, stage, from_batch, to_batch, reason, lifted_at)
     select ${hashOf('n')}, 'payments', 'batch', n, n, 'why', now() ${each}`,
    'analyze',
  ])
    await db.execute(sql.raw(statement))
}
