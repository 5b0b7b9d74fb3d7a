import type { ChainTick, WatchedLog } from '../../chain/contract/watch-chain.ts'
import type { BlockRef } from '../../chain/endpoints/endpoints.ts'

/** Blocks below the head whose logs are remembered: reorgs are hardly ever as deep as that. */
const REMEMBERED_BLOCKS = 512

/** What blocks told that a reorg may take back. */
export interface RecentLogs {
  /**
   * Gives the logs that a tick tells of or takes back; null where single logs can't tell, and everything is to be read
   * again.
   */
  of(tick: ChainTick): readonly WatchedLog[] | null
}

/** @param seen the block up to which an earlier run has told everything: what it has told isn't known here. */
export function createRecentLogs(seen: BlockRef | null): RecentLogs {
  let knownFrom = seen === null ? Number.POSITIVE_INFINITY : seen.number + 1
  let recent: readonly WatchedLog[] = []
  return {
    of(tick) {
      if (tick.kind === 'quiet') return []
      const from = tick.kind === 'restart' ? 0 : tick.fromBlock
      const logs = tick.kind === 'restart' ? [] : tick.logs
      const isKnown = tick.kind === 'block' && (tick.reorgDepth === 0 || from >= knownFrom)
      const gone = recent.filter(({ blockNumber }) => blockNumber >= from)
      const oldest = tick.head.number - REMEMBERED_BLOCKS
      recent = [...recent.filter(({ blockNumber }) => blockNumber < from && blockNumber > oldest), ...logs]
      knownFrom = Math.max(isKnown ? Math.min(knownFrom, from) : firstKnown(tick), oldest + 1)
      return isKnown ? [...gone, ...logs] : null
    },
  }
}

/**
 * Gives the first block whose logs are known from now on: after a restart the next one, after a reorg the first that
 * came in the place of what is gone.
 */
const firstKnown = (tick: Exclude<ChainTick, { kind: 'quiet' }>): number =>
  tick.kind === 'restart' ? tick.head.number + 1 : tick.fromBlock
