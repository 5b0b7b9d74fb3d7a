import { createPaymentsKind, paymentsGenesis, paymentsStateRootOf } from '../../kinds/payments/payments-kind.ts'
import { FatalError } from '../../protocol/base/errors.ts'
import type { Prover } from '../../protocol/proof/prover.ts'
import type { RollupKind } from '../../protocol/proof/rollup-kind.ts'
import { createNoirProver, type NoirProverOptions } from '../../provers/noir/prover.ts'
import { createNoirVerifier } from '../../provers/noir/verifier.ts'
import { createSimulatedProver } from '../../provers/simulated/prover.ts'
import { createSimulatedVerifier } from '../../provers/simulated/verifier.ts'
import { type ArtifactsSetting, artifactsDir } from './artifacts.ts'

/** How a kind's two sides are made: what the aggregator needs, and what a prover machine needs. */
interface KindFactory {
  /** The kind's own, without its circuits and keys. */
  genesis: RollupKind['genesis']
  /** Of a state from elsewhere. */
  stateRootOf: RollupKind['stateRootOf']
  createKind(setting: ArtifactsSetting): Promise<RollupKind>
  createProver(
    options: Omit<NoirProverOptions, 'artifactsDir'> & ArtifactsSetting,
  ): Promise<Prover & Pick<RollupKind, 'srs'>>
}

export class UnknownKindError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-CONFIG-KIND',
    happened: "The configuration names a kind that this version doesn't have.",
    remedy: 'use a kind that the message lists.',
  }
  override readonly name = 'UnknownKindError'

  constructor(kind: string) {
    super(`There is no rollup kind "${kind}".`, { remedy: `use one of: ${Object.keys(KINDS).join(', ')}.` })
  }
}

const KINDS: Record<string, KindFactory> = {
  payments: {
    genesis: paymentsGenesis,
    stateRootOf: paymentsStateRootOf,
    createKind: async (setting) =>
      createPaymentsKind(await createNoirVerifier({ artifactsDir: artifactsDir(setting) })),
    createProver: async (options) => createNoirProver({ ...options, artifactsDir: artifactsDir(options) }),
  },
  // State and data of payments; its proofs prove nothing, so its "reference string" is one of development.
  'simulated-payments': {
    genesis: paymentsGenesis,
    stateRootOf: paymentsStateRootOf,
    createKind: async () => ({ ...createPaymentsKind(createSimulatedVerifier()), name: 'simulated-payments' }),
    createProver: async () => createSimulatedProver(),
  },
}

/** @throws UnknownKindError */
export function kindFactory(kind: string): KindFactory {
  const factory = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined
  if (factory === undefined) throw new UnknownKindError(kind)
  return factory
}
