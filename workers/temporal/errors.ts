import { FatalError, RetryableError } from '../../protocol/base/errors.ts'

/** Temporal doesn't answer. */
export class TemporalUnreachableError extends RetryableError {
  override readonly name = 'TemporalUnreachableError'
  readonly code = 'ZKPOW-TEMPORAL-UNREACHABLE'

  constructor(address: string, cause: unknown) {
    super(`Temporal doesn't answer at ${address}.`, {
      remedy: 'start it, or correct temporal.address (and tls, apiKeyEnv) in the configuration.',
      cause,
    })
  }
}

/** Temporal doesn't let us do what we need. */
export class TemporalAccessError extends FatalError {
  override readonly name = 'TemporalAccessError'
  readonly code = 'ZKPOW-TEMPORAL-ACCESS'

  constructor(p: { address: string; namespace: string }, cause: unknown) {
    super(`Temporal at ${p.address} refuses access to namespace "${p.namespace}".`, {
      remedy: 'correct temporal.apiKeyEnv or temporal.tls, or give this identity the right to write to the namespace.',
      cause,
    })
  }
}

/** Temporal doesn't have the namespace. */
export class NamespaceMissingError extends FatalError {
  override readonly name = 'NamespaceMissingError'
  readonly code = 'ZKPOW-TEMPORAL-NAMESPACE'

  constructor(p: { address: string; namespace: string }) {
    super(`Temporal at ${p.address} has no namespace "${p.namespace}".`, {
      remedy: `run \`temporal operator namespace create --address ${p.address} --namespace ${p.namespace} --retention 7d\`, or correct temporal.namespace.`,
    })
  }
}

/** A search attribute as Temporal's command line takes it. */
export interface NamedAttribute {
  name: string
  type: string
}

/** The namespace lacks search attributes that the workflows set, or has them with other types. */
export class SearchAttributesError extends FatalError {
  override readonly name = 'SearchAttributesError'
  readonly code = 'ZKPOW-TEMPORAL-ATTRIBUTES'

  constructor(p: { address: string; namespace: string; missing: NamedAttribute[]; mistyped: NamedAttribute[] }) {
    const target = `--address ${p.address} --namespace ${p.namespace}`
    const remove = p.mistyped.map(
      ({ name }) => `temporal operator search-attribute remove ${target} --yes --name ${name}`,
    )
    const flags = [...p.mistyped, ...p.missing].map(({ name, type }) => ` --name ${name} --type ${type}`).join('')
    const commands = [...remove, `temporal operator search-attribute create ${target}${flags}`]
    const lacks = [p.missing.length > 0 ? `lacks the search attributes ${names(p.missing)}` : '']
    const wrong = [p.mistyped.length > 0 ? `has ${names(p.mistyped)} with another type` : '']
    super(`Namespace "${p.namespace}" ${[...lacks, ...wrong].filter(Boolean).join(' and ')}.`, {
      remedy: `run \`${commands.join(' && ')}\`.`,
    })
  }
}

const names = (attributes: NamedAttribute[]): string => attributes.map(({ name }) => name).join(', ')
