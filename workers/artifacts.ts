import { FatalError } from '../protocol/errors.ts'

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

/** Folder with circuits and keys. @throws ArtifactsUnnamedError */
export function artifactsDir({ artifactsFolder }: { artifactsFolder: string | null }): string {
  if (artifactsFolder === null) throw new ArtifactsUnnamedError()
  return artifactsFolder
}
