import { type BatchRange, formatRange, type Hex, isSameRange, type SequenceRef } from '../base/ranges.ts'
import { isLocked, isWorthClaiming, outlivesHolds, owesProof } from '../sequence/next-step.ts'
import { finalUnknown } from '../sequence/texts.ts'
import { type Holds, holdText, type OnChain, ownInRound } from '../sequence/view.ts'
import type { RollupSurvey, SurveyedSequence } from './survey.ts'

/** A survey without news: signals wake the rollup much earlier. */
const SURVEY_EVERY_MS = 60_000

/** Sequences that one round starts: some 50 KB of the rollup's history. */
const MAX_STARTED = 200

/** Before the next round, where more are to be started, ms. */
const NEXT_START_MS = 1_000

/**
 * Sequences that a survey lists to be begun. They are prepared one after the other, with surveys meanwhile, and
 * hundreds of surveys that list a thousand would fill the rollup's history.
 */
const MAX_BEGUN = 50

/** Held sequences that a survey lists though nothing is to be done about them. */
const MAX_HELD = 50

/** What is known of a rollup: all of the chain's part after one block. */
export interface RollupFacts {
  head: { number: number; hash: Hex }
  /** Number of the final block, and what is verified there; each null while it isn't known. */
  final: number | null
  finalVerifiedBatch: number | null
  lastVerifiedBatch: number
  lastBatchSequenced: number
  /** The last batch about which nothing was left to do so far. */
  floorBatch: number
  /** All above the floor, lowest first. */
  posted: readonly PostedFacts[]
  /**
   * Sequences, posted or no longer, whose rows don't say how they ended. A sequence has several rows where a reorg
   * changed its data.
   */
  unended: readonly (SequenceRef & { isRunning: boolean })[]
  holds: readonly CurrentHold[]
  /** Credited to the account and not paid out; undefined at a contract of 2023. */
  unpaidWei: bigint | undefined
  /** What a claim must bring. */
  leastRewardWei: bigint
  /** How many may be unproved at a time. */
  maxUnproved: number
  /** Null where it isn't asked, because every sequence is deep. */
  msPerBlock: number | null
}

export interface PostedFacts extends SequenceRef {
  /** Its data is as deep on chain as the configuration asks for. */
  isDeep: boolean
  /** A final proof of it, by us, for this very data. */
  isProved: boolean
  /** Its workflow runs. */
  isRunning: boolean
  /** What stands there, or may yet, of our hash; null where `asksForHash` says that nobody asks. */
  hash: { atHead: OnChain; unfinalCommit: boolean } | null
}

/** What an operator decided about a sequence, or with `range` null about the whole rollup. */
interface CurrentHold {
  range: BatchRange | null
  hold: keyof Holds
  reason: string
}

/** What a survey comes to. */
interface JudgedRollup {
  /** The last batch about which nothing is left to do. */
  floorBatch: number
  survey: Omit<RollupSurvey, 'setting'>
}

/**
 * Tells whether it matters what stands of our hash: what is verified may be left to settle, what is held may be owed.
 */
export const asksForHash = (
  range: BatchRange,
  { lastVerifiedBatch, holds }: Pick<RollupFacts, 'lastVerifiedBatch' | 'holds'>,
): boolean =>
  range.to <= lastVerifiedBatch || holds.some((hold) => hold.range === null || isSameRange(hold.range, range))

/**
 * Tells which sequences of a rollup need work, and what stands in their way.
 * @param about of which batches all is to be told; of all of them what needs something, where it is undefined.
 */
export function judgeRollup(facts: RollupFacts, about?: BatchRange): JudgedRollup {
  const { posted, lastVerifiedBatch, lastBatchSequenced, maxUnproved, head, final } = facts
  const ends = posted.map((one) => endOf(one, facts))
  const ofAll = holdsOf(facts.holds, null)
  const open = posted.filter((_, i) => ends[i] === 'open').map((one) => surveyed(one, facts))
  const within = withinReach(open, maxUnproved)
  const ending = unended(facts.unended, open)
  const all = [...ending, ...within]
  const needed = about === undefined ? neededOf(all) : all.filter((s) => s.from <= about.to && s.to >= about.from)
  const left = all.filter((one) => !needed.includes(one))
  const survey = {
    ...{ lastVerifiedBatch, lastBatchSequenced, maxUnproved },
    open: needed,
    openInAll: ending.length + open.length,
    beyondReach: open.length - within.length,
    moreToBegin: left.filter(isToBegin).length,
    held: ofAll && holdText(ofAll),
    ...(facts.finalVerifiedBatch === null && { finality: finalUnknown({ head: head.number, final }) }),
    isCancelled: ofAll !== null && ofAll.cancelled !== null,
    waitMs: left.some(isToStart) ? NEXT_START_MS : nextSurveyMs(open, facts),
  }
  return { floorBatch: floorAfter(facts, ends), survey }
}

/** Says when to survey again. A sequence gets deep without any event: it takes one more block, or a few. */
function nextSurveyMs(open: readonly SurveyedSequence[], { msPerBlock }: RollupFacts): number {
  if (msPerBlock === null || open.every(({ isDeep }) => isDeep)) return SURVEY_EVERY_MS
  return Math.min(SURVEY_EVERY_MS, msPerBlock)
}

const isBegun = ({ isProved, isOwed }: SurveyedSequence): boolean => isProved || isOwed === true

const isToStart = (one: SurveyedSequence): boolean => isBegun(one) && one.isRunning !== true

const isToBegin = (one: SurveyedSequence): boolean => !isBegun(one) && one.isRunning !== true && one.holds === undefined

/**
 * Lists what a round has to start, what it may begin, and what operators are told about: not what runs, which may be
 * thousands.
 */
function neededOf(all: readonly SurveyedSequence[]): SurveyedSequence[] {
  const started = all.filter(isToStart).slice(0, MAX_STARTED)
  const begun = all.filter(isToBegin).slice(0, MAX_BEGUN)
  const held = all.filter((one) => !isToStart(one) && one.holds !== undefined).slice(0, MAX_HELD)
  const needed = new Set([...started, ...begun, ...held])
  return all.filter((one) => needed.has(one))
}

/**
 * Leaves all that are proved or decided about, and as many of the others as may be begun: a long backlog must not fill
 * histories.
 */
function withinReach(open: readonly SurveyedSequence[], maxUnproved: number): SurveyedSequence[] {
  const isListed = ({ isProved, holds, isOwed }: SurveyedSequence) => isProved || holds !== undefined || isOwed === true
  const others = open.filter((sequence) => !isListed(sequence)).slice(0, maxUnproved)
  return open.filter((sequence) => isListed(sequence) || others.includes(sequence))
}

/**
 * Lists the sequences whose rows don't say how they ended, though nothing is left to do about them: their workflows say
 * it, and are begun again where an emptied Temporal has lost them. It has one for all rows that a reorg has left of a
 * sequence.
 */
function unended(rows: RollupFacts['unended'], open: readonly BatchRange[]): SurveyedSequence[] {
  const listed = new Set(open.map(formatRange))
  return rows.flatMap(({ rollup, from, to, accInputHash, isRunning }) => {
    const range = formatRange({ from, to })
    if (listed.has(range)) return []
    listed.add(range)
    const over = { isProved: false, isDeep: true, isOwed: true }
    return [{ rollup, from, to, accInputHash, ...over, ...(isRunning && { isRunning }) }]
  })
}

/** `open` needs a workflow, `closing` only a final block, `closed` nothing any more. */
type End = 'open' | 'closing' | 'closed'

/**
 * Tells how far a sequence is from its end. It is open while it is unverified, or while our hash in its verified round
 * is unproved or unsettled (docs/design.md#when-a-sequence-is-over).
 */
function endOf({ to, hash }: PostedFacts, facts: RollupFacts): End {
  if (to > facts.lastVerifiedBatch || hash === null || isLeftToDo(hash.atHead, facts)) return 'open'
  return facts.finalVerifiedBatch !== null && to <= facts.finalVerifiedBatch ? 'closed' : 'closing'
}

/**
 * Tells whether anything is left to do. A stranger's settlement credits our share without paying it, at any sequence of
 * the account.
 */
function isLeftToDo(atHead: OnChain, { head, unpaidWei, leastRewardWei }: RollupFacts): boolean {
  if (owesProof({ head, atHead })) return true
  const { own } = atHead
  if (own === null || unpaidWei === undefined) return false
  return isLocked(own) || (ownInRound(atHead) !== null && isWorthClaiming(own, unpaidWei, leastRewardWei))
}

/** Gives what is decided about a sequence alone, or with null about the whole rollup; null when nothing is. */
function holdsOf(all: readonly CurrentHold[], range: BatchRange | null): Holds | null {
  const meant = all.filter((one) => one.range?.from === range?.from && one.range?.to === range?.to)
  const reasonOf = (kind: keyof Holds) => meant.find(({ hold }) => hold === kind)?.reason ?? null
  if (meant.length === 0) return null
  return { paused: reasonOf('paused'), cancelled: reasonOf('cancelled'), quarantined: reasonOf('quarantined') }
}

function surveyed({ hash, isRunning, ...sequence }: PostedFacts, facts: RollupFacts): SurveyedSequence {
  const own = holdsOf(facts.holds, sequence)
  const known = { ...sequence, ...(isRunning && { isRunning }), ...(own !== null && { holds: own }) }
  if (hash === null) return known
  // A verified one is open only while something is left to settle: were it counted as work to be begun, it would keep
  // it from what is behind it. Of an unverified one it is our hash that counts.
  const isOwed = sequence.to <= facts.lastVerifiedBatch || outlivesHolds({ head: facts.head, ...hash })
  return { ...known, isOwed }
}

/** Gives the last batch before the first sequence that isn't closed. */
function floorAfter({ floorBatch, posted }: RollupFacts, ends: readonly End[]): number {
  const firstLeft = ends.findIndex((end) => end !== 'closed')
  const closed = firstLeft === -1 ? posted : posted.slice(0, firstLeft)
  return closed.at(-1)?.to ?? floorBatch
}
