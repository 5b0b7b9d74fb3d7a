import { FatalError } from '../../protocol/base/errors.ts'
import type { SrsIdentity } from '../../protocol/proof/srs.ts'

export class SrsMismatchError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-CONFIG-SRS',
    happened: 'The keys on this machine were made with another reference string than the configuration asks for.',
    remedy: 'run `npm run setup` for the one that you want, and name its folder in artifacts.folder.',
  }
  override readonly name = 'SrsMismatchError'

  constructor(configured: string, { srsName }: SrsIdentity) {
    super(`The configuration asks for the ${configured} reference string, the keys were made with "${srsName}".`)
  }
}

/**
 * Refuses a reference string with a known secret where the configuration doesn't ask for it. @throws SrsMismatchError
 */
export function assertConfiguredSrs(configured: 'canonical' | 'development', srs: SrsIdentity): void {
  if ((configured === 'development') !== srs.isDevelopment) throw new SrsMismatchError(configured, srs)
}
