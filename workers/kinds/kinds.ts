import { payments } from '../../kinds/payments/kind.ts'
import { FatalError } from '../../protocol/base/errors.ts'
import type { BackendProver, ProofVerifier, ProverOptions, VerifierOptions } from '../../protocol/proof/backend.ts'
import type { KindDefinition, RollupKind } from '../../protocol/proof/rollup-kind.ts'
import type { backendSettings } from '../../provers/backends.ts'
import { noir } from '../../provers/noir/backend.ts'
import { simulated } from '../../provers/simulated/backend.ts'

/** What the configuration says for all backends: each takes what is its own. */
type ForVerifier = VerifierOptions<typeof backendSettings>
type ForProver = ProverOptions<typeof backendSettings>

/** A kind as rollups and provers are configured for it: how the aggregator's side and the prover's side are made. */
export interface KindFactory extends Pick<KindDefinition<unknown>, 'name' | 'module' | 'genesis' | 'stateRootOf'> {
  createKind(options: ForVerifier): Promise<RollupKind>
  createProver(options: ForProver): Promise<BackendProver>
}

/** A backend that asks to be told of circuits no more than this. */
interface BackendFor<Circuits> {
  createVerifier(circuits: Circuits, options: ForVerifier): Promise<ProofVerifier>
  createProver(circuits: Circuits, options: ForProver): Promise<BackendProver>
}

/**
 * Makes the kind as that backend proves it.
 * @param name is in task queues and stored rows for good; the kind's own unless another backend has it.
 */
export function provedBy<Circuits>(
  { circuits, ...rules }: KindDefinition<Circuits>,
  backend: BackendFor<NoInfer<Circuits>>,
  name = rules.name,
): KindFactory {
  return {
    name,
    module: rules.module,
    genesis: rules.genesis,
    stateRootOf: rules.stateRootOf,
    createKind: async (options) => ({ ...rules, ...(await backend.createVerifier(circuits, options)), name }),
    createProver: (options) => backend.createProver(circuits, options),
  }
}

/** Every kind that there is. */
const KINDS: readonly KindFactory[] = [
  provedBy(payments, noir),
  provedBy(payments, simulated, 'simulated-payments'), // so its "reference string" is one of development
]

export class UnknownKindError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-CONFIG-KIND',
    happened: "The configuration names a kind that this version doesn't have.",
    remedy: 'use a kind that the message lists.',
  }
  override readonly name = 'UnknownKindError'

  constructor(kind: string) {
    super(`There is no rollup kind "${kind}".`, { remedy: `use one of: ${KINDS.map(({ name }) => name).join(', ')}.` })
  }
}

/** @throws UnknownKindError */
export function kindFactory(kind: string): KindFactory {
  const factory = KINDS.find(({ name }) => name === kind)
  if (factory === undefined) throw new UnknownKindError(kind)
  return factory
}
