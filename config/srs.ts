import { FatalError } from '../protocol/errors.ts'
import type { SrsIdentity } from '../protocol/srs.ts'

/** Circuits and keys were made with another kind of reference string than the configuration says. */
export class SrsMismatchError extends FatalError {
  override readonly name = 'SrsMismatchError'
  readonly code = 'ZKPOW-CONFIG-SRS'

  constructor(p: { srsName: string; found: string; configured: string }) {
    super(`Circuits and keys were made with the ${p.found} reference string "${p.srsName}"; the configuration says srs: ${p.configured}.`, {
      remedy:
        'point artifacts.folder at the keys that the rollup was deployed with, or correct srs; development keys prove nothing to anybody.',
    })
  }
}

/** A known secret is used only where the configuration says so as well. @throws SrsMismatchError */
export function assertConfiguredSrs(config: { srs: 'canonical' | 'development' }, { srsName, isDevelopment }: SrsIdentity): void {
  const found = isDevelopment ? 'development' : 'canonical'
  if (config.srs !== found) throw new SrsMismatchError({ srsName, found, configured: config.srs })
}
