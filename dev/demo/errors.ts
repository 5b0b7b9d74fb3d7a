import { FatalError } from '../../protocol/base/errors.ts'

export class DemoFailedError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-DEMO-FAILED',
    happened: "The demo didn't settle what it posted.",
    remedy: 'read the logs in the folder that was printed at the start.',
  }
  override readonly name = 'DemoFailedError'
}
