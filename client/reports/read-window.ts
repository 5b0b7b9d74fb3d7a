import type { Chain } from '../../chain/create-chain.ts'
import type { RollupConfig, WatchedAccount } from '../../config/types.ts'
import type { BatchRange } from '../../protocol/base/ranges.ts'
import { blocksLeft, lastCommitBlock, lastProveBlock, windowPhase } from '../../protocol/base/windows.ts'
import type { OnChain } from '../../protocol/sequence/view.ts'
import { ownInRound } from '../../protocol/sequence/view.ts'

/** Where a sequence's round is, for a transaction in the block after the head. */
export interface WindowNow {
  head: number
  /** R. */
  startBlock: number
  phase: 'commit' | 'prove' | 'late' | 'verified' | 'expired'
  /** Last block of the phase; null when it has no end. */
  lastBlock: number | null
  blocksLeft: number | null
  isOwnHashOut: boolean
}

/**
 * Reads the window that a sequence is in now; null when no round is open or the account isn't known. It throws what
 * reading the chain throws.
 */
export async function readWindow(
  chain: Chain,
  rollup: RollupConfig<WatchedAccount>,
  range: BatchRange,
): Promise<WindowNow | null> {
  const { contract, account } = rollup
  if (account.address === null) return null
  const { head } = await chain.agreedBlocks()
  return windowNow(head.number, await chain.readOnChain({ contract, range, miner: account.address, at: head }))
}

/** Gives the window of a sequence as it stands at `head`. */
export function windowNow(head: number, { round, own, isVerified }: OnChain): WindowNow | null {
  if (round === null) return null
  const ofRound = ownInRound({ own, round })
  const isOwnHashOut = ofRound !== null
  const until = (phase: WindowNow['phase'], lastBlock: number | null): WindowNow => ({
    head,
    startBlock: round.startBlock,
    phase,
    lastBlock,
    blocksLeft: lastBlock === null ? null : blocksLeft(head, lastBlock),
    isOwnHashOut,
  })
  if (isVerified)
    return ofRound !== null && !ofRound.isProved ? until('late', round.lateProofDeadlineBlock) : until('verified', null)
  const phase = windowPhase(round, head + 1)
  if (phase === 'expired') return until('expired', null)
  return until(phase, phase === 'commit' ? lastCommitBlock(round) : lastProveBlock(round))
}
