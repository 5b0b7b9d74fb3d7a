import { FatalError } from '../../protocol/base/errors.ts'

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
