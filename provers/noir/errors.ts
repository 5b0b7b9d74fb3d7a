import { FatalError, RetryableError } from '../../protocol/base/errors.ts'
import type { Stage } from '../../protocol/proof/task.ts'
import type { ProcessResult } from './run-process.ts'

export class ArtifactsUnnamedError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-NOIR-FOLDER',
    happened: "The configuration doesn't say where circuits and keys are.",
    remedy: 'run `npm run setup` and put the folder that it prints into artifacts.folder.',
  }
  override readonly name = 'ArtifactsUnnamedError'

  constructor() {
    super('The configuration names no folder with circuits and keys.')
  }
}

export class UnprovableInputError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-NOIR-UNPROVABLE',
    happened: "The input doesn't satisfy the circuit, or isn't an input of this circuit: every prover will say so.",
    remedy:
      'prepare the sequence anew; if it happens again, the circuits and the preparation are of different versions.',
  }
  override readonly name = 'UnprovableInputError'

  constructor(stage: Stage, problem: string, cause?: unknown) {
    super(`The input of the ${stage} stage can't be proved: ${problem}.`, {
      cause,
    })
  }
}

export class ProverProcessError extends RetryableError {
  static override readonly entry = {
    code: 'ZKPOW-NOIR-PROCESS',
    happened: 'A proving or verifying process ended before its work was done.',
    remedy: 'look at what it wrote last; the task will be tried again.',
  }
  override readonly name = 'ProverProcessError'
  readonly result: ProcessResult

  constructor(what: string, result: ProcessResult) {
    super(`${what} ${describeEnd(result)}`)
    this.result = result
  }
}

// Errors are cut where they are kept: the very last words, which explain most, must not be what is lost.
const LAST_WORDS_CHARS = 300

/** Says how it ended, and its last words, as the end of a sentence. */
export function describeEnd(result: ProcessResult): string {
  return `${how(result)}. It wrote last: ${result.stderrTail.trim().slice(-LAST_WORDS_CHARS) || '(nothing)'}`
}

function how(result: ProcessResult): string {
  switch (result.ended) {
    case 'signal':
      return `was ended by ${result.signal}`
    case 'crash':
      return `ended with exit code ${result.exitCode}`
    case 'timeout':
      return 'took longer than its limit'
    case 'aborted':
      return 'was cancelled'
    case 'ok':
      return 'ended without a result'
  }
}
