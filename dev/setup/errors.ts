import { FatalError } from '../../protocol/base/errors.ts'

/** A set-up step could not make its result. */
export class SetupStepError extends FatalError {
  override readonly name = 'SetupStepError'
  readonly code = 'ZKPOW-SETUP-001'
}
