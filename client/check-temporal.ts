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
 * Whether Temporal answers and has the namespace: what a prover needs, which may be allowed to ask nothing else.
 * @throws TemporalUnreachableError | TemporalAccessError | NamespaceMissingError
 */
export const checkNamespace = (config: TemporalConfig): Promise<void> =>
  withConnection(config, async ({ workflowService }) => {
    await workflowService.describeNamespace({ namespace: config.namespace })
  })

/**
 * Whether Temporal answers, has the namespace, and the namespace all search attributes with their types.
 * @throws TemporalUnreachableError | TemporalAccessError | NamespaceMissingError | SearchAttributesError
 */
export async function checkTemporal(config: TemporalConfig): Promise<void> {
  await checkNamespace(config)
  await withConnection(config, (connection) => checkSearchAttributes(connection, config))
}

async function withConnection(config: TemporalConfig, ask: (connection: Connection) => Promise<void>): Promise<void> {
  const client: Client = await connectTemporal(config)
  try {
    await ask(client.connection as Connection)
  } catch (error) {
    throw isGrpcServiceError(error) ? translate(error, config) : error
  } finally {
    await client.connection.close()
  }
}

async function checkSearchAttributes(connection: Connection, { address, namespace }: TemporalConfig): Promise<void> {
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
