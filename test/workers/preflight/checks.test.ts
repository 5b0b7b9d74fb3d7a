import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Secret } from '../../../config/keys/secret.ts'
import type { OperatorConfig } from '../../../config/types.ts'
import { startBlocker } from '../../../workers/preflight/checks.ts'
import { migratedDatabase, NOBODY, operatorConfig } from '../../client/support.ts'
import { Harness } from '../../contracts/harness.ts'
import { servesChain } from '../../support/rpc/rpc-faults.ts'
import { startRpcProxy } from '../../support/rpc/rpc-proxy.ts'
import { createTestNamespace } from '../../support/temporal.ts'
import { check, find } from './support.ts'

describe('chains', () => {
  let harness: Harness
  beforeAll(async () => {
    harness = await Harness.start()
  })
  afterAll(() => harness.anvil.stop())

  function config(): OperatorConfig {
    const made = operatorConfig({ rpcUrl: harness.anvil.url })
    return { ...made, rollups: made.rollups.map((rollup) => ({ ...rollup, contract: harness.rollup })) }
  }

  test('an endpoint of another chain among enough others: a warning that names it', async () => {
    const stranger = await startRpcProxy(harness.anvil.url)
    stranger.fault = servesChain(5)
    const made = config()
    const other = await startRpcProxy(harness.anvil.url)
    const rpcUrls = [harness.anvil.url, stranger.url, other.url].map((url) => new Secret(url))
    const results = await check({
      ...made,
      chains: made.chains.map((chain) => ({ ...chain, rpcUrls, agreement: 2 })),
    })
    await Promise.all([stranger.close(), other.close()])
    expect(find(results, 'chain dev')).toMatchObject({
      status: 'warning',
      text: expect.stringMatching(
        /2 of 3 endpoints must agree; not believed: endpoint 2 of 3 of chain 31337 serves chain 5$/,
      ),
    })
    expect(find(results, 'rollup payments')).toMatchObject({ status: 'ok' })
  })

  test('endpoints of another chain: its rollups are not looked at', async () => {
    const made = config()
    const chains = made.chains.map((chain) => ({ ...chain, chainId: 1 }))
    const results = await check({ ...made, chains })
    expect(find(results, 'chain dev')).toMatchObject({
      status: 'failed',
      text: expect.stringContaining('serves chain 31337; the configuration says 1'),
    })
    expect(find(results, 'rollup payments')).toBeUndefined()
  })
})

describe('what an aggregator can start with', () => {
  test('a chain that is away is no reason not to', async () => {
    const { url } = await migratedDatabase()
    const results = await check(operatorConfig({ databaseUrl: url, temporal: await createTestNamespace() }))
    expect(find(results, 'chain dev')).toMatchObject({ status: 'failed' })
    expect(startBlocker(results.filter(({ about }) => about !== 'kind payments'))).toBeUndefined()
    expect(startBlocker(results)).toMatchObject({ name: 'ArtifactsUnnamedError' })
  })

  test('stores that are away are; what somebody must correct comes first', async () => {
    const results = await check(operatorConfig({ temporal: { address: NOBODY, namespace: 'x' } }))
    expect(startBlocker(results.filter(({ about }) => about === 'database'))).toMatchObject({
      code: 'ZKPOW-DB-UNREACHABLE',
    })
    expect(startBlocker(results)).toMatchObject({ name: 'ArtifactsUnnamedError' })
  })
})
