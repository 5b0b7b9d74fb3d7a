import type { ChainControl } from './node.ts'
import { BLOCK_MS } from './windows.ts'

/** Lets the chain have blocks of its own: anvil itself mines none, so that one that was killed goes on as it was. */
export function startBlocks({ mine }: Pick<ChainControl, 'mine'>): { stop(): Promise<void> } {
  let mining: Promise<void> | undefined
  const timer = setInterval(() => {
    mining ??= mine(1)
      .catch(() => {}) // the chain may be away
      .finally(() => {
        mining = undefined
      })
  }, BLOCK_MS)
  return {
    stop: async () => {
      clearInterval(timer)
      await mining
    },
  }
}
