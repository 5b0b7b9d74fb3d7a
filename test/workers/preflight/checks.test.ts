import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Connection } from '@temporalio/client'
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js'
import { sql } from 'drizzle-orm'
import { parseEther } from 'viem'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { Secret } from '../../../config/keys/secret.ts'
import { loadAccountKeys } from '../../../config/load.ts'
import type { OperatorConfig } from '../../../config/types.ts'
import { ensureNamespace } from '../../../dev/stack/temporal/namespace.ts'
import { searchAttributeTypes } from '../../../protocol/temporal/attributes.ts'
import { type CheckResult, runChecks, startBlocker } from '../../../workers/preflight/checks.ts'
import { CONTRACT, MINER, migratedDatabase, NOBODY, operatorConfig } from '../../client/support.ts'
import { changed, ENV } from '../../config/support.ts'
import { Harness } from '../../contracts/harness.ts'
import { Harness2023 } from '../../contracts/harness-2023.ts'
import { staking } from '../../contracts/miner-actions.ts'
import { createTestDatabase } from '../../support/database.ts'
import { uniqueName } from '../../support/names.ts'
import { servesChain } from '../../support/rpc/rpc-faults.ts'
import { startRpcProxy } from '../../support/rpc/rpc-proxy.ts'
import { createTestNamespace } from '../../support/temporal.ts'

describe('database', () => {
  test('one that is migrated', async () => {
    const { url } = await migratedDatabase()
    expect(await resultOf('database', operatorConfig({ databaseUrl: url }))).toMatchObject({
      status: 'ok',
      text: 'reachable and migrated',
    })
  })

  test('one with uploads that nobody accepts: whose, and from half of what a login may have on, what to do', async () => {
    const { db, url } = await migratedDatabase()
    const result = () => resultOf('database', operatorConfig({ databaseUrl: url }))
    const hoard = (uploads: number) =>
      db.execute(sql`insert into zkpow.proof_uploads (task_id, login, sha256, size, bytes, prover, duration_ms, peak_memory_bytes)
        select 'task', 'machine_1', '0x' || encode(sha256(int4send(n)), 'hex'), 4, int4send(n), 'p', 1, 1 from generate_series(1, ${uploads}::int) n
        on conflict do nothing`)
    await hoard(2)
    expect(await result()).toMatchObject({
      status: 'ok',
      text: expect.stringMatching(/2 of login machine_1 \(131\.1 kB\)$/),
    })
    await hoard(8_192)
    expect(await result()).toMatchObject({
      status: 'warning',
      text: expect.stringContaining("where login = '<login>'"),
    })
  })

  test('one that is empty: says how to migrate', async () => {
    const result = await resultOf('database', operatorConfig({ databaseUrl: await createTestDatabase() }))
    expect(result).toMatchObject({ status: 'failed', text: expect.stringContaining('run `zkpow migrate`') })
  })

  test('one that is away, without its password', async () => {
    const result = await resultOf('database', operatorConfig({}))
    expect(result).toMatchObject({ status: 'failed', text: expect.stringContaining('not reachable') })
    expect(result?.text).not.toContain('database-password')
  })
})

describe('accounts', () => {
  const keystore = async () => {
    const { keystore: written, password } = JSON.parse(
      await readFile(new URL('../../config/keystores/ethers_6_empty_password.json', import.meta.url), 'utf8'),
    )
    const file = await changed('accounts.miner', { keystoreFile: 'miner.json', passwordEnv: 'PASSWORD' })
    await writeFile(join(dirname(file), 'miner.json'), JSON.stringify(written))
    return { file, password }
  }
  const check = async (file: string, env: Record<string, string>) => {
    const results = await runChecks(operatorConfig({}), () => {}, await loadAccountKeys(file, { ...ENV, ...env }))
    return results.find(({ about }) => about === 'account miner')
  }

  test('a keystore that opens', async () => {
    const { file, password } = await keystore()
    expect(await check(file, { PASSWORD: password })).toMatchObject({
      status: 'ok',
      text: `${MINER}, and its key opens`,
    })
  })

  test.each([
    { why: 'another password', password: 'other', says: 'expected PASSWORD to open' },
    { why: 'another file', content: '{}', says: 'expected a version 3 keystore (geth, cast wallet, ethers)' },
  ])('$why fails', async ({ password = '', content, says }) => {
    const { file } = await keystore()
    if (content !== undefined) await writeFile(join(dirname(file), 'miner.json'), content)
    expect(await check(file, { PASSWORD: password })).toMatchObject({
      status: 'failed',
      text: expect.stringContaining(says),
    })
  })

  test('a key that lives on another machine is a warning', async () => {
    const { file } = await keystore()
    const text = "its key isn't looked at: PASSWORD isn't set here, as it must be where the aggregator runs"
    expect(await check(file, {})).toMatchObject({ status: 'warning', text })
  })
})

describe('Temporal', () => {
  const address = inject('temporalAddress')

  test('a namespace with everything', async () => {
    const temporal = await createTestNamespace()
    expect(await resultOf('temporal', operatorConfig({ temporal }))).toMatchObject({ status: 'ok' })
  })

  test('a namespace that is missing: says how to make it', async () => {
    const namespace = uniqueName('missing')
    const result = await resultOf('temporal', operatorConfig({ temporal: { address, namespace } }))
    expect(result?.text).toBe(
      `Temporal at ${address} has no namespace "${namespace}". Fix: run \`temporal operator namespace create --address ${address} --namespace ${namespace} --retention 7d\`, or correct temporal.namespace. [ZKPOW-TEMPORAL-NAMESPACE]`,
    )
  })

  test('search attributes that are missing or of another type: says how to make them', async () => {
    const namespace = uniqueName('attributes')
    const [first, ...others] = searchAttributeTypes.map(({ name }) => name)
    await ensureNamespace({ address, namespace, searchAttributes: [] })
    await addAttribute(address, namespace, `${first}`)
    const result = await resultOf('temporal', operatorConfig({ temporal: { address, namespace } }))
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

describe('chains and contracts', () => {
  let harness: Harness
  beforeAll(async () => {
    harness = await Harness.start()
  })
  afterAll(() => harness.anvil.stop())

  const config = (change: Partial<Rollup> = {}): OperatorConfig => {
    const made = operatorConfig({ rpcUrl: harness.anvil.url })
    return { ...made, rollups: made.rollups.map((rollup) => ({ ...rollup, contract: harness.rollup, ...change })) }
  }

  test('a rollup that answers, with a miner without stake: a warning that says what is short', async () => {
    const results = await runChecks(config())
    expect(find(results, 'chain dev')).toMatchObject({
      status: 'ok',
      text: expect.stringMatching(/^chain 31337, head \d+, final \d+, 1 of 1/),
    })
    expect(find(results, 'rollup payments')).toMatchObject({
      status: 'ok',
      text: expect.stringContaining('rollup chain 1001, fork 4'),
    })
    expect(find(results, 'commits of rollup payments')).toMatchObject({
      status: 'warning',
      text: expect.stringMatching(
        /no new hash would be sent: stake is 0, the contract asks for 0\.000000000000001 .*\[stake-short\].*`zkpow stake payments --to 0.000000000000001` cures it/,
      ),
      error: null,
    })
  })

  test('windows that are too short for the limits', async () => {
    await harness.send({ from: MINER, functionName: 'deposit', args: [], value: 2_000n })
    const limits = { maxUnproved: 4, confirmations: 1, blocksPerSequence: 9, marginBlocks: 1, maxCommitAhead: 4 }
    const results = await runChecks(config({ limits }))
    expect(find(results, 'commits of rollup payments')?.text).toContain('[predecessor-windows-tight]')
  })

  test('an account whose address is not known', async () => {
    const results = await runChecks(config({ account: { name: 'miner', address: null } }))
    expect(find(results, 'commits of rollup payments')).toMatchObject({
      status: 'warning',
      text: expect.stringContaining('accounts.miner.address'),
    })
  })

  test('a contract of 2023 whose first state is in no file: failed, and an aggregator does not start', async () => {
    const of2023 = await Harness2023.start()
    onTestFinished(() => of2023.anvil.stop())
    const made = operatorConfig({ rpcUrl: of2023.anvil.url })
    const results = await runChecks({
      ...made,
      rollups: made.rollups.map((rollup) => ({ ...rollup, contract: of2023.rollup })),
    })
    expect(find(results, 'genesis of rollup payments')).toMatchObject({
      ...{ status: 'failed', text: expect.stringContaining('rollups.payments.genesisFile') },
    })
    expect(startBlocker(results.filter(({ about }) => about === 'genesis of rollup payments'))).toMatchObject({
      name: 'GenesisFileError',
    })
  })

  test('a contract of 2023: its hazards, what keeps hashes back, and how its stake is raised', async () => {
    const of2023 = await Harness2023.start()
    onTestFinished(() => of2023.anvil.stop())
    const made = operatorConfig({ rpcUrl: of2023.anvil.url })
    const config = { ...made, rollups: made.rollups.map((rollup) => ({ ...rollup, contract: of2023.rollup })) }
    await of2023.send(staking(MINER, parseEther('2')))
    const calm = await runChecks(config)
    expect(find(calm, 'rollup payments')).toMatchObject({
      status: 'ok',
      text: expect.stringContaining('finds hashes by their bytes alone'),
    })
    const { text = '' } = find(calm, 'commits of rollup payments') ?? {}
    expect(text).toContain(
      'stake is 2, the contract asks for 50 (deposit from the account itself, with the aggregator stopped',
    )
    expect(text).toContain('; 50 is enough: deposit from the account itself')
    expect(text).not.toContain('zkpow stake')
    await of2023.special({ part: 'rollup', functionName: 'setProofHashCommitEpoch', args: [255] })
    const results = await runChecks(config)
    expect(find(results, 'rollup payments')).toMatchObject({
      status: 'warning',
      text: expect.stringMatching(/^T1\+T2 is 259: /),
    })
    expect(find(results, 'commits of rollup payments')).toMatchObject({
      text: expect.stringContaining('[windows-overflow]'),
    })
  })

  test('an address without a contract', async () => {
    const result = await resultOf('rollup payments', config({ contract: CONTRACT }))
    expect(result).toMatchObject({ status: 'failed', text: expect.stringContaining("correct the contract's address") })
  })

  test('an endpoint of another chain among enough others: a warning that names it', async () => {
    const stranger = await startRpcProxy(harness.anvil.url)
    stranger.fault = servesChain(5)
    const made = config()
    const other = await startRpcProxy(harness.anvil.url)
    const rpcUrls = [harness.anvil.url, stranger.url, other.url].map((url) => new Secret(url))
    const results = await runChecks({
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
    const results = await runChecks({ ...made, chains })
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
    const results = await runChecks(operatorConfig({ databaseUrl: url, temporal: await createTestNamespace() }))
    expect(find(results, 'chain dev')).toMatchObject({ status: 'failed' })
    expect(startBlocker(results.filter(({ about }) => about !== 'kind payments'))).toBeUndefined()
    expect(startBlocker(results)).toMatchObject({ name: 'ArtifactsUnnamedError' })
  })

  test('stores that are away are; what somebody must correct comes first', async () => {
    const results = await runChecks(operatorConfig({ temporal: { address: NOBODY, namespace: 'x' } }))
    expect(startBlocker(results.filter(({ about }) => about === 'database'))).toMatchObject({
      code: 'ZKPOW-DB-UNREACHABLE',
    })
    expect(startBlocker(results)).toMatchObject({ name: 'ArtifactsUnnamedError' })
  })
})

// Helpers

type Rollup = OperatorConfig['rollups'][number]

const find = (results: CheckResult[], about: string) => results.find((result) => result.about === about)

const resultOf = async (about: string, config: OperatorConfig) => find(await runChecks(config), about)

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
