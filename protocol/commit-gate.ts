import type { SequenceView } from './sequence-view.ts'
import { blocksLeft, lastCommitBlock, lastProveBlock, type Round, windowPhase } from './windows.ts'

/** Why a new hash is held back (design §3, Before a hash is sent). */
export type GateCondition =
  | 'held-by-operator'
  | 'contract-paused'
  | 'sequencing-not-deep'
  | 'proof-not-stored'
  | 'proof-not-accepted'
  | 'stake-short'
  | 'balance-short'
  | 'commit-window-closing'
  | 'predecessor-uncommitted'
  | 'predecessor-windows-tight'
  | 'too-far-ahead'

/** A condition that isn't met, in words for the operator. */
export interface Blocked {
  condition: GateCondition
  why: string
}

/** The round that a hash included in `block` would join; null when it would open a new one. */
export function liveRound(view: SequenceView, block: number): Round | null {
  const { round } = view.atHead
  return round !== null && (round.isVerified || windowPhase(round, block) !== 'expired') ? round : null
}

/** The first condition that forbids sending a new hash for inclusion in `block`; null when nothing does. */
export function blockedCommit(view: SequenceView, block: number): Blocked | null {
  return (
    blockedByOperator(view) ??
    blockedByDepth(view) ??
    blockedByProof(view) ??
    blockedByFunds(view) ??
    blockedByWindow(view, block) ??
    blockedByPredecessors(view, block)
  )
}

function blockedByOperator({ holds, isContractPaused }: SequenceView): Blocked | null {
  const [kind, why] = Object.entries(holds).find(([, reason]) => reason !== null) ?? []
  if (kind !== undefined) return { condition: 'held-by-operator', why: `${kind}: ${why}` }
  return isContractPaused ? { condition: 'contract-paused', why: 'the contract is in its emergency pause' } : null
}

function blockedByDepth({ head, sequencedAtBlock, limits }: SequenceView): Blocked | null {
  const depth = sequencedAtBlock === null ? 0 : head.number - sequencedAtBlock
  if (sequencedAtBlock !== null && depth >= limits.confirmations) return null
  return { condition: 'sequencing-not-deep', why: `sequencing transaction has ${depth} of ${limits.confirmations} confirmations` }
}

function blockedByProof({ finalProof }: SequenceView): Blocked | null {
  if (finalProof === null || !finalProof.isInBothStores) {
    return { condition: 'proof-not-stored', why: "the final proof isn't in both stores" }
  }
  return finalProof.isAcceptedByContract === false
    ? { condition: 'proof-not-accepted', why: "the contract's verifier refuses the final proof" }
    : null
}

function blockedByFunds({ funds }: SequenceView): Blocked | null {
  const stake = BigInt(funds.stakeWei)
  const unlocked = stake - BigInt(funds.lockedWei)
  if (stake < BigInt(funds.minStakeWei)) {
    return { condition: 'stake-short', why: `stake is ${funds.stakeWei} wei, the contract asks for ${funds.minStakeWei} wei` }
  }
  if (unlocked < BigInt(funds.penaltyWei)) {
    return { condition: 'stake-short', why: `unlocked stake is ${unlocked} wei, a commit locks ${funds.penaltyWei} wei` }
  }
  return BigInt(funds.balanceWei) < BigInt(funds.reserveWei)
    ? { condition: 'balance-short', why: `balance is ${funds.balanceWei} wei, commit and proof may cost ${funds.reserveWei} wei` }
    : null
}

function blockedByWindow(view: SequenceView, block: number): Blocked | null {
  const round = liveRound(view, block)
  if (round === null) return null
  const left = blocksLeft(view.head.number, lastCommitBlock(round))
  if (left >= view.limits.marginBlocks) return null
  return { condition: 'commit-window-closing', why: `${left} blocks left to commit, ${view.limits.marginBlocks} are asked for` }
}

function blockedByPredecessors(view: SequenceView, block: number): Blocked | null {
  const { predecessors, limits, head } = view
  const bare = predecessors.find((p) => p.ownLiveRound === null || !p.isOwnProofStored)
  if (bare) {
    return {
      condition: 'predecessor-uncommitted',
      why: `batches ${bare.from}-${bare.to} before it are neither verified nor committed by us`,
    }
  }
  if (predecessors.length > limits.maxCommitAhead) {
    return {
      condition: 'too-far-ahead',
      why: `${predecessors.length} unverified sequences before it, ${limits.maxCommitAhead} are allowed`,
    }
  }
  const own = liveRound(view, block) ?? { startBlock: block, ...view.nextRound }
  const needed = (predecessors.length + 1) * limits.blocksPerSequence + limits.marginBlocks
  const tightest = Math.min(
    ...[own, ...predecessors.flatMap((p) => p.ownLiveRound ?? [])].map((r) => blocksLeft(head.number, lastProveBlock(r))),
  )
  if (tightest >= needed) return null
  return {
    condition: 'predecessor-windows-tight',
    why: `${tightest} blocks left in the tightest window, ${needed} are needed to prove in order`,
  }
}
