import type { OwedLateProof, PredecessorOnChain } from '../../chain/contract/read-sequence.ts'
import type { BlockRef } from '../../chain/endpoints/endpoints.ts'
import { EXPECTED_FINAL_PROOF_BYTES } from '../../chain/trials/gas.ts'
import { hasUnfinalCommit } from '../../db/attempts/attempts.ts'
import { findHolds } from '../../db/decisions/holds.ts'
import { recordSequence } from '../../db/decisions/sequences.ts'
import { RetryableError } from '../../protocol/base/errors.ts'
import type { BatchRange, Hex, SequenceRef } from '../../protocol/base/ranges.ts'
import { stepId } from '../../protocol/sender/intent.ts'
import { lookedAt, phaseOf, type SequenceLook } from '../../protocol/sequence/look.ts'
import { nextStep, owesProof } from '../../protocol/sequence/next-step.ts'
import { describeStep } from '../../protocol/sequence/texts.ts'
import { leastRewardOf, type Predecessor, type SequenceView } from '../../protocol/sequence/view.ts'
import { nextLookMs } from '../../protocol/sequence/wake-up.ts'
import type { SubmissionActivities } from '../../protocol/temporal/activities.ts'
import type { ProvingDeps, RollupContext } from '../context.ts'
import { estimateBlockMs } from '../context.ts'
import {
  findCommittedProof,
  findDamagedProof,
  findFinalProof,
  judgeProof,
  type KeptFinalProof,
} from '../proof/final-proof.ts'
import { lastSettledBatch } from '../rollup/settled-batches.ts'
import { findTrouble } from './find-trouble.ts'
import { readLiabilities } from './read-liabilities.ts'
import { rehearse, whyReverting } from './rehearse.ts'
import { findSpentProof } from './spent-proof.ts'

export const createLookAtSequence =
  (deps: ProvingDeps): SubmissionActivities['lookAtSequence'] =>
  async ({ sequence }) => {
    const rollup = deps.rollupOf(sequence.rollup)
    const view = await readView(deps, rollup, sequence)
    const step = nextStep(view)
    await record(deps, sequence, view, { step, trouble: await findTrouble(deps, rollup, sequence, { view, step }) })
    const isOwed = owesProof(view)
    const waitMs = nextLookMs({
      step,
      head: view.head.number,
      msPerBlock: await estimateBlockMs(rollup.chain),
      owesProof: isOwed,
    })
    return { view: lookedAt(view), step, waitMs, owesProof: isOwed }
  }

/**
 * Reads everything that decides, the chain's part at one block hash.
 * @param p.meant the hash that is to be committed to, where another one of ours may stand. @default the one that stands
 */
export async function readView(
  deps: ProvingDeps,
  rollup: RollupContext,
  sequence: SequenceRef,
  { meant }: { meant?: Hex | undefined } = {},
): Promise<SequenceView> {
  const { chain, contract, miner, deployedAtBlock, limits } = rollup
  const kept = await findFinalProof(deps, rollup, sequence)
  const finalProofBytes = kept?.size ?? EXPECTED_FINAL_PROOF_BYTES
  const { final, predecessors, owedLate, ...onChain } = await chain.readSequence({
    contract,
    range: sequence,
    miner,
    finalProofBytes,
    deployedAtBlock,
    floor: await lastSettledBatch(deps.db, rollup),
  })
  const committed = meant ?? onChain.atHead.own?.proofHash ?? null
  const owed = kept?.proofHash === committed ? kept : await findFinalProof(deps, rollup, sequence, committed)
  // Only a new hash asks what else the account may have to pay.
  const { atHead, head } = onChain
  const asksNothing = onChain.atHead.isVerified || owesProof(onChain)
  const liabilities = asksNothing
    ? []
    : await readLiabilities(deps, rollup, { at: onChain.head, except: stepId(sequence, 'commit') })
  const view: SequenceView = {
    ...onChain,
    funds: { ...onChain.funds, liabilities },
    expectedAccInputHash: sequence.accInputHash,
    ...(final !== null && { finalBlock: final.number }),
    ...(asksNothing ? {} : await readRewardIfAsked(rollup, sequence, head)),
    finalProof:
      owed &&
      (await judgeProof(deps, rollup, sequence, { kept: owed, at: head }).catch(
        asksNothing ? unjudged(owed) : undefined,
      )),
    ...(owed === null && { damagedProof: await findDamagedProof(deps, rollup, sequence) }),
    predecessors: await withProofs(deps, rollup, predecessors),
    owedLateProofs: await whereSendable(deps, rollup, owedLate, head),
    spentProofBlock: await findSpentProof(deps.db, rollup, { sequence, atHead, head }),
    unfinalCommit: await hasUnfinalCommit(deps.db, sequence),
    limits,
    holds: await findHolds(deps.db, sequence),
  }
  return asksNothing ? view : { ...view, ...(await rehearse(deps, rollup, sequence, view)) }
}

/** Reads what the sequence pays, where the operator has said how much it must. */
async function readRewardIfAsked({ chain, contract, limits }: RollupContext, { to }: BatchRange, at: BlockRef) {
  if (leastRewardOf(limits) === 0n) return {}
  const rewardWei = await chain.readReward({ contract, to, at })
  return rewardWei === undefined ? {} : { rewardWei: `${rewardWei}` }
}

/**
 * Makes do without the verifier. Where it can't be asked now, what is owed goes on all the same, and what is over: only
 * a new hash needs its word.
 */
const unjudged = (owed: KeptFinalProof) => (error: unknown) => {
  if (!(error instanceof RetryableError)) throw error
  return { ...owed, isAcceptedByContract: null }
}

/**
 * Leaves the late proofs that can be sent, for all we know: they are stored, and nobody cancelled their sequences. A
 * contract of 2023 punishes them if another goes first.
 */
async function whereSendable(
  deps: ProvingDeps,
  rollup: RollupContext,
  owed: readonly OwedLateProof[],
  head: BlockRef,
): Promise<BatchRange[]> {
  const areSendable = await Promise.all(owed.map((one) => isSendable(deps, rollup, one, head)))
  return owed.flatMap(({ from, to }, i) => (areSendable[i] ? [{ from, to }] : []))
}

/**
 * Tells whether a late proof can be sent. What the contract has fined, or would refuse, stays where it is, and mustn't
 * keep others from being committed to.
 */
async function isSendable(
  deps: ProvingDeps,
  rollup: RollupContext,
  owed: OwedLateProof,
  head: BlockRef,
): Promise<boolean> {
  const { from, to, accInputHash, proofHash, atHead } = owed
  const sequence = { rollup: rollup.name, from, to, accInputHash }
  if ((await findHolds(deps.db, sequence)).cancelled !== null) return false
  const kept = await findCommittedProof(deps, rollup, sequence, proofHash)
  if (kept === null || kept === 'unknown') return kept === 'unknown'
  if ((await findSpentProof(deps.db, rollup, { sequence, atHead, head })) !== null) return false
  if ((await judgeProof(deps, rollup, sequence, { kept, at: head })).isAcceptedByContract === false) return false
  return (await whyReverting(deps, rollup, sequence, { proof: kept, head })) === null
}

/** Adds whether what our hash there commits to can be proved, whichever store is emptied next. */
function withProofs(
  deps: ProvingDeps,
  rollup: RollupContext,
  predecessors: readonly PredecessorOnChain[],
): Promise<Predecessor[]> {
  return Promise.all(
    predecessors.map(async ({ from, to, accInputHash, ownLiveRound, proofHash }) => {
      const sequence = { rollup: rollup.name, from, to, accInputHash }
      const kept = proofHash === null ? null : await findCommittedProof(deps, rollup, sequence, proofHash)
      return { from, to, ownLiveRound, isOwnProofStored: kept !== null && kept !== 'unknown' && kept.isInBothStores }
    }),
  )
}

async function record(
  { db }: ProvingDeps,
  sequence: SequenceRef,
  { atHead, sequencedAtBlock }: SequenceView,
  { step, trouble }: { step: SequenceLook['step']; trouble: string | null },
): Promise<void> {
  const accInputHash = atHead.accInputHash ?? sequence.accInputHash
  // Else the row of the data before a reorg would look as if it ran for ever.
  if (accInputHash !== sequence.accInputHash) {
    await recordSequence(db, { sequence, phase: 'done', text: 'a reorg replaced its data', outcome: 'replaced' })
  }
  await recordSequence(db, {
    sequence: { ...sequence, accInputHash },
    phase: phaseOf(step),
    text: trouble === null ? describeStep(step) : `${describeStep(step)}: ${trouble}`,
    code: step.kind === 'wait' ? step.code : null,
    sequencedAtBlock,
    outcome: step.kind === 'done' ? step.outcome : null,
  })
}
