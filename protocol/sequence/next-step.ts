import { formatRange } from '../base/ranges.ts'
import { blocksLeft, commitWindow, lastProveBlock, proofWindow, windowPhase } from '../base/windows.ts'
import { blockedCommit, blockedProof, blockedWork } from './commit-gate.ts'
import type { Blocked, GateCondition } from './gate-conditions.ts'
import { liveRound } from './gate-windows.ts'
import { spentText } from './spent-proof.ts'
import { finalUnknown, refusalText } from './texts.ts'
import { leastRewardOf, type OwnCommitment, ownInRound, type RoundView, type SequenceView } from './view.ts'

/** What a sequence waits for, as a stable code. */
export type WaitCode =
  | GateCondition
  | 'proof-window-opens'
  | 'commit-window-missed'
  | 'commit-in-flight'
  | 'commitment-unmatched'
  | 'predecessor-unverified'
  | 'finality'
  | 'late-deadline'
  | 'sequence-missing'

/** How a sequence ended. */
export type Outcome = 'proved' | 'proved-by-others' | 'late-deadline-missed' | 'replaced' | 'cancelled'

/**
 * What to do next about a sequence.
 * - `untilBlock`: it is worth looking again when this block is the head. It is null when only an event is known to
 *   help.
 * - `claim` settles our commitment: it pays the share of a proof and frees the stake that a hash without one locked.
 * - `firstBlock`, `lastBlock`: the blocks in which the transaction is accepted. Null means without limit.
 */
export type Step =
  | { kind: 'wait'; code: WaitCode; why: string; untilBlock: number | null }
  | { kind: 'commit'; firstBlock: number; lastBlock: number | null }
  | { kind: 'prove'; firstBlock: number; lastBlock: number | null; isLate: boolean }
  | { kind: 'reprove'; why: string }
  | { kind: 'claim' }
  | { kind: 'done'; outcome: Outcome }

/** What stands on chain of our hash, or may yet. */
type HashView = Pick<SequenceView, 'head' | 'atHead' | 'unfinalCommit'>

/** Decides for inclusion in the block after the head. It is pure: the same view gives the same step. */
export function nextStep(view: SequenceView): Step {
  const step = decide(view)
  // A hash that may land any time is watched block by block, so that a lost signal can't cost its window.
  const isWatched = step.kind === 'wait' && step.untilBlock === null && view.unfinalCommit === true
  return isWatched ? { ...step, untilBlock: inclusionBlock(view) } : step
}

/**
 * Tells whether our hash is out, or may yet land, where it can still be proved. Then a proof is owed whatever an
 * operator decides.
 */
export function owesProof(view: HashView): boolean {
  const { atHead } = view
  const own = ownInRound(view.atHead)
  if (own === null || atHead.round === null) return view.unfinalCommit === true && !atHead.isVerified
  if (own.isProved) return false
  return atHead.isVerified ? !isLateProofOver(view) : windowPhase(atHead.round, inclusionBlock(view)) !== 'expired'
}

/**
 * Tells whether an unverified sequence has something to do that no hold ends. A proof is owed, or a void round keeps
 * our stake locked.
 */
export function outlivesHolds(view: HashView): boolean {
  const { own, round } = view.atHead
  return (round === null && own !== null && isLocked(own)) || owesProof(view)
}

function decide(view: SequenceView): Step {
  if (view.atHead.accInputHash === null) return stepWhenMissing(view)
  return view.atHead.isVerified ? stepWhenVerified(view) : stepWhenOpen(view)
}

function stepWhenMissing({ atFinal, unfinalCommit }: SequenceView): Step {
  if (atFinal !== null && atFinal.accInputHash === null && unfinalCommit !== true)
    return { kind: 'done', outcome: 'replaced' }
  return wait('sequence-missing', 'a reorg took the sequencing transaction away, it may come back', null)
}

function stepWhenVerified(view: SequenceView): Step {
  const own = ownInRound(view.atHead)
  const { round } = view.atHead
  const isVerifiedForGood = view.atFinal?.isVerified === true
  if (own === null || round === null) return whenFinal(view, isVerifiedForGood, stepWithoutShare(view))
  if (own.isProved)
    return whenFinal(view, isVerifiedForGood && view.atFinal?.own?.isProved === true, stepToSettle(view, 'proved'))
  if (isLateProofOver(view)) return whenFinal(view, isVerifiedForGood, stepToSettle(view, 'late-deadline-missed'))
  const isUnmatched = view.finalProof !== null && view.finalProof.proofHash !== own.proofHash
  // Without a deadline nothing else would ever end this.
  if (
    (isUnmatched || whyRefused(view) !== null) &&
    view.holds.cancelled !== null &&
    round.lateProofDeadlineBlock === null
  )
    return { kind: 'done', outcome: 'cancelled' }
  return stepToProve(view, round, { isLate: true })
}

/**
 * Says what is left to do without a share. A round that was void before others verified a later one leaves our stake
 * locked until somebody settles it.
 */
function stepWithoutShare({ atHead: { own }, hasClaims }: SequenceView): Step {
  return hasClaims && own !== null && isLocked(own) ? { kind: 'claim' } : { kind: 'done', outcome: 'proved-by-others' }
}

/**
 * Settles our commitment, which is decided for good and lacks only in the contract's own books. Shares and locks wait
 * for the late deadline.
 */
function stepToSettle(view: SequenceView, outcome: Outcome): Step {
  const done: Step = { kind: 'done', outcome }
  const { own, round } = view.atHead
  if (!view.hasClaims) return done
  const [unpaidWei, leastWei] = [BigInt(view.funds.claimableWei ?? 0), leastRewardOf(view.limits)]
  if (own !== null && !isWorthClaiming(own, unpaidWei, leastWei)) {
    const atFinal = view.atFinal?.own ?? null
    const isOver = atFinal !== null && (!isWorthSettling(atFinal) || !isWorthClaiming(atFinal, unpaidWei, leastWei))
    return whenFinal(view, isOver, done)
  }
  const deadline = round?.lateProofDeadlineBlock ?? 0
  if (inclusionBlock(view) > deadline) return { kind: 'claim' }
  return wait('late-deadline', `rewards are shared when late proofs end after block ${deadline}`, deadline)
}

function stepWhenOpen(view: SequenceView): Step {
  const { round, own } = view.atHead
  if (ownInRound(view.atHead) !== null && round !== null && windowPhase(round, inclusionBlock(view)) !== 'expired') {
    return stepToProve(view, round, { isLate: false })
  }
  const step = stepWithoutHash(view)
  // A void round leaves our stake locked until it is settled. A new commit would settle it, too.
  const isVoid = view.hasClaims && round === null && own !== null && isWorthSettling(own)
  return isVoid && (step.kind === 'wait' || step.kind === 'done') ? { kind: 'claim' } : step
}

function stepWithoutHash(view: SequenceView): Step {
  if (view.holds.cancelled !== null) {
    if (view.unfinalCommit === true)
      return wait('commit-in-flight', 'cancelled, but our hash may yet land and would be proved', null)
    return whenFinal(view, !isOpenAtFinal(view), { kind: 'done', outcome: 'cancelled' })
  }
  const blocked = blockedWork(view)
  if (blocked !== null) return waitFor(blocked)
  return reproveStep(view) ?? restoreStep(view) ?? stepToCommit(view)
}

function stepToCommit(view: SequenceView): Step {
  const block = inclusionBlock(view)
  const round = liveRound(view, block)
  if (round !== null && windowPhase(round, block) === 'prove') {
    const last = lastProveBlock(round)
    const why = `too late for the round of block ${round.startBlock}; a new one may open at block ${last + 1}`
    return wait('commit-window-missed', why, last)
  }
  const blocked = blockedCommit(view, block)
  if (blocked !== null) return waitFor(blocked)
  return { kind: 'commit', ...commitWindow(round, block) }
}

/** Sends the proof that our hash owes, or says what is in its way. Holds don't matter here. */
function stepToProve(view: SequenceView, round: RoundView, send: { isLate: boolean }): Step {
  const { head, atHead, finalProof, predecessors } = view
  const { firstBlock, lastBlock } = proofWindow(round, send)
  const reprove = reproveStep(view)
  if (reprove !== null) return reprove
  if (atHead.own !== null && finalProof !== null && finalProof.proofHash !== atHead.own.proofHash) {
    // Making it anew wouldn't help. Where that gives the same bytes, they would be here.
    const why = `our hash ${atHead.own.proofHash} fits no stored proof, the one we have hashes to ${finalProof.proofHash}`
    return wait('commitment-unmatched', why, lastBlock)
  }
  if (view.isContractPaused) return wait('contract-paused', 'the contract is in its emergency pause', lastBlock)
  if (inclusionBlock(view) < firstBlock) {
    return wait(
      'proof-window-opens',
      `T1: proofs open at block ${firstBlock}, ${firstBlock - head.number} blocks`,
      firstBlock - 1,
    )
  }
  const owed = send.isLate ? null : blockedProof(view)
  if (owed !== null) return waitFor(owed)
  const [lowest] = predecessors
  if (lowest !== undefined && !send.isLate) {
    const why = `T2: ${blocksLeft(head.number, lastProveBlock(round))} blocks left; batches ${formatRange(lowest)} come first`
    return wait('predecessor-unverified', why, lastBlock)
  }
  // A refused proof changes nothing, but the contracts of 2023 fine it ten times as much as a missing one.
  const refused = whyRefused(view)
  if (refused !== null) return wait('proof-not-accepted', refused, lastBlock)
  return { kind: 'prove', firstBlock, lastBlock, ...send }
}

/** Says why the committed proof had better not be sent, now or again. It is null when nothing is known against it. */
function whyRefused({ finalProof, spentProofBlock = null }: SequenceView): string | null {
  if (spentProofBlock !== null) return spentText(spentProofBlock)
  return finalProof?.isAcceptedByContract === false ? refusalText(finalProof.refusal) : null
}

/** Proves (again) when there is no final proof of the data that is posted now. */
function reproveStep({ atHead, expectedAccInputHash, finalProof, damagedProof }: SequenceView): Step | null {
  if (atHead.accInputHash !== expectedAccInputHash) {
    return { kind: 'reprove', why: 'the posted data changed: the accumulated input hash is another one' }
  }
  if (finalProof !== null) return null
  const why = damagedProof
    ? `every copy of the final proof ${damagedProof} is damaged: check the disks`
    : 'no final proof of this data is stored'
  return { kind: 'reprove', why }
}

/** Restores a final proof that one store has lost: it is copied back, which is what proving does first. */
const restoreStep = ({ finalProof }: SequenceView): Step | null =>
  finalProof?.isInBothStores === false
    ? {
        kind: 'reprove',
        why: 'the final proof is in one store only and is copied to the other: archive.folder must be writable and have space',
      }
    : null

/** Tells whether it holds stake until it is settled. */
export const isLocked = ({ isSettled, lockedWei }: OwnCommitment): boolean => !isSettled && BigInt(lockedWei ?? 0) > 0n

/**
 * Tells whether settling it brings something: stake that it locks, or the share of a proof in a reward that isn't known
 * to be nothing. A claim for nothing costs its gas all the same.
 */
const isWorthSettling = (own: OwnCommitment): boolean => !own.isSettled && (isLocked(own) || own.rewardWei !== '0')

/**
 * Tells whether a claim for it brings something. Anybody may settle for us, which credits our share and pays nobody.
 * @param unpaidWei what is credited to us.
 * @param leastWei what a claim must bring, unless it frees stake. What is left lies in the contract.
 */
export function isWorthClaiming(own: OwnCommitment, unpaidWei: bigint, leastWei = 0n): boolean {
  if (own.isSettled) return own.isProved && unpaidWei > 0n && unpaidWei >= leastWei
  const isEnough = own.rewardWei === undefined || BigInt(own.rewardWei) + unpaidWei >= leastWei
  return isWorthSettling(own) && (isLocked(own) || isEnough)
}

function isLateProofOver(view: HashView): boolean {
  const deadline = view.atHead.round?.lateProofDeadlineBlock ?? null
  return deadline !== null && inclusionBlock(view) > deadline
}

/**
 * Tells whether our hash stands, or may stand, on the final block in a round whose end isn't final. A shorter chain
 * would ask for the proof again.
 */
function isOpenAtFinal({ head, atFinal, finalBlock }: SequenceView): boolean {
  if (atFinal === null) return true
  const { round, isVerified } = atFinal
  if (round === null || isVerified || ownInRound(atFinal) === null) return false
  return windowPhase(round, (finalBlock ?? head.number) + 1) !== 'expired'
}

/** Gives the earliest block that a transaction sent now can be in. */
const inclusionBlock = (view: Pick<SequenceView, 'head'>): number => view.head.number + 1

const wait = (code: WaitCode, why: string, untilBlock: number | null): Step => ({ kind: 'wait', code, why, untilBlock })

const waitFor = ({ condition, why, untilBlock }: Blocked): Step => wait(condition, why, untilBlock)

/** Gives the step, once what it builds on is final. What the head says now is final when finality has come as far. */
function whenFinal({ head, finalBlock, atFinal }: SequenceView, isFinal: boolean, step: Step): Step {
  if (isFinal) return step
  const untilBlock = finalBlock === undefined ? null : head.number + Math.max(1, head.number - finalBlock)
  const why =
    atFinal === null
      ? finalUnknown({ head: head.number, final: finalBlock ?? null })
      : 'waiting for the block to become final'
  return wait('finality', why, untilBlock)
}
