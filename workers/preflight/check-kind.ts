import type { OperatorConfig } from '../../config/types.ts'
import { assertSrsAllowed } from '../../protocol/proof/srs.ts'
import { assertConfiguredSrs } from '../kinds/configured-srs.ts'
import type { Opened } from '../opened.ts'

/**
 * Tells whether circuits and keys of a kind are there, and made with a reference string that its rollups' chains may
 * see.
 * @throws UnknownKindError | ArtifactsUnnamedError | ArtifactsError | SrsMismatchError | DevelopmentSrsError
 */
export async function checkKind(opened: Opened, config: OperatorConfig, name: string): Promise<string> {
  const { srs } = await opened.kind(name)
  assertConfiguredSrs(config.srs, srs)
  for (const { kind, chain } of config.rollups) if (kind === name) assertSrsAllowed(srs, chain.chainId)
  return `circuits and keys are there, reference string "${srs.srsName}"`
}
