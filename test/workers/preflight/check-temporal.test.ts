import { type Client, Connection } from '@temporalio/client'
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js'
import { describe, expect, inject, test } from 'vitest'
import type { OperatorConfig, TemporalConfig } from '../../../config/types.ts'
import { ensureNamespace } from '../../../dev/stack/temporal/namespace.ts'
import { searchAttributeTypes } from '../../../protocol/temporal/attributes.ts'
import { openLazily, type TemporalConnection } from '../../../workers/opened.ts'
import { runChecks } from '../../../workers/preflight/checks.ts'
import { connectTemporal } from '../../../workers/temporal/connect-temporal.ts'
import { connectWorker } from '../../../workers/temporal/connect-worker.ts'
import { operatorConfig } from '../../client/support.ts'
import { uniqueName } from '../../support/names.ts'
import { createTestNamespace } from '../../support/temporal.ts'
import { find } from './support.ts'

const address = inject('temporalAddress')

describe.each([
  {
    by: 'a command’s connection',
    connect: async (config: TemporalConfig) => connectionOf(await connectTemporal(config)),
  },
  { by: 'a worker’s', connect: connectWorker },
])('by $by', ({ connect }) => {
  const resultOf = async (config: OperatorConfig) => {
    const opened = openLazily<TemporalConnection>(config, { applicationName: 'zkpow-test', connectTemporal: connect })
    return find(await runChecks(config, opened).finally(() => opened.close()), 'temporal')
  }

  test('a namespace with everything', async () => {
    const temporal = await createTestNamespace()
    expect(await resultOf(operatorConfig({ temporal }))).toMatchObject({ status: 'ok' })
  })

  test('a namespace that is missing: says how to make it', async () => {
    const namespace = uniqueName('missing')
    const result = await resultOf(operatorConfig({ temporal: { address, namespace } }))
    expect(result?.text).toBe(
      `Temporal at ${address} has no namespace "${namespace}". Fix: run \`temporal operator namespace create --address ${address} --namespace ${namespace} --retention 7d\`, or correct temporal.namespace. [ZKPOW-TEMPORAL-NAMESPACE]`,
    )
  })

  test('search attributes that are missing or of another type: says how to make them', async () => {
    const namespace = uniqueName('attributes')
    const [first, ...others] = searchAttributeTypes.map(({ name }) => name)
    await ensureNamespace({ address, namespace, searchAttributes: [] })
    await addAttribute(address, namespace, `${first}`)
    const result = await resultOf(operatorConfig({ temporal: { address, namespace } }))
    expect(result?.text).toContain(
      `Namespace "${namespace}" lacks the search attributes ${others.join(', ')} and has ${first} with another type.`,
    )
    const target = `--address ${address} --namespace ${namespace}`
    expect(result?.text).toContain(`temporal operator search-attribute remove ${target} --yes --name ${first} && `)
    expect(result?.text).toContain(
      `temporal operator search-attribute create ${target} --name ${first} --type Keyword --name ZkpowChainId --type Int`,
    )
  })
})

const connectionOf = ({ connection }: Client) => connection as Connection

/** Makes a search attribute with a type that isn't ours. */
async function addAttribute(address: string, namespace: string, name: string): Promise<void> {
  const connection = await Connection.connect({ address })
  const type = encodeSearchAttributeIndexedValueType('BOOL') ?? null
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: { [name]: type as NonNullable<typeof type> },
  })
  await connection.close()
}
