import type { Connection } from '@temporalio/client'
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js'
import type { TemporalConfig } from '../../config/types.ts'
import { searchAttributeTypes } from '../../protocol/temporal/attributes.ts'
import { withTemporal } from '../temporal/connect-temporal.ts'
import { SearchAttributesError } from '../temporal/errors.ts'

/**
 * Whether Temporal answers and has the namespace: what a prover needs, which may be allowed to ask nothing else.
 * @throws TemporalUnreachableError | TemporalAccessError | NamespaceMissingError
 */
export const checkNamespace = (config: TemporalConfig): Promise<void> =>
  withTemporal(config, async (client) => {
    await client.workflowService.describeNamespace({ namespace: config.namespace })
  })

/**
 * Whether Temporal answers, has the namespace, and the namespace all search attributes with their types.
 * @throws TemporalUnreachableError | TemporalAccessError | NamespaceMissingError | SearchAttributesError
 */
export async function checkTemporal(config: TemporalConfig): Promise<void> {
  await checkNamespace(config)
  await withTemporal(config, (client) => checkSearchAttributes(client.connection as Connection, config))
}

async function checkSearchAttributes(connection: Connection, { address, namespace }: TemporalConfig): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace })
  const missing = searchAttributeTypes.filter(({ name }) => !(name in customAttributes))
  const mistyped = searchAttributeTypes.filter(
    ({ name, type }) => name in customAttributes && customAttributes[name] !== encoded(type),
  )
  if (missing.length + mistyped.length > 0) throw new SearchAttributesError({ address, namespace, missing, mistyped })
}

const encoded = (type: 'Int' | 'Keyword') => encodeSearchAttributeIndexedValueType(type === 'Int' ? 'INT' : 'KEYWORD')
