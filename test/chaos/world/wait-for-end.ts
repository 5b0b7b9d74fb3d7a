import { setTimeout as delay } from 'node:timers/promises'
import { rollupAbi } from '../../../contracts/abi.ts'
import { wakeAll } from '../invariants/workflows.ts'
import { type Posted, readState, type SequenceState } from './sequence-state.ts'
import type { World } from './world.ts'

/**
 * Longest wait for the end after everything has been posted and injected, ms: a round without a hash, its successor,
 * and silences of killed processes.
 */
const PATIENCE_MS = 4 * 60_000

/** After an emptied database the aggregator has looked at its rollups by then, ms. */
const SURVEYED_MS = 30_000

/** Blocks that are skipped at a time: few enough that a look falls between two skips. */
const SKIP_BLOCKS = 50

/**
 * Blocks that are skipped at a time when only claims and final blocks are waited for: so many, or this share of what
 * makes a block final.
 */
const CLOSING_BLOCKS = 4
const CLOSING_SHARE = 1 / 5

/**
 * Waits until every posted sequence is done in the eyes of the aggregator, skipping blocks in which nobody could do
 * anything unless the plan sits through them.
 * @returns whether they all are.
 */
export async function waitForEnd(world: World, posted: readonly Posted[]): Promise<boolean> {
  const deadline = Date.now() + (world.plan.skipsIdleBlocks ? PATIENCE_MS : 2 * PATIENCE_MS)
  while (Date.now() < deadline) {
    if (await areAllDone(world, posted).catch(() => false)) return true
    if (world.plan.skipsIdleBlocks) await skipIdleBlocks(world, posted).catch(() => {})
    await delay(500)
  }
  return false
}

/**
 * Tells whether all have ended. What had ended before the database was emptied isn't looked at again. A sequence whose
 * data was replaced has a row for each.
 */
async function areAllDone(world: World, posted: readonly Posted[]): Promise<boolean> {
  const { sql, databasesBefore } = world
  const rows = await sql`
    select rollup, to_batch::int as to_batch from zkpow.sequences group by rollup, to_batch having bool_and(outcome is not null)`
  const before = databasesBefore.flatMap(({ sequences }) => sequences.filter(({ outcome }) => outcome !== null))
  const left = posted.filter(({ rollup: { name }, sequence: { to } }) => {
    return (
      !rows.some((row) => row.rollup === name && row.to_batch === to) &&
      !before.some((one) => one.rollup === name && one.to === to)
    )
  })
  return (await Promise.all(left.map((one) => wasOver(world, one)))).every(Boolean)
}

/**
 * Tells whether a sequence was over on a final block when the database was emptied. It gets no row any more, for
 * nothing of it is left to be done.
 */
async function wasOver(
  { sql, control, databasesBefore, plan }: World,
  { rollup, sequence: { to } }: Posted,
): Promise<boolean> {
  const emptiedAtMs = databasesBefore.at(-1)?.readAtMs
  if (emptiedAtMs === undefined || Date.now() < emptiedAtMs + SURVEYED_MS) return false
  if ((await sql`select from zkpow.sequences where rollup = ${rollup.name} and to_batch = ${to}`).length > 0)
    return false
  const last = await rollup.miner.publicClient.readContract({
    ...{ address: rollup.rollup, abi: rollupAbi, functionName: 'lastVerifiedBatch' },
    blockNumber: BigInt((await control.head()) - plan.finalityBlocks),
  })
  return Number(last) >= to
}

/**
 * Skips blocks only while we owe nothing, and nothing could be committed: then the blocks up to the end of the round
 * are all alike.
 */
async function skipIdleBlocks(world: World, posted: readonly Posted[]): Promise<void> {
  const states = await Promise.all(posted.map((one) => readState(one)))
  const head = await world.control.head()
  if (
    states.some((state) => state.isOurs && !state.isOurProofAccepted) ||
    states.some((state) => canCommit(state, states, head))
  )
    return
  const ends = states
    .map((state) => (state.isVerified ? state.lateDeadline : state.roundEnd))
    .filter((block) => block > head)
  if (ends.length === 0 && states.some(({ isVerified }) => !isVerified)) return
  const next = ends.length === 0 ? head + closingBlocks(world) : Math.min(...ends)
  const blocks = Math.min(SKIP_BLOCKS, next - head)
  if (blocks <= 1) return
  await world.control.mine(blocks)
  await wakeAll(world)
}

const closingBlocks = ({ plan }: World): number =>
  Math.max(CLOSING_BLOCKS, Math.ceil(plan.finalityBlocks * CLOSING_SHARE))

/** Tells whether it is the next one to be verified, and no round that we have missed stands in the way. */
function canCommit(state: SequenceState, all: readonly SequenceState[], head: number): boolean {
  if (state.isVerified) return false
  const before = all.filter((other) => other.rollup === state.rollup && other.sequence.to < state.sequence.to)
  const isNext = before.every((other) => other.isVerified)
  return isNext && !(head >= state.commitsEnd && head < state.roundEnd)
}
