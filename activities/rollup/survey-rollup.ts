import type { BlockRef } from '../../chain/endpoints/endpoints.ts'
import { hasUnfinalCommit } from '../../db/attempts/attempts.ts'
import type { Db } from '../../db/connection/connect.ts'
import { listHolds } from '../../db/decisions/holds.ts'
import { listRunningSequences } from '../../db/decisions/sequences.ts'
import { setFloor } from '../../db/deployment/deployments.ts'
import { listFinalProofs } from '../../db/proofs/proofs.ts'
import type { SequenceKey, SequenceRef } from '../../protocol/base/ranges.ts'
import { asksForHash, judgeRollup, type PostedFacts, type RollupFacts } from '../../protocol/rollup/judge.ts'
import { leastRewardOf } from '../../protocol/sequence/view.ts'
import type { WatchActivities } from '../../protocol/temporal/activities.ts'
import { sequenceWorkflowId } from '../../protocol/temporal/ids.ts'
import type { RollupContext, SubmissionDeps } from '../context.ts'
import { estimateBlockMs, sequenceSetting } from '../context.ts'
import { readAboveFloor } from './settled-batches.ts'
import { listRunning } from './start-sequences.ts'

/** Reads what is known of a rollup, has it judged, and keeps the floor that comes of it. */
export const createSurveyRollup =
  (deps: SubmissionDeps): WatchActivities['surveyRollup'] =>
  async ({ rollup: name, about }) => {
    const rollup = deps.rollupOf(name)
    const { floorBatch, survey } = judgeRollup(await readFacts(deps, rollup), about)
    await setFloor(deps.db, { rollup: name, floorBatch })
    return { ...survey, setting: sequenceSetting(rollup) }
  }

async function readFacts({ db, temporal }: SubmissionDeps, rollup: RollupContext): Promise<RollupFacts> {
  const { name, chain, contract, miner, limits, maxUnproved } = rollup
  const { floor: floorBatch, posted } = await readAboveFloor(db, rollup)
  const { head, final, sequences, lastVerifiedBatch, finalVerifiedBatch, lastBatchSequenced } = posted
  const hasVerified = sequences.some(({ to }) => to <= lastVerifiedBatch)
  const areDeep = sequences.every(({ isDeep }) => isDeep)
  const [proofs, unpaidWei, holds, rows, msPerBlock] = await Promise.all([
    listFinalProofs(db, { rollup: name, miner, fromBatch: floorBatch + 1 }),
    hasVerified ? chain.readClaimable({ contract, miner, at: head }) : undefined,
    listHolds(db, { rollup: name }),
    listRunningSequences(db, name),
    areDeep ? null : estimateBlockMs(chain),
  ])
  const hashes = await Promise.all(
    sequences.map((one) =>
      asksForHash(one, { lastVerifiedBatch, holds })
        ? readHash(db, rollup, { ...one, rollup: name }, { at: head, isVerified: one.to <= lastVerifiedBatch })
        : null,
    ),
  )
  // This comes last: a workflow that has ended meanwhile is to be started again now, not at the next survey.
  const running = await listRunning(temporal, name)
  const isRunning = (sequence: SequenceRef) => running.has(sequenceWorkflowId(sequence))
  const proved = new Set(proofs.map((proof) => proof.accInputHash))
  const postedFacts = sequences.map((one, i): PostedFacts => {
    const sequence = { ...one, rollup: name }
    return {
      ...sequence,
      isProved: proved.has(one.accInputHash),
      isRunning: isRunning(sequence),
      hash: hashes[i] ?? null,
    }
  })
  return {
    ...{ head, final: final?.number ?? null, lastVerifiedBatch, finalVerifiedBatch, lastBatchSequenced },
    ...{ floorBatch, holds, unpaidWei, leastRewardWei: leastRewardOf(limits), maxUnproved, msPerBlock },
    posted: postedFacts,
    unended: rows.map((row) => ({ ...row, isRunning: isRunning(row) })),
  }
}

/** Reads what stands of our hash. What may yet land matters for an unverified sequence only. */
async function readHash(
  db: Db,
  { chain, contract, miner }: RollupContext,
  sequence: SequenceKey,
  { at, isVerified }: { at: BlockRef; isVerified: boolean },
): Promise<PostedFacts['hash']> {
  const atHead = await chain.readOnChain({ contract, range: sequence, miner, at })
  return { atHead, unfinalCommit: !isVerified && (await hasUnfinalCommit(db, sequence)) }
}
