import type { Hex } from '../base/ranges.ts'
import type { PartStatus } from '../proof/status.ts'
import type { Step } from './next-step.ts'
import { type Holds, type ProofReference, proofReference, type SequenceView } from './view.ts'

/** What a sequence is at, as search attribute, in lists and in the Web UI. */
export const SEQUENCE_PHASES = ['prepare', 'proving', 'submit', 'held', 'done'] as const
export type SequencePhase = (typeof SEQUENCE_PHASES)[number]

/** What a sequence's workflow has to know of what was looked at. All of it would fill histories. */
export interface LookedAt {
  atHead: Pick<SequenceView['atHead'], 'accInputHash' | 'isVerified'>
  holds: Pick<Holds, 'cancelled' | 'quarantined'>
  /** What its step commits to, or sends. */
  finalProof: ProofReference | null
}

/** Picks those facts of a whole view. */
export function lookedAt({
  atHead: { accInputHash, isVerified },
  holds: { cancelled, quarantined },
  finalProof,
}: SequenceView): LookedAt {
  return {
    atHead: { accInputHash, isVerified },
    holds: { cancelled, quarantined },
    finalProof: finalProof && proofReference(finalProof),
  }
}

/** What one look at a sequence says. */
export interface SequenceLook {
  view: LookedAt
  step: Step
  /** Estimated time until `step.untilBlock` is the head, ms. It is null when no block is waited for. */
  waitMs: number | null
  /** Our hash is out in a live round, so its proof is owed. */
  owesProof: boolean
}

/** Where a sequence stands, for operators. */
export interface SequenceStatus {
  phase: SequencePhase
  /** What it is waiting for and why, one sentence. */
  waitingFor: string
  /** Verified proofs of this sequence, and how many it needs in all. */
  proofsDone: number
  proofsNeeded: number
  /** The last decision of the submission loop. */
  step: Step | null
  /** Tasks that have been quarantined, with the reason. Those of its parts are among them. */
  quarantined: string | null
  /** Parts that are being proved by workflows of their own, as they last told. Only long sequences have any. */
  parts: PartStatus[]
}

/** Says where a sequence stands when its next step is this one. */
export function phaseOf(step: Step): SequencePhase {
  if (step.kind === 'done') return 'done'
  if (step.kind === 'reprove') return 'proving'
  return step.kind === 'wait' && step.code === 'held-by-operator' ? 'held' : 'submit'
}

/**
 * Tells whether a look says that proofs which are being made can't earn any more, so that machines are needed
 * elsewhere. Our hash outlives a rival's verification and every hold, but other data than those that are proved end it,
 * too. What a reorg took away may come back, and is proved on.
 * @param data accumulated input hash of the data that is being proved.
 */
export function endsProving(
  { view: { atHead, holds }, owesProof }: Pick<SequenceLook, 'view' | 'owesProof'>,
  data: Hex,
): boolean {
  if (atHead.accInputHash !== null && atHead.accInputHash !== data) return true
  if (owesProof) return false
  return atHead.isVerified || holds.cancelled !== null || holds.quarantined !== null
}
