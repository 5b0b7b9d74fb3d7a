import { formatRange } from '../base/ranges.ts'
import {
  blocksLeft,
  firstProveBlock,
  lastCommitBlock,
  lastProveBlock,
  type Round,
  windowPhase,
} from '../base/windows.ts'
import { type Blocked, blocked } from './gate-conditions.ts'
import type { SequenceView } from './view.ts'

/** Gives the round that a hash included in `block` would join; null when it would open a new one. */
export function liveRound(view: Pick<SequenceView, 'atHead'>, block: number): Round | null {
  const { round } = view.atHead
  return round !== null && (round.isVerified || windowPhase(round, block) !== 'expired') ? round : null
}

/** Blocks a hash where too little is left to commit in of the round that it would join. */
export function blockedByWindow(view: SequenceView, block: number): Blocked | null {
  const round = liveRound(view, block)
  if (round === null) return null
  const left = blocksLeft(view.head.number, lastCommitBlock(round))
  if (left >= view.limits.marginBlocks) return null
  const why = `${left} blocks left to commit, ${view.limits.marginBlocks} are asked for`
  return blocked('commit-window-closing', why, lastProveBlock(round))
}

/** Blocks a hash by those before it, behind which it stands: they must be proved first, and in time. */
export function blockedByPredecessors(view: SequenceView, block: number): Blocked | null {
  const { predecessors, limits } = view
  const bare = blockedByBarePredecessor(view)
  if (bare !== null) return bare
  if (predecessors.length > limits.maxCommitAhead) {
    return blocked(
      'too-far-ahead',
      `${predecessors.length} unverified sequences before it, ${limits.maxCommitAhead} are allowed`,
    )
  }
  return blockedByTightWindows(view, block)
}

/** Blocks a hash where somebody else would have to prove one before it. */
export function blockedByBarePredecessor({ predecessors }: Pick<SequenceView, 'predecessors'>): Blocked | null {
  const bare = predecessors.find((p) => p.ownLiveRound === null || !p.isOwnProofStored)
  if (bare === undefined) return null
  const what =
    bare.ownLiveRound === null
      ? 'are neither verified nor committed by us'
      : 'have our hash, but not its proof in both stores'
  return blocked('predecessor-uncommitted', `batches ${formatRange(bare)} before it ${what}`)
}

/**
 * Blocks a hash where windows are tight. Each unverified sequence is given k blocks to be proved in; all of them and a
 * margin must fit before every window's end, and ours into T2.
 */
export function blockedByTightWindows(view: SequenceView, block: number): Blocked | null {
  const { limits, head } = view
  const { blocksPerSequence: k, marginBlocks } = limits
  const joined = liveRound(view, block)
  const own = joined ?? { startBlock: block, ...view.nextRound }
  const rounds = view.predecessors.flatMap((p) => p.ownLiveRound ?? [])
  const needed = (rounds.length + 1) * k + marginBlocks
  const tightest = [own, ...rounds].reduce((a, b) => (lastProveBlock(b) < lastProveBlock(a) ? b : a))
  const left = blocksLeft(head.number, lastProveBlock(tightest))
  if (left < needed) {
    const why = `${left} blocks left in the tightest window, ${needed} are needed to prove in order`
    return blocked(
      'predecessor-windows-tight',
      why,
      tightest === own && joined === null ? null : lastProveBlock(tightest),
    )
  }
  // No proof goes before its own window opens: neither ours nor one of a predecessor whose round is younger.
  const turn = rounds.reduce((done, round) => Math.max(done, firstProveBlock(round) - 1) + k, head.number)
  const room = lastProveBlock(own) - Math.max(turn, lastCommitBlock(own))
  const forOurs = k + marginBlocks
  if (room >= forOurs) return null
  const why = `${Math.max(0, room)} blocks left in our window when those before it are proved, ${forOurs} are needed`
  if (joined !== null) return blocked('predecessor-windows-tight', why, lastProveBlock(own))
  return blocked('predecessor-windows-tight', why, own.proveBlocks < forOurs ? null : head.number + forOurs - room)
}
