import { type Client, type Connection, isGrpcServiceError } from '@temporalio/client'
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js'
import type { TemporalConfig } from '../config/types.ts'
import { searchAttributeTypes } from '../protocol/search-attributes.ts'
import { NamespaceMissingError, SearchAttributesError, TemporalAccessError, TemporalUnreachableError } from './errors.ts'
import { connectTemporal } from './temporal.ts'

/** Statuses of gRPC. */
const NOT_FOUND = 5
const REFUSALS = [7, 16] // PERMISSION_DENIED, UNAUTHENTICATED

/**
 * Whether Temporal answers, has the namespace, and the namespace all search attributes with their types.
 * @throws TemporalUnreachableError | TemporalAccessError | NamespaceMissingError | SearchAttributesError
 */
export async function checkTemporal(config: TemporalConfig): Promise<void> {
  const client: Client = await connectTemporal(config)
  try {
    await checkNamespace(client.connection as Connection, config)
  } catch (error) {
    throw isGrpcServiceError(error) ? translate(error, config) : error
  } finally {
    await client.connection.close()
  }
}

async function checkNamespace(connection: Connection, { address, namespace }: TemporalConfig): Promise<void> {
  await connection.workflowService.describeNamespace({ namespace })
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace })
  const missing = searchAttributeTypes.filter(({ name }) => !(name in customAttributes))
  const mistyped = searchAttributeTypes.filter(({ name, type }) => name in customAttributes && customAttributes[name] !== encoded(type))
  if (missing.length + mistyped.length > 0) throw new SearchAttributesError({ address, namespace, missing, mistyped })
}

function translate(error: { code: number }, config: TemporalConfig): Error {
  if (error.code === NOT_FOUND) return new NamespaceMissingError(config)
  return REFUSALS.includes(error.code) ? new TemporalAccessError(config, error) : new TemporalUnreachableError(config.address, error)
}

const encoded = (type: 'Int' | 'Keyword') => encodeSearchAttributeIndexedValueType(type === 'Int' ? 'INT' : 'KEYWORD')
