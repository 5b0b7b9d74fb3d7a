import type { Plan } from '../plan.ts'

/** Until about then the processes come up and look for the first time, ms. */
const UP_MS = 6_000

/**
 * A rival opens the round of a big sequence and never proves it, and the prover that makes our proof of it hangs until that round takes
 * no more hashes. A small sequence right after it is proved by the other prover. Its round ends before the first can begin anew.
 */
export const hangsBeforeSmallSuccessor: Plan[] = [13_000, 14_500, 16_000, 18_000].map((hangsAtMs) => ({
  ...{ seed: 0, rollups: 1, sharesAccount: false, skipsIdleBlocks: true, endpoints: 1, provers: 2, finalityBlocks: 4 },
  sequences: [
    { rollup: 0, batches: 4, atMs: 9_000 },
    { rollup: 0, batches: 1, atMs: 9_300 },
  ],
  faults: [{ name: 'prover-hangs', atMs: hangsAtMs, forMs: 15_000, depth: 1, victim: 0 }],
  rivals: [{ name: 'rival-never-proves', sequence: 0 }],
}))

/** The contract is paused at a moment at which hashes are usually out. */
export const pausesWhileBusy = ({ faults }: Plan): boolean => faults.some(({ atMs }) => atMs > UP_MS + 3_000 && atMs < 16_000)

const quiet = { seed: 0, rollups: 1, sharesAccount: false, skipsIdleBlocks: true, endpoints: 1, finalityBlocks: 4, rivals: [] }

/** In the middle of much work a prover can't report what it uploads, because Temporal hangs, and is killed before it can. */
export const losesReport: Plan[] = [17_000, 19_000, 21_000].map((atMs) => ({
  ...{ ...quiet, provers: 1 },
  sequences: [{ rollup: 0, batches: 10, atMs: 9_000 }],
  faults: [
    { name: 'temporal-hangs', atMs, forMs: 9_000, depth: 1, victim: 0 },
    { name: 'prover-killed', atMs: atMs + 5_000, forMs: 0, depth: 1, victim: 0 },
  ],
}))

/** The contract is paused when our hash is likely to be out: its round is void, and the sequence needs another one. */
export const pausesWhileHashIsOut: Plan[] = [16_000, 17_500, 19_000, 21_000, 23_000].map((atMs) => ({
  ...{ ...quiet, provers: 2 },
  sequences: [{ rollup: 0, batches: 2, atMs: 9_000 }],
  faults: [{ name: 'contract-paused', atMs, forMs: 3_000, depth: 1, victim: 0 }],
}))
