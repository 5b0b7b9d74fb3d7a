import { inject } from 'vitest'
import { ensureNamespace } from '../../dev/stack/temporal/namespace.ts'
import { searchAttributeTypes } from '../../protocol/temporal/attributes.ts'
import { uniqueName } from './names.ts'

/** Makes a namespace with our search attributes on the run's Temporal server. It goes away with the server. */
export async function createTestNamespace(): Promise<{ address: string; namespace: string }> {
  const address = inject('temporalAddress')
  const namespace = uniqueName('zkpow-test')
  await ensureNamespace({ address, namespace, searchAttributes: searchAttributeTypes })
  return { address, namespace }
}
