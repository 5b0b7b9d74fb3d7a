import { findBatches, findNewestSnapshot, storeBatch, storeSnapshot } from '../db/batches.ts'
import { hasBlob } from '../db/blobs.ts'
import { findHolds, setHold } from '../db/holds.ts'
import type { Preparation, ProvingActivities } from '../protocol/activities.ts'
import { FatalError } from '../protocol/errors.ts'
import type { PostedBatch, RollupState } from '../protocol/rollup-kind.ts'
import { batchCount, type SequenceRef } from '../protocol/sequence.ts'
import type { ProvingDeps, RollupContext } from './context.ts'
import { AccInputHashMismatchError, ForcedBatchesError, SequenceNotPostedError } from './errors.ts'
import { startHeartbeats } from './heartbeats.ts'

/** Sequences that one look for a snapshot walks back over before it looks at the whole rollup. */
const NEAR_BATCHES = 200

/** The posted data is wrong, whoever reads it: not a node, a store or a setting. */
class UnusableDataError extends Error {
  readonly why: FatalError

  constructor(why: FatalError) {
    super(why.message)
    this.why = why
  }
}

export const createPrepareSequence =
  (deps: ProvingDeps): ProvingActivities['prepareSequence'] =>
  async ({ sequence }) => {
    const beats = startHeartbeats<PreparingProgress>({ phase: 'reading the chain' })
    try {
      return (await isPrepared(deps, sequence)) ? { status: 'prepared' } : await prepare(deps, sequence, beats.report)
    } finally {
      beats.stop()
    }
  }

interface PreparingProgress {
  phase: string
  batch?: number
}

type Report = (progress: PreparingProgress) => void

async function prepare(deps: ProvingDeps, sequence: SequenceRef, report: Report): Promise<Preparation> {
  const rollup = deps.rollupOf(sequence.rollup)
  let state = await newestState(deps, rollup, sequence)
  for (const missing of await sequencesBetween(rollup, state.batchNum, sequence)) {
    const { quarantined } = await findHolds(deps.db, missing)
    if (quarantined !== null) return { status: 'quarantined', reason: quarantined }
    try {
      state = await prepareOne(deps, rollup, { sequence: missing, before: state, report })
    } catch (error) {
      if (error instanceof UnusableDataError) return quarantine(deps, rollup, missing, error.why)
      throw error
    }
  }
  if (state.accInputHash !== sequence.accInputHash) throw new SequenceNotPostedError(sequence)
  return { status: 'prepared' }
}

async function isPrepared({ db }: ProvingDeps, sequence: SequenceRef): Promise<boolean> {
  const batches = await findBatches(db, { sequence, range: sequence })
  return batches !== undefined && (await Promise.all(batches.map((batch) => hasBlob(db, batch.input.sha256)))).every(Boolean)
}

/** The state that most of the way need not be replayed from: the nearest snapshot, else the genesis. */
async function newestState({ db }: ProvingDeps, rollup: RollupContext, sequence: SequenceRef): Promise<RollupState> {
  for (const floor of [Math.max(0, sequence.from - NEAR_BATCHES), 0]) {
    const before = await sequencesBetween(rollup, floor, { ...sequence, to: sequence.from - 1 })
    const state = await findNewestSnapshot(db, { rollup: rollup.name, accInputHashes: before.map((s) => s.accInputHash) })
    if (state !== undefined) return state
    if (floor === 0) break
  }
  return rollup.genesis()
}

/** Posted sequences above batch `floor` up to the end of `last`, lowest first. */
async function sequencesBetween(
  { name, chain, contract, limits }: RollupContext,
  floor: number,
  last: SequenceRef,
): Promise<SequenceRef[]> {
  const { sequences } = await chain.readRollup({ contract, floor, confirmations: limits.confirmations })
  return sequences
    .filter((s) => s.from > floor && s.to <= last.to)
    .map(({ from, to, accInputHash }) => ({ rollup: name, from, to, accInputHash }))
}

/**
 * Executes one sequence's batches and stores inputs, statements and the state after the last one, each by itself: executing takes
 * minutes, and a connection held so long is missing where a window is open. Half of a sequence counts for nothing, again is harmless.
 */
async function prepareOne(
  { db }: ProvingDeps,
  rollup: RollupContext,
  { sequence, before, report }: { sequence: SequenceRef; before: RollupState; report: Report },
): Promise<RollupState> {
  const batches = await readBatches(rollup, sequence, before)
  const ids = await rollup.ids()
  let state = before
  for (const batch of batches) {
    const executed = await ofData(() => rollup.kind.executeBatch(state, batch, ids))
    await storeBatch(db, { rollup: rollup.name, executed })
    state = executed.after
    report({ phase: 'preparing', batch: state.batchNum })
  }
  await storeSnapshot(db, { rollup: rollup.name, state })
  return state
}

/** @throws UnusableDataError when the data can't be decoded or isn't what the contract's accumulated hash was made of. */
async function readBatches(rollup: RollupContext, sequence: SequenceRef, before: RollupState): Promise<PostedBatch[]> {
  const { chain, contract, deployedAtBlock, kind, name } = rollup
  const posted = await chain.readSequencing({ contract, range: sequence, deployedAtBlock })
  if (posted === undefined) throw new SequenceNotPostedError(sequence)
  if (posted.isForced) throw new UnusableDataError(new ForcedBatchesError(sequence))
  const batches = await ofData(() => kind.decodeSequence(posted.calldata))
  const actual = batches.reduce((hash, batch) => kind.chainAccInputHash(hash, batch), before.accInputHash)
  if (batches.length !== batchCount(sequence) || actual !== sequence.accInputHash) {
    throw new UnusableDataError(
      new AccInputHashMismatchError({ rollup: name, batchNum: sequence.to, expected: sequence.accInputHash, actual }),
    )
  }
  return batches
}

/** What a kind says against posted data. */
async function ofData<T>(read: () => T | Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    throw error instanceof FatalError ? new UnusableDataError(error) : error
  }
}

/**
 * The hold outlives any workflow; lifting it lets the sequence try again.
 * @throws SequenceNotPostedError when a reorg changed the data meanwhile: that heals without an operator.
 */
async function quarantine({ db }: ProvingDeps, rollup: RollupContext, sequence: SequenceRef, error: FatalError): Promise<Preparation> {
  const now = await sequencesBetween(rollup, sequence.from - 1, sequence)
  if (!now.some(({ accInputHash }) => accInputHash === sequence.accInputHash)) throw new SequenceNotPostedError(sequence)
  const reason = error.describe()
  await setHold(db, { rollup: sequence.rollup, key: sequence, hold: 'quarantined', reason, who: 'zkpow' })
  return { status: 'quarantined', reason }
}
