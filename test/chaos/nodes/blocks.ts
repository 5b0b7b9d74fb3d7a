import { BLOCK_MS } from '../plans/windows.ts'
import type { ChainControl } from './node.ts'

/**
 * Lets the chain have blocks of its own: anvil itself mines none, so that one that was killed goes on as it was.
 * @param everyMs time between two of them, ms
 */
export function startBlocks({ mine }: Pick<ChainControl, 'mine'>, everyMs = BLOCK_MS): { stop(): Promise<void> } {
  let mining: Promise<void> | undefined
  const timer = setInterval(() => {
    mining ??= mine(1)
      .catch(() => {}) // the chain may be away
      .finally(() => {
        mining = undefined
      })
  }, everyMs)
  return {
    stop: async () => {
      clearInterval(timer)
      await mining
    },
  }
}
