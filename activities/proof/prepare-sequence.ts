import { ApplicationFailure, Context, cancellationSignal, sleep } from '@temporalio/activity'
import { findHolds, setHold } from '../../db/decisions/holds.ts'
import { findBatches, snapshotsUpTo, storeBatch, storeSnapshot } from '../../db/proofs/batches.ts'
import { hasBlob, readBlob } from '../../db/proofs/blobs.ts'
import { FatalError } from '../../protocol/base/errors.ts'
import { batchCount, formatRange, type SequenceRef } from '../../protocol/base/ranges.ts'
import type { Replay, StoredState } from '../../protocol/proof/replay.ts'
import type { Preparation } from '../../protocol/proof/request.ts'
import type { PostedBatch } from '../../protocol/proof/rollup-kind.ts'
import type { ProvingActivities } from '../../protocol/temporal/activities.ts'
import type { ProvingDeps, RollupContext } from '../context.ts'
import { AccInputHashMismatchError, ForcedBatchesError, SequenceNotPostedError } from '../errors.ts'
import { startHeartbeats } from '../heartbeats.ts'
import { isShutdown } from '../prover/work-signal.ts'
import { lastSettledBatch } from '../rollup/settled-batches.ts'
import { type ReplayTurn, takeTurn, waitsForReplay } from './replay-turn.ts'

/** Says that the posted data is wrong, whoever reads it: it is no fault of a node, a store or a setting. */
class UnusableDataError extends Error {
  readonly why: FatalError

  constructor(why: FatalError) {
    super(why.message)
    this.why = why
  }
}

/** Between two looks at whether another replay of the rollup is over, ms. */
const TURN_AGAIN_MS = 1_000

/** Sequences that nothing is left to do about and of which a crash may cost the replay. */
const SNAPSHOT_EVERY = 20

export const createPrepareSequence =
  (deps: ProvingDeps): ProvingActivities['prepareSequence'] =>
  async ({ sequence }) => {
    const beats = startHeartbeats<PreparingProgress>({ phase: 'reading the chain' })
    try {
      return await prepareInTurn(deps, sequence, beats.report)
    } catch (error) {
      throw isShutdown() ? shutdownFailure(sequence) : error
    } finally {
      beats.stop()
    }
  }

interface PreparingProgress {
  phase: string
  batch?: number
  /** The batch at which the replay ends. */
  until?: number
}

type Report = (progress: PreparingProgress) => void

/**
 * Prepares with one replay at a time a rollup: the next one goes on from the state that it leaves, and often finds its
 * inputs made.
 */
async function prepareInTurn(deps: ProvingDeps, sequence: SequenceRef, report: Report): Promise<Preparation> {
  while (!(await isPrepared(deps, sequence))) {
    const turn = await takeTurn(deps.db, sequence)
    if (turn !== null) return prepareAndEnd(deps, sequence, { turn, report })
    report({ phase: await waitsForReplay(deps.db, sequence.rollup) })
    await sleep(TURN_AGAIN_MS)
  }
  return { status: 'prepared' }
}

async function prepareAndEnd(deps: ProvingDeps, sequence: SequenceRef, replaying: Replaying): Promise<Preparation> {
  try {
    return await prepare(deps, sequence, replaying)
  } finally {
    await replaying.turn.end()
  }
}

interface Replaying {
  turn: ReplayTurn
  report: Report
}

async function prepare(deps: ProvingDeps, sequence: SequenceRef, replaying: Replaying): Promise<Preparation> {
  const rollup = deps.rollupOf(sequence.rollup)
  const replay = await rollup.startReplay(await newestState(deps, rollup, sequence))
  try {
    return await replayTo(deps, sequence, { ...replaying, rollup, replay })
  } finally {
    replay.end()
  }
}

async function replayTo(
  deps: ProvingDeps,
  sequence: SequenceRef,
  { turn, report, rollup, replay }: Replaying & { rollup: RollupContext; replay: Replay },
): Promise<Preparation> {
  for (const step of withKept(
    await sequencesBetween(rollup, replay.state.batchNum, sequence),
    await lastSettledBatch(deps.db, rollup),
  )) {
    const { quarantined } = await findHolds(deps.db, step.sequence)
    if (quarantined !== null) return { status: 'quarantined', reason: quarantined }
    const onBatch = (batch: number) => {
      cancellationSignal().throwIfAborted() // other data waits for the turn
      turn.note(batch)
      report({ phase: 'preparing', batch, until: sequence.to })
    }
    try {
      await prepareOne(deps, rollup, { ...step, replay, onBatch })
    } catch (error) {
      if (error instanceof UnusableDataError) return quarantine(deps, rollup, step.sequence, error.why)
      throw error
    }
  }
  if (replay.state.accInputHash !== sequence.accInputHash) throw new SequenceNotPostedError(sequence)
  return { status: 'prepared' }
}

/** A sequence on the way, and what is kept of it. */
interface ReplayStep {
  sequence: SequenceRef
  keepsInputs: boolean
  keepsState: boolean
}

/**
 * Adds what is to be kept. Nothing up to the floor will be proved; of its states the last is gone on from, and a crash
 * between mustn't cost the whole way.
 */
function withKept(missing: readonly SequenceRef[], floor: number): ReplayStep[] {
  return missing.map((sequence, i) => {
    const next = missing[i + 1]
    const keepsInputs = next === undefined || sequence.to > floor
    return { sequence, keepsInputs, keepsState: keepsInputs || next.to > floor || (i + 1) % SNAPSHOT_EVERY === 0 }
  })
}

async function isPrepared({ db }: ProvingDeps, sequence: SequenceRef): Promise<boolean> {
  const batches = await findBatches(db, { sequence, range: sequence })
  return (
    batches !== undefined && (await Promise.all(batches.map((batch) => hasBlob(db, batch.input.sha256)))).every(Boolean)
  )
}

/** Finds the state from which the way is shortest: the nearest snapshot, else the genesis. */
async function newestState({ db }: ProvingDeps, rollup: RollupContext, sequence: SequenceRef): Promise<StoredState> {
  for await (const { sha256, ...state } of snapshotsUpTo(db, { rollup: rollup.name, to: sequence.from - 1 })) {
    const { batchNum, accInputHash } = state
    const posted = await sequencesAbove(rollup, batchNum - 1)
    // This state is of data that a reorg took away.
    if (!posted.some((s) => s.to === batchNum && s.accInputHash === accInputHash)) continue
    return { ...state, readSnapshot: () => readBlob(db, sha256) }
  }
  const { snapshot, ...genesis } = await rollup.genesis()
  return { ...genesis, readSnapshot: async () => snapshot }
}

/** Lists posted sequences above batch `floor` up to the end of `last`, lowest first. */
async function sequencesBetween(rollup: RollupContext, floor: number, last: SequenceRef): Promise<SequenceRef[]> {
  return (await sequencesAbove(rollup, floor)).filter((s) => s.from > floor && s.to <= last.to)
}

/** Lists posted sequences that end above batch `floor`, lowest first. */
async function sequencesAbove({ name, chain, contract, limits }: RollupContext, floor: number): Promise<SequenceRef[]> {
  const { sequences } = await chain.readRollup({ contract, floor, confirmations: limits.confirmations })
  return sequences.map(({ from, to, accInputHash }) => ({ rollup: name, from, to, accInputHash }))
}

/**
 * Executes one sequence's batches and stores what is kept of it, each by itself: executing takes minutes, and a
 * connection held so long is missing where a window is open. Half of a sequence counts for nothing, and doing it again
 * is harmless.
 */
async function prepareOne(
  { db }: ProvingDeps,
  rollup: RollupContext,
  { sequence, keepsInputs, keepsState, replay, onBatch }: ReplayStep & { replay: Replay; onBatch(batch: number): void },
): Promise<void> {
  const batches = await readBatches(rollup, sequence, replay)
  const ids = await rollup.ids()
  for (const batch of batches) {
    const executed = await ofData(() => orCancelled(replay.execute(batch, ids)))
    if (keepsInputs) await storeBatch(db, { rollup: rollup.name, executed })
    onBatch(replay.state.batchNum)
  }
  if (!keepsState) return
  const state = { ...replay.state, snapshot: await replay.snapshot() }
  await storeSnapshot(db, { rollup: rollup.name, state })
}

/**
 * Waits for work unless it is cancelled. What another thread does can't be stopped halfway, but needn't be waited for.
 */
const orCancelled = <T>(work: Promise<T>): Promise<T> => Promise.race([work, Context.current().cancelled])

/**
 * @throws UnusableDataError when the data can't be decoded or isn't what the contract's accumulated hash was made of.
 */
async function readBatches(rollup: RollupContext, sequence: SequenceRef, replay: Replay): Promise<PostedBatch[]> {
  const { chain, contract, deployedAtBlock, name } = rollup
  const posted = await chain.readSequencing({ contract, range: sequence, deployedAtBlock })
  if (posted === undefined) throw new SequenceNotPostedError(sequence)
  if (posted.isForced) throw new UnusableDataError(new ForcedBatchesError(sequence))
  const { batches, accInputHash: actual } = await ofData(() => orCancelled(replay.decode(posted.calldata)))
  if (batches.length !== batchCount(sequence) || actual !== sequence.accInputHash) {
    throw new UnusableDataError(
      new AccInputHashMismatchError({ rollup: name, batchNum: sequence.to, expected: sequence.accInputHash, actual }),
    )
  }
  return batches
}

/** Takes what a kind says against posted data for a fault of the data. */
async function ofData<T>(read: () => T | Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    throw error instanceof FatalError ? new UnusableDataError(error) : error
  }
}

/**
 * Sets a hold, which outlives any workflow; lifting it lets the sequence try again.
 * @throws SequenceNotPostedError when a reorg changed the data meanwhile: that heals without an operator.
 */
async function quarantine(
  { db }: ProvingDeps,
  rollup: RollupContext,
  sequence: SequenceRef,
  error: FatalError,
): Promise<Preparation> {
  const now = await sequencesBetween(rollup, sequence.from - 1, sequence)
  if (!now.some(({ accInputHash }) => accInputHash === sequence.accInputHash))
    throw new SequenceNotPostedError(sequence)
  const reason = error.describe()
  await setHold(db, { rollup: sequence.rollup, key: sequence, hold: 'quarantined', reason, who: 'zkpow' })
  return { status: 'quarantined', reason }
}

/** Makes a failure of our own: the SDK's word for it would read as if the workflow had cancelled it. */
const shutdownFailure = (sequence: SequenceRef): ApplicationFailure =>
  ApplicationFailure.create({
    type: 'PreparationShutdownError',
    message: `The aggregator was stopped while it prepared batches ${formatRange(sequence)}.`,
  })
