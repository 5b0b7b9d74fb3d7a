import type { AgreedBlock, BlockRef, Endpoints } from './endpoints.ts'
import { createMemo } from './memo.ts'

/** Blocks between two headers that are compared. */
const STRETCH_BLOCKS = 5

/** Such stretches below the newest one, which the head is in. */
const OLDER_STRETCHES = 4

/** The least that is estimated, ms: timestamps are whole seconds, and nobody should look more often. */
const LEAST_MS = 200

/** Estimates how long blocks take. */
export interface BlockClock {
  /**
   * Estimates the time between two blocks, ms: the median of the last stretches' means. A chain that stood still spoils
   * the stretch that it stood still in, and one that made up for it in a burst the next: neither decides. It is null
   * while the chain has too few blocks.
   */
  msPerBlock(head: BlockRef & { timestampSec: number }): Promise<number | null>
}

/**
 * Reads one old header per head, that of the last number that {@link STRETCH_BLOCKS} divides; the older ones with every
 * fifth, and anew when that one was replaced.
 */
export function createBlockClock(endpoints: Pick<Endpoints, 'blockNear'>): BlockClock {
  const estimates = createMemo<number | null>(8)
  const olderThan = createMemo<AgreedBlock[]>(4)

  async function estimate(head: BlockRef & { timestampSec: number }): Promise<number | null> {
    const number = Math.max(1, head.number - 1 - ((head.number - 1) % STRETCH_BLOCKS)) // a genesis may be years old
    const mark = number < head.number ? await endpoints.blockNear(number) : undefined
    if (mark === undefined) return null
    const marks = [head, mark, ...(await olderThan(mark.hash, () => readOlder(mark.number)))]
    const means = marks.slice(1).map((block, i) => meanMs(block, marks[i] ?? head))
    return Math.max(LEAST_MS, lowerMedian(means))
  }

  async function readOlder(mark: number): Promise<AgreedBlock[]> {
    const numbers = Array.from({ length: OLDER_STRETCHES }, (_, i) => Math.max(1, mark - (i + 1) * STRETCH_BLOCKS))
    const blocks = await Promise.all(
      [...new Set(numbers)].filter((number) => number < mark).map((number) => endpoints.blockNear(number)),
    )
    return blocks.flatMap((block) => block ?? [])
  }

  return { msPerBlock: (head) => estimates(head.hash, () => estimate(head)) }
}

type Stamped = Pick<AgreedBlock, 'number' | 'timestampSec'>

const meanMs = (from: Stamped, to: Stamped): number =>
  ((to.timestampSec - from.timestampSec) * 1000) / (to.number - from.number)

/**
 * Takes the lower one in the middle of an even number: who looks too early looks again, who looks too late has missed
 * it.
 */
const lowerMedian = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0
