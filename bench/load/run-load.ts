import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { createTestClient, http } from 'viem'
import { foundry } from 'viem/chains'
import { rollupAbi } from '../../contracts/abi.ts'
import { pollUntil } from '../../dev/stack/wait.ts'
import { type BatchRange, formatRange } from '../../protocol/base/ranges.ts'
import { highWaterMark } from '../../provers/noir/peak-memory.ts'
import type { Bed } from './bed.ts'
import { cpuMs } from './cpu.ts'
import { type ProvedTask, type ReadHistories, readHistories } from './histories.ts'
import type { ProofRun } from './scheduling/proof-run.ts'

/** What proving some sequences came to. */
export interface LoadResult {
  runs: ProofRun[]
  /** From the moment in which all sequences could be begun to the last verified final proof, ms since 1970. */
  time: { from: number; to: number }
  histories: Omit<ReadHistories, 'tasks'>
  /** CPU time of each part meanwhile, ms. */
  cpu: Record<string, number>
  /** The most resident memory that the aggregator has had since it was started, bytes. */
  aggregatorPeakBytes: number
  /** Transactions of Postgres meanwhile; a statement by itself is one, too. */
  transactions: number
  /** Pauses of the aggregator's event loop, where the probe was asked for them. */
  pauses: { longestMs: number; p99Ms: number } | null
  /** From the same beginning until all batches are verified on chain, ms. */
  verifiedMs: number
}

/** Time between two blocks while sequences are proved, s. */
const BLOCK_S = 1

/** As long as nothing new is proved, a run isn't given up, ms. */
const STALLED_MS = 120_000

/** Posts sequences, has the aggregator take them up at one moment, and waits until all are verified on chain. */
export async function runLoad(
  bed: Bed,
  p: { sizes: readonly number[]; confirmations: number; probes: boolean },
): Promise<LoadResult> {
  const chain = createTestClient({ mode: 'anvil', chain: foundry, transport: http(bed.rpcUrl) })
  const sequences: BatchRange[] = []
  for (const size of p.sizes) sequences.push(await bed.rollup.sequencer.post(size))
  if (p.probes) bed.aggregator.kill('SIGWINCH')
  const [before, transactionsBefore] = [cpuMs(bed.parts()), await countTransactions(bed)]
  const from = Date.now()
  await chain.mine({ blocks: p.confirmations })
  await chain.setIntervalMining({ interval: BLOCK_S })
  const to = await Promise.race([untilProved(bed, sequences), bed.failed()])
  const [after, transactions] = [cpuMs(bed.parts()), (await countTransactions(bed)) - transactionsBefore]
  const pauses = p.probes ? await readProbe(bed) : null
  await Promise.race([untilVerified(bed, sequences), bed.failed()])
  const verifiedMs = Date.now() - from
  await chain.setIntervalMining({ interval: 0 })
  await chain.setAutomine(true)
  const { tasks, ...histories } = await readHistories(bed.temporal, { from, to })
  return {
    ...{ time: { from, to }, histories, transactions, pauses, verifiedMs },
    aggregatorPeakBytes: await highWaterMark(bed.aggregator.pid),
    runs: toRuns(tasks, sequences, from),
    cpu: Object.fromEntries(Object.entries(after).map(([part, ms]) => [part, ms - (before[part] ?? 0)])),
  }
}

/** Waits until final proofs of all sequences are verified. @returns when that was, ms since 1970 */
async function untilProved({ sql }: Bed, sequences: readonly BatchRange[]): Promise<number> {
  const first = sequences[0]?.from ?? 0
  let seen = { proofs: -1, at: Date.now() }
  for (;;) {
    const [row] = await sql<{ proofs: number; finals: number; last: Date }[]>`
      select count(*)::int proofs, (count(*) filter (where stage = 'final'))::int finals, max(verified_at) last
      from zkpow.proofs where from_batch >= ${first}`
    if (row?.finals === sequences.length) return row.last.getTime()
    if (row?.proofs !== seen.proofs) seen = { proofs: row?.proofs ?? 0, at: Date.now() }
    if (Date.now() - seen.at > STALLED_MS)
      throw new Error(`Nothing was proved for ${STALLED_MS / 1000} s: ${seen.proofs} proofs are there.`)
    await delay(250)
  }
}

/** Reads what Postgres counts: its backends report their transactions once a second. */
async function countTransactions({ sql }: Bed): Promise<number> {
  const [row] = await sql<{ count: string }[]>`
    select xact_commit + xact_rollback as count from pg_stat_database where datname = current_database()`
  return Number(row?.count)
}

async function untilVerified({ rollup }: Bed, sequences: readonly BatchRange[]): Promise<void> {
  const last = BigInt(sequences.at(-1)?.to ?? 0)
  const verified = () =>
    rollup.miner.publicClient.readContract({
      address: rollup.rollup,
      abi: rollupAbi,
      functionName: 'lastVerifiedBatch',
    })
  let seen = { batch: -1n, at: Date.now() }
  for (;;) {
    const batch = await verified()
    if (batch >= last) return
    if (batch !== seen.batch) seen = { batch, at: Date.now() }
    if (Date.now() - seen.at > STALLED_MS)
      throw new Error(`Nothing was verified for ${STALLED_MS / 1000} s: batch ${batch} is.`)
    await delay(500)
  }
}

async function readProbe({ aggregator, probeFile }: Bed): Promise<LoadResult['pauses']> {
  aggregator.kill('SIGWINCH')
  return pollUntil(async () => JSON.parse(await readFile(probeFile, 'utf8')), {
    timeoutMs: 30_000,
    signal: new AbortController().signal,
    onTimeout: (cause) => new Error('The aggregator tells nothing of its event loop.', { cause }),
  })
}

/** @param from when all batches could be begun, ms since 1970 */
function toRuns(tasks: readonly ProvedTask[], sequences: readonly BatchRange[], from: number): ProofRun[] {
  const reportedAt = new Map(tasks.map(({ upload, reportedAt }) => [upload.sha256, reportedAt]))
  return tasks.flatMap(({ task, upload, ...moments }) => {
    const sequence = sequences.find((one) => one.from <= task.from && task.to <= one.to)
    if (sequence === undefined) return []
    const ready = task.children.map(({ sha256 }) => reportedAt.get(sha256) ?? from)
    return [
      {
        ...moments,
        sequence: formatRange(sequence),
        stage: task.stage,
        readyAt: Math.max(from, ...ready),
        provingMs: upload.durationMs,
      },
    ]
  })
}
