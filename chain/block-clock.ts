import type { BlockRef, Endpoints } from './endpoints.ts'

/** Blocks whose timestamps are compared. */
const SPAN_BLOCKS = 20

/** The least that is estimated, ms: timestamps are whole seconds, and nobody should look more often. */
const LEAST_MS = 200

/** Estimates how long blocks take. */
export interface BlockClock {
  /** Time between two blocks, ms: of the last {@link SPAN_BLOCKS} before `head`. Null while the chain has too few. */
  msPerBlock(head: BlockRef & { timestampSec: number }): Promise<number | null>
}

/** Reads one old header per head at most. */
export function createBlockClock(endpoints: Endpoints): BlockClock {
  let last: { hash: string; ms: number | null } | undefined
  return {
    async msPerBlock(head) {
      if (last?.hash === head.hash) return last.ms
      const old = Math.max(1, head.number - SPAN_BLOCKS) // a genesis may be years old
      const block = old < head.number ? await endpoints.blockAt(old) : undefined
      const ms = block === undefined ? null : Math.max(LEAST_MS, ((head.timestampSec - block.timestampSec) * 1000) / (head.number - old))
      last = { hash: head.hash, ms }
      return ms
    },
  }
}
