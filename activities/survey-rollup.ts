import type { RollupOnChain } from '../chain/rollup-reader.ts'
import { findFloor, raiseFloor } from '../db/deployments.ts'
import { findRollupHolds } from '../db/holds.ts'
import { listFinalProofs } from '../db/proofs.ts'
import type { SurveyedSequence, WatchActivities } from '../protocol/activities.ts'
import type { BatchRange } from '../protocol/sequence.ts'
import { estimateBlockMs } from './block-time.ts'
import type { ProvingDeps, RollupContext } from './context.ts'
import { sequenceSetting } from './context.ts'

/** A survey without news: signals wake the rollup much earlier. */
const SURVEY_EVERY_MS = 60_000

export const createSurveyRollup =
  ({ db, rollupOf }: ProvingDeps): WatchActivities['surveyRollup'] =>
  async ({ rollup: name }) => {
    const rollup = rollupOf(name)
    const floor = Math.max(rollup.startBatch - 1, await findFloor(db, name))
    const posted = await rollup.chain.readRollup({ contract: rollup.contract, floor, confirmations: rollup.limits.confirmations })
    const proofs = await listFinalProofs(db, { rollup: name, miner: rollup.miner, fromBatch: floor + 1 })
    const provedHashes = new Set(proofs.map((proof) => proof.accInputHash))
    const ends = await Promise.all(posted.sequences.map((sequence) => endOf(rollup, sequence, posted)))
    await raiseFloor(db, { rollup: name, floorBatch: floorAfter(floor, posted.sequences, ends) })
    const open = posted.sequences
      .filter((_, i) => ends[i] === 'open')
      .map((s) => ({ ...s, rollup: name, isProved: provedHashes.has(s.accInputHash) }))
    const { paused, cancelled } = await findRollupHolds(db, name)
    return {
      lastVerifiedBatch: posted.lastVerifiedBatch,
      lastBatchSequenced: posted.lastBatchSequenced,
      open: withinReach(open, rollup.maxUnproved),
      maxUnproved: rollup.maxUnproved,
      held: paused ?? cancelled,
      // A sequence gets deep without any event: it takes one more block, or a few.
      waitMs: open.every((sequence) => sequence.isDeep) ? SURVEY_EVERY_MS : await estimateBlockMs(rollup.chain),
      setting: sequenceSetting(rollup),
    }
  }

/** All that are proved, and as many of the others as may be begun: a long backlog must not fill histories. */
function withinReach(open: readonly SurveyedSequence[], maxUnproved: number): SurveyedSequence[] {
  const unproved = open.filter((sequence) => !sequence.isProved).slice(0, maxUnproved)
  return open.filter((sequence) => sequence.isProved || unproved.includes(sequence))
}

/** `open` needs a workflow, `closing` only a final block, `closed` nothing any more. */
type End = 'open' | 'closing' | 'closed'

/** A sequence is open while it is unverified, or while our hash in its verified round is unproved or unsettled (design §1). */
async function endOf({ chain, contract, miner }: RollupContext, range: BatchRange, posted: RollupOnChain): Promise<End> {
  if (range.to > posted.lastVerifiedBatch) return 'open'
  const { own, round } = await chain.readOnChain({ contract, range, miner, at: posted.head })
  const hasClaims = round?.lateProofDeadlineBlock != null
  const isOurs = own !== null && own.roundStartBlock === round?.startBlock
  if (isOurs && !(hasClaims ? own.isSettled : own.isProved)) return 'open'
  return range.to <= posted.finalVerifiedBatch ? 'closed' : 'closing'
}

/** The last batch before the first sequence that isn't closed. */
function floorAfter(floor: number, sequences: readonly BatchRange[], ends: readonly End[]): number {
  const firstLeft = ends.findIndex((end) => end !== 'closed')
  const closed = firstLeft === -1 ? sequences : sequences.slice(0, firstLeft)
  return closed.at(-1)?.to ?? floor
}
