/** What a proof backend says when its machine is the reason, and not the task. Callers give the task to another. */
import { RetryableError } from '../base/errors.ts'
import type { Stage } from './task.ts'

export class ProverDiskFullError extends RetryableError {
  static override readonly entry = {
    code: 'ZKPOW-PROVER-DISK-FULL',
    happened: 'The folder for temporary files of a prover is full.',
    remedy:
      'free space there, or name another folder as `prover.scratchFolder`; the task goes to other provers meanwhile.',
  }
  override readonly name = 'ProverDiskFullError'

  constructor({ stage, folder, cause }: { stage: Stage; folder: string; cause?: unknown }) {
    super(`No space is left in ${folder}, where the ${stage} proof was to be made.`, {
      cause,
    })
  }
}

export class ProverOutOfMemoryError extends RetryableError {
  static override readonly entry = {
    code: 'ZKPOW-PROVER-OUT-OF-MEMORY',
    happened: 'The proving process got no more memory, or was killed for having taken too much.',
    remedy:
      'make fewer proofs at a time (`prover.concurrency`), or start a prover with `prover.machine: large` on a machine with more memory.',
  }
  override readonly name = 'ProverOutOfMemoryError'

  /** @param how its end as the machine tells it: signal or exit code, and its last words. */
  constructor({ stage, how }: { stage: Stage; how: string }) {
    super(`The process that makes the ${stage} proof ran out of memory: it ${how}`)
  }
}

export class ProverMachineError extends RetryableError {
  static override readonly entry = {
    code: 'ZKPOW-PROVER-MACHINE',
    happened:
      "Something of the prover's machine is missing or broken: the folder for temporary files, a program, the processor's instructions.",
    remedy:
      'see that `prover.scratchFolder` can be written and that `npm run setup` has run on this machine; the task goes to others meanwhile.',
  }
  override readonly name = 'ProverMachineError'

  /** @param what is missing or broken, as the end of a sentence. */
  constructor({ stage, what, cause }: { stage: Stage; what: string; cause?: unknown }) {
    super(`This machine can't make the ${stage} proof: ${what}`, {
      cause,
    })
  }
}

/**
 * Names of the errors by which a store is away, full, locked or not (yet) ours. They say nothing about a task: another
 * machine may reach the store, or have a login that is still good. A workflow knows an error by its name alone.
 */
export const STORE_AWAY_ERRORS: ReadonlySet<string> = new Set([
  ...['DatabaseUnreachableError', 'DatabaseBusyError', 'DatabaseFullError'],
  ...['DatabaseAccessError', 'DatabaseSchemaError', 'DatabaseTablesMissingError'],
])
