import { Connection } from '@temporalio/client'
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js'
import { msToTs } from '@temporalio/common/lib/time.js'
import type { searchAttributeTypes } from '../../../protocol/temporal/attributes.ts'

/** How long the server keeps what has ended. */
const RETENTION = '7 days'

/** gRPC's status for something that exists already. */
const ALREADY_EXISTS = 6

export interface NamespaceOptions {
  address: string
  namespace: string
  searchAttributes: typeof searchAttributeTypes
}

/** Makes the namespace and those of its search attributes that are missing. Doesn't touch what is there. */
export async function ensureNamespace({ address, namespace, searchAttributes }: NamespaceOptions): Promise<void> {
  const connection = await Connection.connect({ address })
  try {
    await connection.workflowService
      .registerNamespace({ namespace, workflowExecutionRetentionPeriod: msToTs(RETENTION) })
      .catch(unlessCode(ALREADY_EXISTS))
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace })
    const missing = searchAttributes.filter(({ name }) => !(name in customAttributes))
    if (missing.length === 0) return
    const encoded = missing.map(({ name, type }) => [
      name,
      encodeSearchAttributeIndexedValueType(type === 'Int' ? 'INT' : 'KEYWORD'),
    ])
    await connection.operatorService
      .addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(encoded) })
      .catch(unlessCode(ALREADY_EXISTS))
  } finally {
    await connection.close()
  }
}

function unlessCode(code: number): (error: unknown) => void {
  return (error) => {
    if ((error as { code?: unknown }).code !== code) throw error
  }
}
