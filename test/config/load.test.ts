import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { loadAggregatorConfig, loadDatabaseConfig, loadOperatorConfig, loadProverConfig } from '../../config/load.ts'
import { ADDRESS, changed, configFile, ENV, KEY, VALID } from './support.ts'

const EXAMPLE = fileURLToPath(new URL('../../zkpow.example.yaml', import.meta.url))

describe('what a file comes to', () => {
  test('defaults are filled in and names are resolved', async () => {
    const file = await configFile(VALID)
    const config = await loadAggregatorConfig(file, ENV)
    const [rollup] = config.rollups
    expect(config).toMatchObject({
      temporal: { address: 'temporal:7233', namespace: 'default', tls: null, apiKey: null },
      database: { poolSize: 10 },
      archiveFolder: join(dirname(file), 'archive'),
      srs: 'canonical',
      configFolder: dirname(file),
      artifacts: {},
      logging: { level: 'info' },
      chains: [
        {
          name: 'dev',
          chainId: 31337,
          agreement: 1,
          finality: { tag: 'finalized' },
          confirmations: 6,
          maxFeePerGasWei: 500_000_000n,
        },
      ],
    })
    expect(rollup).toMatchObject({
      name: 'payments',
      startBatch: 1,
      deployedAtBlock: 0,
      genesisFile: null,
      weight: 1,
      account: { name: 'miner', address: ADDRESS },
      limits: {
        maxUnproved: 4,
        confirmations: 6,
        blocksPerSequence: 3,
        marginBlocks: 3,
        maxCommitAhead: 4,
        leastRewardWei: '0',
      },
    })
    expect(rollup?.chain).toBe(config.chains[0])
    expect(rollup?.account.privateKey.reveal()).toBe(KEY)
    expect(config.database.url.reveal()).toBe(ENV.DATABASE)
    expect(config.chains[0]?.rpcUrls[0]?.reveal()).toBe(ENV.RPC)
  })

  test.each([
    { endpoints: 1, agreement: 1 },
    { endpoints: 2, agreement: 2 },
    { endpoints: 3, agreement: 2 },
  ])(
    'of $endpoints endpoints $agreement must agree unless the file says otherwise',
    async ({ endpoints, agreement }) => {
      const urls = Array.from({ length: endpoints }, (_, i) => `https://node-${i}.example`)
      const file = await changed('chains.dev.rpc', urls)
      expect((await loadAggregatorConfig(file, ENV)).chains[0]?.agreement).toBe(agreement)
    },
  )

  test('the least reward is in coins', async () => {
    const file = await changed('rollups.payments.limits', { leastReward: 0.025 })
    expect((await loadAggregatorConfig(file, ENV)).rollups[0]?.limits.leastRewardWei).toBe('25000000000000000')
  })

  test('the same endpoint named twice counts once', async () => {
    const rpc = ['https://node.example/a', { env: 'RPC' }, 'https://node.example/a/', 'https://NODE.example:443/a']
    expect((await loadAggregatorConfig(await changed('chains.dev.rpc', rpc), ENV)).chains[0]?.agreement).toBe(2)
    const of = { chainId: 31337, rpc, maxFeePerGasGwei: 1, account: 'miner' }
    const both = await changed('chains.dev', { ...of, agreement: 2 })
    expect((await loadAggregatorConfig(both, ENV)).chains[0]?.agreement).toBe(2)
    const more = await changed('chains.dev', { ...of, agreement: 3 })
    await expect(loadAggregatorConfig(more, ENV)).rejects.toMatchObject({
      name: 'ConfigInvalidError',
      message: expect.stringContaining(
        'chains.dev.agreement: expected at most as many as there are different endpoints (2), got 3',
      ),
    })
  })

  test('an address without quotes is not taken for a number', async () => {
    const file = await configFile(
      VALID.replaceAll("'0x70997970C51812dc3A010C7d01b50e0d17dc79C8'", '0x70997970c51812dc3a010c7d01b50e0d17dc79c8'),
    )
    expect((await loadAggregatorConfig(file, ENV)).rollups[0]?.contract).toBe(
      '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
    )
  })

  test.each(['1e3', '007', '1-0', 'true', 'null', '1-2', '0x10', 'constructor'])(
    'a rollup is called what the file calls it: %s',
    async (name) => {
      const file = await configFile(VALID.replace('  payments:', `  ${name}:`))
      expect((await loadAggregatorConfig(file, ENV)).rollups.map((rollup) => rollup.name)).toEqual([name])
    },
  )

  test('a mark of the byte order and blanks at the ends of lines do no harm', async () => {
    const file = await configFile(`\uFEFF${VALID.replaceAll('\n', '   \r\n')}`)
    await expect(loadAggregatorConfig(file, ENV)).resolves.toBeDefined()
  })

  test('an account that no rollup uses needs no key', async () => {
    const file = await changed('accounts.spare', { privateKeyEnv: 'NOT_SET' })
    await expect(loadAggregatorConfig(file, ENV)).resolves.toBeDefined()
  })

  test('the file of a first state is found relative to the configuration', async () => {
    const file = await changed('rollups.payments.genesisFile', 'states/genesis.json')
    const [rollup] = (await loadOperatorConfig(file, ENV)).rollups
    expect(rollup?.genesisFile).toBe(join(dirname(file), 'states/genesis.json'))
  })

  test('a database address may stand in a file, relative to the configuration', async () => {
    const file = await changed('database', { urlFile: 'secrets/url' })
    await mkdir(join(dirname(file), 'secrets'))
    await writeFile(join(dirname(file), 'secrets/url'), `${ENV.DATABASE}\n`)
    expect((await loadDatabaseConfig(file, {})).url.reveal()).toBe(ENV.DATABASE)
  })
})

describe('who needs what', () => {
  test('a prover needs neither keys, endpoints nor the database of the aggregator', async () => {
    const config = await loadProverConfig(await configFile(VALID), { PROVER_DATABASE: ENV.PROVER_DATABASE })
    const defaults = { concurrency: 1, machine: 'standard' }
    expect(config.prover).toEqual({ name: 'machine-1', kinds: ['payments'], ...defaults })
    expect(config.database.url.reveal()).toBe(ENV.PROVER_DATABASE)
    expect(Object.keys(config).sort()).toEqual([
      'artifacts',
      'configFolder',
      'database',
      'logging',
      'prover',
      'srs',
      'temporal',
    ])
  })

  test('a prover gets no secret of the aggregator even where its environment has them', async () => {
    expect(reveal(await loadProverConfig(await configFile(VALID), ENV))).toEqual([ENV.PROVER_DATABASE])
  })

  test.each(['../../x', '', 'a b', 'x'.repeat(201), 'line\n'])(
    'a prover whose name is no name is refused: %j',
    async (name) => {
      const load = loadProverConfig(await configFile(VALID), ENV, { name })
      await expect(load).rejects.toThrow(
        `--name: expected a name of at most 200 characters, without blanks and slashes, got ${JSON.stringify(name)}`,
      )
    },
  )

  test("a prover's file may hold its own sections only", async () => {
    const file = await configFile(
      "temporal: { address: 'temporal:7233' }\nprover: { database: { urlEnv: PROVER_DATABASE } }",
    )
    await expect(loadProverConfig(file, ENV)).resolves.toMatchObject({ temporal: { namespace: 'default' } })
    await expect(loadAggregatorConfig(file, ENV)).rejects.toThrow(
      'rollups: expected a mapping from names to rollups, got nothing',
    )
  })

  test('an operator needs no keys, but sees an address where it can be known', async () => {
    const { MINER_KEY, ...env } = ENV
    const load = async (file: string, e: Record<string, string>) =>
      (await loadOperatorConfig(file, e)).rollups[0]?.account
    expect(await load(await configFile(VALID), env)).toEqual({ name: 'miner', address: null })
    expect(await load(await configFile(VALID), { ...env, MINER_KEY })).toEqual({ name: 'miner', address: ADDRESS })
    expect(await load(await changed('accounts.miner.address', ADDRESS), env)).toEqual({
      name: 'miner',
      address: ADDRESS,
    })
  })
})

describe('the example', () => {
  const env = {
    ZKPOW_DATABASE_URL: ENV.DATABASE,
    ZKPOW_PROVER_DATABASE_URL: ENV.PROVER_DATABASE,
    SEPOLIA_RPC_1: ENV.RPC,
    SEPOLIA_RPC_2: ENV.RPC,
  }

  test('loads', async () => {
    const config = await loadOperatorConfig(EXAMPLE, env)
    expect(config.rollups.map((r) => [r.name, r.account.name, r.chain.name])).toEqual([
      ['payments-a', 'miner', 'sepolia'],
      ['payments-b', 'second-miner', 'sepolia'],
    ])
    await expect(loadProverConfig(EXAMPLE, env)).resolves.toBeDefined()
  })

  test('states the defaults as they are', async () => {
    const { chains, rollups, database, logging } = await loadOperatorConfig(EXAMPLE, env)
    const [{ limits, startBatch, weight } = { limits: undefined }] = rollups
    const said = await readFile(EXAMPLE, 'utf8')
    const { leastRewardWei, ...others } = limits ?? {}
    for (const [key, value] of Object.entries({
      ...others,
      leastReward: Number(leastRewardWei),
      startBatch,
      weight,
      poolSize: database.poolSize,
      level: logging.level,
    })) {
      expect(said, key).toContain(`${key}: ${value} `.trim())
    }
    const [{ feePatienceBlocks, maxGas, maxTransactionBytes } = { maxGas: undefined }] = chains
    for (const [key, value] of Object.entries({ feePatienceBlocks, maxGas, maxTransactionBytes })) {
      expect(said, key).toContain(`${key}: ${value} `)
    }
  })
})

describe('secrets', () => {
  test.each([
    ['String', String],
    ['JSON.stringify', JSON.stringify],
    ['inspect', (value: unknown) => inspect(value, { depth: 9, showHidden: true })],
  ] as const)('%s shows none of a configuration', async (_, show) => {
    const shown = show(await loadAggregatorConfig(await configFile(VALID), ENV), ((_: string, value: unknown) =>
      typeof value === 'bigint' ? `${value}` : value) as never)
    for (const secret of [KEY, KEY.slice(2), 'database-password', 'rpc-credential']) expect(shown).not.toContain(secret)
  })
})

/** Finds every secret that a configuration holds. */
function reveal(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  if ('reveal' in value && typeof value.reveal === 'function') return [value.reveal()]
  return Object.values(value).flatMap(reveal)
}
