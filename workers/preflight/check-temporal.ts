import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js'
import type { TemporalConfig } from '../../config/types.ts'
import { searchAttributeTypes } from '../../protocol/temporal/attributes.ts'
import type { TemporalConnection } from '../opened.ts'
import { callTemporal } from '../temporal/connect-temporal.ts'
import { SearchAttributesError } from '../temporal/errors.ts'

/**
 * Tells whether Temporal answers and has the namespace: what a prover needs, which may be allowed to ask nothing else.
 * @throws TemporalUnreachableError | TemporalAccessError | NamespaceMissingError
 */
export const checkNamespace = (
  { workflowService }: Pick<TemporalConnection, 'workflowService'>,
  config: TemporalConfig,
): Promise<void> =>
  callTemporal(config, async () => {
    await workflowService.describeNamespace({ namespace: config.namespace })
  })

/**
 * Tells whether Temporal answers, has the namespace, and the namespace all search attributes with their types.
 * @throws TemporalUnreachableError | TemporalAccessError | NamespaceMissingError | SearchAttributesError
 */
export async function checkTemporal(connection: TemporalConnection, config: TemporalConfig): Promise<void> {
  await checkNamespace(connection, config)
  await callTemporal(config, () => checkSearchAttributes(connection, config))
}

async function checkSearchAttributes(
  { operatorService }: TemporalConnection,
  { address, namespace }: TemporalConfig,
): Promise<void> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace })
  const missing = searchAttributeTypes.filter(({ name }) => !(name in customAttributes))
  const mistyped = searchAttributeTypes.filter(
    ({ name, type }) => name in customAttributes && customAttributes[name] !== encoded(type),
  )
  if (missing.length + mistyped.length > 0) throw new SearchAttributesError({ address, namespace, missing, mistyped })
}

const encoded = (type: 'Int' | 'Keyword') => encodeSearchAttributeIndexedValueType(type === 'Int' ? 'INT' : 'KEYWORD')
