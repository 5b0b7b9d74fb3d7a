import { blockedCommit, type GateCondition, liveRound } from './commit-gate.ts'
import type { OwnCommitment, RoundView, SequenceView } from './sequence-view.ts'
import { blocksLeft, firstProveBlock, lastCommitBlock, lastProveBlock, windowPhase } from './windows.ts'

/** What a sequence waits for, as a stable code. */
export type WaitCode =
  | GateCondition
  | 'proof-window-opens'
  | 'commit-window-missed'
  | 'predecessor-unverified'
  | 'finality'
  | 'late-deadline'
  | 'sequence-missing'

/** How a sequence ended. */
export type Outcome = 'proved' | 'proved-by-others' | 'late-deadline-missed' | 'replaced' | 'cancelled'

/**
 * What to do next about a sequence.
 * `untilBlock`: nothing can change by itself before this block is the head; null when only an event helps.
 * `firstBlock`, `lastBlock`: blocks in which the transaction is accepted; null means without limit.
 */
export type Step =
  | { kind: 'wait'; code: WaitCode; why: string; untilBlock: number | null }
  | { kind: 'commit'; firstBlock: number; lastBlock: number | null }
  | { kind: 'prove'; firstBlock: number; lastBlock: number | null; isLate: boolean }
  | { kind: 'reprove'; why: string }
  | { kind: 'claim' }
  | { kind: 'done'; outcome: Outcome }

/** The decision for inclusion in the block after the head. Pure: the same view gives the same step. */
export function nextStep(view: SequenceView): Step {
  const { atHead, expectedAccInputHash } = view
  if (atHead.accInputHash === null) return stepWhenMissing(view)
  if (atHead.accInputHash !== expectedAccInputHash) {
    return { kind: 'reprove', why: 'the posted data changed: the accumulated input hash is another one' }
  }
  return atHead.isVerified ? stepWhenVerified(view) : stepWhenOpen(view)
}

/** Whether our hash is out in a round that counts, so that a proof is owed whatever an operator decides. */
export function owesProof(view: SequenceView): boolean {
  const own = ownInRound(view)
  return own !== null && !own.isProved
}

function stepWhenMissing({ atFinal }: SequenceView): Step {
  if (atFinal.accInputHash === null) return { kind: 'done', outcome: 'replaced' }
  return wait('sequence-missing', 'a reorg took the sequencing transaction away, it may come back', null)
}

function stepWhenVerified(view: SequenceView): Step {
  const own = ownInRound(view)
  if (own === null) return whenFinal(view.atFinal.isVerified, { kind: 'done', outcome: 'proved-by-others' })
  return own.isProved ? stepWhenProved(view) : stepWhenLate(view)
}

function stepWhenProved(view: SequenceView): Step {
  if (!view.atFinal.isVerified || view.atFinal.own?.isProved !== true) return whenFinal(false, { kind: 'done', outcome: 'proved' })
  if (!view.hasClaims || view.atFinal.own.isSettled) return { kind: 'done', outcome: 'proved' }
  const deadline = view.atHead.round?.lateProofDeadlineBlock ?? 0
  if (inclusionBlock(view) > deadline) return view.atHead.own?.isSettled ? whenFinal(false, { kind: 'claim' }) : { kind: 'claim' }
  return wait('late-deadline', `reward is shared when late proofs end after block ${deadline}`, deadline)
}

function stepWhenLate(view: SequenceView): Step {
  const deadline = view.atHead.round?.lateProofDeadlineBlock ?? null
  const block = inclusionBlock(view)
  if (deadline !== null && block > deadline) return whenFinal(view.atFinal.isVerified, { kind: 'done', outcome: 'late-deadline-missed' })
  return proveStep(view, { firstBlock: block, lastBlock: deadline, isLate: true })
}

function stepWhenOpen(view: SequenceView): Step {
  const { round } = view.atHead
  if (ownInRound(view) !== null && round !== null && windowPhase(round, inclusionBlock(view)) !== 'expired')
    return stepWhenCommitted(view, round)
  if (view.holds.cancelled !== null) return { kind: 'done', outcome: 'cancelled' }
  if (view.finalProof === null) return stepToProve(view)
  return stepToCommit(view)
}

function stepWhenCommitted(view: SequenceView, round: RoundView): Step {
  const block = inclusionBlock(view)
  const first = firstProveBlock(round)
  const last = lastProveBlock(round)
  if (view.finalProof === null) return { kind: 'reprove', why: 'our hash is out and its final proof is in no store' }
  if (view.isContractPaused) return wait('contract-paused', 'the contract is in its emergency pause', null)
  if (block < first) return wait('proof-window-opens', `T1: proofs open at block ${first}, ${first - view.head.number} blocks`, first - 1)
  if (view.predecessors.length > 0) {
    const lowest = view.predecessors[0]
    const left = blocksLeft(view.head.number, last)
    return wait('predecessor-unverified', `T2: ${left} blocks left; batches ${lowest?.from}-${lowest?.to} come first`, null)
  }
  return proveStep(view, { firstBlock: first, lastBlock: last, isLate: false })
}

function stepToProve({ holds }: SequenceView): Step {
  const held = holds.paused ?? holds.quarantined
  if (held !== null) return wait('held-by-operator', held, null)
  return { kind: 'reprove', why: 'no final proof of this data is stored' }
}

function stepToCommit(view: SequenceView): Step {
  const block = inclusionBlock(view)
  const round = liveRound(view, block)
  if (round !== null && windowPhase(round, block) === 'prove') {
    const last = lastProveBlock(round)
    return wait(
      'commit-window-missed',
      `too late for the round of block ${round.startBlock}; a new one may open at block ${last + 1}`,
      last,
    )
  }
  const blocked = blockedCommit(view, block)
  if (blocked !== null) return wait(blocked.condition, blocked.why, null)
  return { kind: 'commit', firstBlock: block, lastBlock: round === null ? null : lastCommitBlock(round) }
}

function proveStep(view: SequenceView, window: { firstBlock: number; lastBlock: number | null; isLate: boolean }): Step {
  const own = view.atHead.own
  if (view.finalProof === null) return { kind: 'reprove', why: 'our hash is out and its final proof is in no store' }
  if (own !== null && view.finalProof.proofHash !== own.proofHash) {
    return { kind: 'reprove', why: `the stored final proof hashes to ${view.finalProof.proofHash}, the commitment is ${own.proofHash}` }
  }
  return { kind: 'prove', ...window }
}

/** Our commitment, if it belongs to the round that the contract knows now. */
function ownInRound({ atHead: { own, round } }: SequenceView): OwnCommitment | null {
  return own !== null && round !== null && own.roundStartBlock === round.startBlock ? own : null
}

/** The earliest block that a transaction sent now can be in. */
const inclusionBlock = (view: SequenceView): number => view.head.number + 1

const wait = (code: WaitCode, why: string, untilBlock: number | null): Step => ({ kind: 'wait', code, why, untilBlock })

const whenFinal = (isFinal: boolean, step: Step): Step => (isFinal ? step : wait('finality', 'waiting for the block to become final', null))
