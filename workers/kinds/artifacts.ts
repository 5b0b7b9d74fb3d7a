import { FatalError } from '../../protocol/base/errors.ts'
import type { SrsIdentity } from '../../protocol/proof/srs.ts'

/** The configuration doesn't say where circuits and keys are. */
class ArtifactsUnnamedError extends FatalError {
  override readonly name = 'ArtifactsUnnamedError'
  readonly code = 'ZKPOW-WORKER-003'

  constructor() {
    super('The configuration names no folder with circuits and keys.', {
      remedy: 'run `npm run setup` and put the folder that it prints into artifacts.folder.',
    })
  }
}

/** Where circuits and keys are, for the kinds that need any. */
export interface ArtifactsSetting {
  artifactsFolder: string | null
}

/** Folder with circuits and keys. @throws ArtifactsUnnamedError */
export function artifactsDir({ artifactsFolder }: ArtifactsSetting): string {
  if (artifactsFolder === null) throw new ArtifactsUnnamedError()
  return artifactsFolder
}

/** The keys on this machine were made with another reference string than the configuration asks for. */
class SrsMismatchError extends FatalError {
  override readonly name = 'SrsMismatchError'
  readonly code = 'ZKPOW-WORKER-004'

  constructor(configured: string, { srsName }: SrsIdentity) {
    super(`The configuration asks for the ${configured} reference string, the keys were made with "${srsName}".`, {
      remedy: 'run `npm run setup` for the one that you want, and name its folder in artifacts.folder.',
    })
  }
}

/** A reference string with a known secret is used only where the configuration says so. @throws SrsMismatchError */
export function assertConfiguredSrs(configured: 'canonical' | 'development', srs: SrsIdentity): void {
  if ((configured === 'development') !== srs.isDevelopment) throw new SrsMismatchError(configured, srs)
}
