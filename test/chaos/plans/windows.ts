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
 * Windows with which the rollups begin. T2 (90 s) outlasts several faults one after the other, and what a busy machine
 * needs to recover from them.
 */
export const WINDOWS: Windows = { commitBlocks: 8, proveBlocks: 180 }
