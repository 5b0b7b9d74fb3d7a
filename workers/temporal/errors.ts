import { FatalError, RetryableError } from '../../protocol/base/errors.ts'

export class TemporalUnreachableError extends RetryableError {
  static override readonly entry = {
    code: 'ZKPOW-TEMPORAL-UNREACHABLE',
    happened: "Temporal doesn't answer.",
    remedy: 'start it, or correct temporal.address (and tls, apiKeyEnv) in the configuration.',
  }
  override readonly name = 'TemporalUnreachableError'

  constructor(address: string, cause: unknown) {
    super(`Temporal doesn't answer at ${address}.`, {
      cause,
    })
  }
}

export class TemporalAccessError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-TEMPORAL-ACCESS',
    happened: "Temporal doesn't let us do what we need.",
    remedy: 'correct temporal.apiKeyEnv or temporal.tls, or give this identity the right to write to the namespace.',
  }
  override readonly name = 'TemporalAccessError'

  constructor(p: { address: string; namespace: string }, cause: unknown) {
    super(`Temporal at ${p.address} refuses access to namespace "${p.namespace}".`, {
      cause,
    })
  }
}

export class NamespaceMissingError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-TEMPORAL-NAMESPACE',
    happened: "Temporal doesn't have the namespace.",
    remedy: 'make the namespace with the command that the message gives, or correct temporal.namespace.',
  }
  override readonly name = 'NamespaceMissingError'

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

export class SearchAttributesError extends FatalError {
  static override readonly entry = {
    code: 'ZKPOW-TEMPORAL-ATTRIBUTES',
    happened: 'The namespace lacks search attributes that the workflows set, or has them with other types.',
    remedy: 'run the command that the message gives.',
  }
  override readonly name = 'SearchAttributesError'

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
