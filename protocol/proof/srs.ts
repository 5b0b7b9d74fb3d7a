import { FatalError } from '../base/errors.ts'

/** Chain ids of development chains (hardhat and anvil, geth's and ganache's), whose coins are worth nothing. */
const DEVELOPMENT_CHAIN_IDS: readonly number[] = [31337, 1337]

/** The structured reference string that proofs, keys and verifiers were made with. */
export interface SrsIdentity {
  srsName: string
  /** Its secret is known: whoever knows it can prove anything. */
  isDevelopment: boolean
}

export class DevelopmentSrsError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-CONFIG-DEVELOPMENT-SRS',
    happened:
      "A reference string with a known secret was about to be used on a chain that isn't a development chain: anybody could forge proofs.",
    remedy:
      'run "npm run setup -- --srs canonical" and name its folder in artifacts.folder, or use a development chain.',
  }
  override readonly name = 'DevelopmentSrsError'

  constructor({ srsName }: SrsIdentity, chainId: number) {
    super(
      `The reference string "${srsName}" has a known secret, so anybody can forge proofs under it; chain ${chainId} is not a development chain.`,
      {
        remedy: `run "npm run setup -- --srs canonical" and name its folder in artifacts.folder, or use a chain with id ${DEVELOPMENT_CHAIN_IDS.join(' or ')}.`,
      },
    )
  }
}

/**
 * Refuses a development reference string outside development chains. Whatever proves for, verifies for or deploys to a
 * chain asks this first.
 * @throws DevelopmentSrsError for a development reference string outside development chains.
 */
export function assertSrsAllowed(srs: SrsIdentity, chainId: number): void {
  if (srs.isDevelopment && !DEVELOPMENT_CHAIN_IDS.includes(chainId)) throw new DevelopmentSrsError(srs, chainId)
}
