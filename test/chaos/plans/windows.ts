import type { PlannedFault } from './plan.ts'

/**
 * Time between two blocks, ms. Faster than any real chain, so that windows of blocks pass while the processes work as
 * fast as ever.
 */
export const BLOCK_MS = 500

/** T1 and T2 of a rollup, in blocks. */
export interface Windows {
  commitBlocks: number
  proveBlocks: number
}

/**
 * With which the rollups begin. T2 (90 s) outlasts several faults one after the other, and what a busy machine needs to
 * recover from them.
 */
export const WINDOWS: Windows = { commitBlocks: 8, proveBlocks: 180 }

/** What the owner makes of them. */
export const changedWindows = ({ depth }: Pick<PlannedFault, 'depth'>): Windows => ({
  commitBlocks: 4 + depth * 2,
  proveBlocks: 160 + depth * 10,
})

/** T1 + T2 of the longest round that a plan with these faults can have, in blocks. */
export function longestRound(faults: readonly Pick<PlannedFault, 'name' | 'depth'>[]): number {
  const all = [WINDOWS, ...faults.filter(({ name }) => name === 'windows-changed').map(changedWindows)]
  return Math.max(...all.map(({ commitBlocks, proveBlocks }) => commitBlocks + proveBlocks))
}
