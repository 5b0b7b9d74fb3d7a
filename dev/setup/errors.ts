import { FatalError } from '../../protocol/base/errors.ts'

export class SetupStepError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-SETUP-STEP',
    happened: 'A set-up step could not make its result.',
    remedy: 'see what the step wrote last, and run `npm run setup` again.',
  }
  override readonly name = 'SetupStepError'
}
