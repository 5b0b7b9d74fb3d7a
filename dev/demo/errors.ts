import { FatalError } from '../../protocol/base/errors.ts'

/** The demo didn't settle what it posted. */
export class DemoFailedError extends FatalError {
  override readonly name = 'DemoFailedError'
  readonly code = 'ZKPOW-DEMO-001'

  constructor(what: string) {
    super(what, { remedy: 'read the logs in the folder that was printed at the start.' })
  }
}
