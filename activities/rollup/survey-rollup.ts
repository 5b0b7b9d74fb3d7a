import type { RollupOnChain } from '../../chain/contract/rollup-reader.ts'
import { hasUnfinalCommit } from '../../db/attempts/attempts.ts'
import type { Db } from '../../db/connection/connect.ts'
import { type Hold, listHolds } from '../../db/decisions/holds.ts'
import { listRunningSequences, type SequenceRow } from '../../db/decisions/sequences.ts'
import { setFloor } from '../../db/deployment/deployments.ts'
import { listFinalProofs } from '../../db/proofs/proofs.ts'
import { type BatchRange, formatRange, type SequenceKey } from '../../protocol/base/ranges.ts'
import type { SurveyedSequence } from '../../protocol/rollup/survey.ts'
import { isLocked, isWorthClaiming, outlivesHolds, owesProof } from '../../protocol/sequence/next-step.ts'
import { finalUnknown } from '../../protocol/sequence/texts.ts'
import { type Holds, holdText, leastRewardOf, ownInRound, type SequenceView } from '../../protocol/sequence/view.ts'
import type { WatchActivities } from '../../protocol/temporal/activities.ts'
import { sequenceWorkflowId } from '../../protocol/temporal/ids.ts'
import type { RollupContext, SubmissionDeps } from '../context.ts'
import { estimateBlockMs, sequenceSetting } from '../context.ts'
import { readAboveFloor } from './settled-batches.ts'
import { listRunning } from './start-sequences.ts'

/** A survey without news: signals wake the rollup much earlier. */
const SURVEY_EVERY_MS = 60_000

/** Sequences that one round starts: some 50 KB of the rollup's history. */
const MAX_STARTED = 200

/** Before the next round, where more are to be started, ms. */
const NEXT_START_MS = 1_000

/** Held sequences that a survey lists though nothing is to be done about them. */
const MAX_HELD = 50

export const createSurveyRollup =
  ({ db, rollupOf, temporal }: SubmissionDeps): WatchActivities['surveyRollup'] =>
  async ({ rollup: name, about }) => {
    const rollup = rollupOf(name)
    const { floor, posted } = await readAboveFloor(db, rollup)
    const proofs = await listFinalProofs(db, { rollup: name, miner: rollup.miner, fromBatch: floor + 1 })
    const provedHashes = new Set(proofs.map((proof) => proof.accInputHash))
    const { chain, contract, miner } = rollup
    const hasVerified = posted.sequences.some(({ to }) => to <= posted.lastVerifiedBatch)
    const unpaidWei = hasVerified ? await chain.readClaimable({ contract, miner, at: posted.head }) : undefined
    const ends = await Promise.all(posted.sequences.map((sequence) => endOf(rollup, sequence, posted, unpaidWei)))
    await setFloor(db, { rollup: name, floorBatch: floorAfter(floor, posted.sequences, ends) })
    const holds = await listHolds(db, { rollup: name })
    const ofAll = holdsOf(holds, null)
    const open = posted.sequences
      .filter((_, i) => ends[i] === 'open')
      .map((s) => ({ ...s, rollup: name, isProved: provedHashes.has(s.accInputHash) }))
    const judged = await Promise.all(
      open.map((s) => withHolds(db, rollup, s, { ofAll, own: holdsOf(holds, s), posted })),
    )
    const ending = unended(await listRunningSequences(db, name), open)
    const within = withinReach(judged, rollup.maxUnproved)
    const running = await listRunning(temporal, name)
    const all = [...ending, ...within].map((s) => (running.has(sequenceWorkflowId(s)) ? { ...s, isRunning: true } : s))
    const needed = about === undefined ? neededOf(all) : all.filter((s) => s.from <= about.to && s.to >= about.from)
    const isMore = all.some((s) => isToStart(s) && !needed.includes(s))
    return {
      lastVerifiedBatch: posted.lastVerifiedBatch,
      lastBatchSequenced: posted.lastBatchSequenced,
      open: needed,
      openInAll: ending.length + open.length,
      beyondReach: judged.length - within.length,
      maxUnproved: rollup.maxUnproved,
      held: ofAll && holdText(ofAll),
      ...(posted.finalVerifiedBatch === null && {
        finality: finalUnknown({ head: posted.head.number, final: posted.final?.number ?? null }),
      }),
      isCancelled: ofAll !== null && ofAll.cancelled !== null,
      waitMs: isMore ? NEXT_START_MS : await nextSurveyMs(rollup, open),
      setting: sequenceSetting(rollup),
    }
  }

/** A sequence gets deep without any event: it takes one more block, or a few. */
async function nextSurveyMs({ chain }: RollupContext, open: readonly SurveyedSequence[]): Promise<number> {
  return open.every(({ isDeep }) => isDeep) ? SURVEY_EVERY_MS : Math.min(SURVEY_EVERY_MS, await estimateBlockMs(chain))
}

const isBegun = ({ isProved, isOwed }: SurveyedSequence): boolean => isProved || isOwed === true

const isToStart = (one: SurveyedSequence): boolean => isBegun(one) && one.isRunning !== true

/**
 * What a round has to start, what it may begin, and what operators are told about: not what runs, which may be
 * thousands.
 */
function neededOf(all: readonly SurveyedSequence[]): SurveyedSequence[] {
  const started = all.filter(isToStart).slice(0, MAX_STARTED)
  const others = all.filter((one) => !isToStart(one))
  const begun = others.filter((one) => !isBegun(one) && one.holds === undefined)
  const held = others.filter((one) => one.holds !== undefined).slice(0, MAX_HELD)
  return all.filter((one) => [started, begun, held].some((some) => some.includes(one)))
}

/**
 * All that are proved or decided about, and as many of the others as may be begun: a long backlog must not fill
 * histories.
 */
function withinReach(open: readonly SurveyedSequence[], maxUnproved: number): SurveyedSequence[] {
  const isListed = ({ isProved, holds, isOwed }: SurveyedSequence) => isProved || holds !== undefined || isOwed === true
  const others = open.filter((sequence) => !isListed(sequence)).slice(0, maxUnproved)
  return open.filter((sequence) => isListed(sequence) || others.includes(sequence))
}

/**
 * Sequences whose rows don't say how they ended, though nothing is left to do about them: their workflows say it, and
 * are begun again where an emptied Temporal has lost them. One for all rows that a reorg has left of a sequence.
 */
function unended(running: readonly SequenceRow[], open: readonly BatchRange[]): SurveyedSequence[] {
  const listed = new Set(open.map(formatRange))
  return running.flatMap(({ rollup, from, to, accInputHash }) => {
    const range = formatRange({ from, to })
    if (listed.has(range)) return []
    listed.add(range)
    return [{ rollup, from, to, accInputHash, isProved: false, isDeep: true, isOwed: true }]
  })
}

/** `open` needs a workflow, `closing` only a final block, `closed` nothing any more. */
type End = 'open' | 'closing' | 'closed'

/**
 * A sequence is open while it is unverified, or while our hash in its verified round is unproved or unsettled
 * (docs/design.md#when-a-sequence-is-over).
 */
async function endOf(
  { chain, contract, miner, limits }: RollupContext,
  range: BatchRange,
  posted: RollupOnChain,
  unpaidWei: bigint | undefined,
): Promise<End> {
  if (range.to > posted.lastVerifiedBatch) return 'open'
  const atHead = await chain.readOnChain({ contract, range, miner, at: posted.head })
  if (isLeftToDo({ head: posted.head, atHead }, unpaidWei, leastRewardOf(limits))) return 'open'
  return posted.finalVerifiedBatch !== null && range.to <= posted.finalVerifiedBatch ? 'closed' : 'closing'
}

/**
 * @param unpaidWei of the whole account, undefined at a contract of 2023; a stranger's settlement credits it without
 * paying.
 */
function isLeftToDo(
  view: Pick<SequenceView, 'head' | 'atHead'>,
  unpaidWei: bigint | undefined,
  leastWei: bigint,
): boolean {
  const { own } = view.atHead
  if (own === null || unpaidWei === undefined) return owesProof(view)
  return (
    owesProof(view) || isLocked(own) || (ownInRound(view.atHead) !== null && isWorthClaiming(own, unpaidWei, leastWei))
  )
}

/** What is decided about a sequence alone, or with null about the whole rollup; null when nothing is. */
function holdsOf(all: readonly Hold[], range: BatchRange | null): Holds | null {
  const meant = all.filter((one) => one.range?.from === range?.from && one.range?.to === range?.to)
  const reasonOf = (kind: keyof Holds) => meant.find(({ hold }) => hold === kind)?.reason ?? null
  if (meant.length === 0) return null
  return { paused: reasonOf('paused'), cancelled: reasonOf('cancelled'), quarantined: reasonOf('quarantined') }
}

async function withHolds(
  db: Db,
  rollup: RollupContext,
  sequence: SurveyedSequence,
  { ofAll, own, posted }: { ofAll: Holds | null; own: Holds | null; posted: RollupOnChain },
): Promise<SurveyedSequence> {
  const held = own !== null && { holds: own }
  // Open only while something is left to settle: were they counted as work to be begun, they would keep it from what is
  // behind them.
  if (sequence.to <= posted.lastVerifiedBatch) return { ...sequence, ...held, isOwed: true }
  if (ofAll === null && own === null) return sequence
  return { ...sequence, ...held, isOwed: await isOwed(db, rollup, sequence, posted) }
}

/** Of an unverified sequence it's our hash that counts. */
async function isOwed(db: Db, rollup: RollupContext, sequence: SequenceKey, posted: RollupOnChain): Promise<boolean> {
  const { chain, contract, miner } = rollup
  const atHead = await chain.readOnChain({ contract, range: sequence, miner, at: posted.head })
  return outlivesHolds({ head: posted.head, atHead, unfinalCommit: await hasUnfinalCommit(db, sequence) })
}

/** The last batch before the first sequence that isn't closed. */
function floorAfter(floor: number, sequences: readonly BatchRange[], ends: readonly End[]): number {
  const firstLeft = ends.findIndex((end) => end !== 'closed')
  const closed = firstLeft === -1 ? sequences : sequences.slice(0, firstLeft)
  return closed.at(-1)?.to ?? floor
}
