/** How `bb` is called, for proving, verifying and making keys alike. */
import { tmpdir } from 'node:os'
import type { Stage } from '../../protocol/proof/task.ts'

/**
 * What `bb` calls the place where a stage's proof is verified; it decides the hash function. It is without
 * zero-knowledge: what is proved is public, and it costs less.
 */
export const VERIFIER_TARGET: Record<Stage, string> = {
  batch: 'noir-recursive-no-zk',
  aggregate: 'noir-recursive-no-zk',
  final: 'evm-no-zk',
}

/** Makes the whole environment of a proving process: nothing of the worker's, above all no credentials. */
export const bbEnvironment = ({ crsDir, threads }: { crsDir: string; threads: number }): Record<string, string> => ({
  PATH: '/usr/bin:/bin',
  TMPDIR: tmpdir(),
  CRS_PATH: crsDir,
  HARDWARE_CONCURRENCY: String(threads),
  // This chooses its newer multiplication of many points, which its authors still leave to be chosen: the same sums
  // take 4 % (aggregate) to 12 % (batch) less processor time. Should it ever be wrong, the proof doesn't verify, which
  // is noticed before anything is built on it.
  BB_MSM_NEW: '1',
})
