import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { ConfigSecretError } from '../../config/errors.ts'
import { loadAggregatorConfig, loadProverConfig } from '../../config/load.ts'
import { ADDRESS, changed, configFile, ENV, KEY, VALID } from './support.ts'

const OTHER = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'

describe('wrong values', () => {
  test.each([
    { path: 'temporal.address', value: 'http://temporal', says: 'expected host:port, got "http://temporal" (string)' },
    {
      path: 'temporal.adress',
      value: 'a:1',
      says: 'temporal: expected a key that exists here (address, namespace, tls, apiKeyEnv), got "adress"',
    },
    { path: 'temporal.tls', value: { certFile: 'a' }, says: 'expected certFile and keyFile together, or neither' },
    { path: 'database', value: {}, says: 'database: expected exactly one of urlEnv and urlFile' },
    { path: 'database.urlFile', value: 'f', says: 'expected exactly one of urlEnv and urlFile' },
    {
      path: 'database.poolSize',
      value: 0,
      says: 'database.poolSize: expected a whole number from 1 to 100, got a number (not shown)',
    },
    { path: 'archive', value: undefined, says: 'archive: expected a mapping of folder, got nothing' },
    { path: 'srs', value: 'dev', says: 'srs: expected canonical or development, got "dev" (string)' },
    {
      path: 'logging',
      value: { level: 'loud' },
      says: 'logging.level: expected trace, debug, info, warn, error, got "loud" (string)',
    },
    {
      path: 'chains.dev.chainId',
      value: '31337',
      says: 'chains.dev.chainId: expected a whole number from 1 to 1000000000000, got "31337" (string)',
    },
    { path: 'chains.dev.chainId', value: 0, says: 'got 0 (number)' },
    { path: 'chains.dev.rpc', value: [], says: 'chains.dev.rpc: expected at least one endpoint' },
    {
      path: 'chains.dev.rpc',
      value: ['ftp://a'],
      says: 'chains.dev.rpc.0: expected an http(s) URL, got a string (not shown)',
    },
    {
      path: 'chains.dev.agreement',
      value: 2,
      says: 'chains.dev.agreement: expected at most as many as there are endpoints, got 2 (number)',
    },
    {
      path: 'chains.dev.finality',
      value: { tag: 'safe' },
      says: 'expected {tag: finalized} or {confirmations: a whole number from 0}',
    },
    {
      path: 'chains.dev.maxFeePerGasGwei',
      value: -1,
      says: 'expected a number of gwei from 0.000000001 to 1000000, got -1 (number)',
    },
    {
      path: 'chains.dev.maxFeePerGasGwei',
      value: undefined,
      says: 'chains.dev.maxFeePerGasGwei: expected a number of gwei from 0.000000001 to 1000000, got nothing',
    },
    {
      path: 'chains.dev.account',
      value: 'mienr',
      says: 'chains.dev.account: expected the name of an account (miner), got "mienr"',
    },
    {
      path: 'chains.dev.account',
      value: undefined,
      says: 'rollups.payments.account: expected the name of an account (miner) here or at its chain, got nothing',
    },
    {
      path: 'chains.twin',
      value: { chainId: 31337, rpc: ['http://a'], maxFeePerGasGwei: 1 },
      says: 'chains.twin.chainId: expected an id that no other chain has, got 31337, which is that of "dev"',
    },
    {
      path: 'accounts.miner',
      value: {},
      says: 'accounts.miner: expected exactly one of privateKeyEnv and keystoreFile',
    },
    { path: 'accounts.miner', value: { keystoreFile: 'f' }, says: 'expected passwordEnv together with keystoreFile' },
    { path: 'rollups', value: {}, says: 'rollups: expected at least one of the rollups' },
    {
      path: 'rollups.Pay_1',
      value: { chain: 'dev', contract: OTHER, kind: 'payments' },
      says: 'rollups.Pay_1: expected a name of at most 64 lower-case letters, digits and hyphens, got "Pay_1"',
    },
    {
      path: 'rollups.payments.chain',
      value: 'main',
      says: 'rollups.payments.chain: expected the name of a chain (dev), got "main"',
    },
    {
      path: 'rollups.payments.contract',
      value: '0x12',
      says: 'rollups.payments.contract: expected a 20-byte address: 0x and 40 hex digits, with a right checksum if the case is mixed, got "0x12" (string)',
    },
    { path: 'rollups.payments.contract', value: OTHER.replace('C8', 'c8'), says: 'right checksum' },
    {
      path: 'rollups.payments.startBatch',
      value: 0,
      says: 'rollups.payments.startBatch: expected a whole number from 1',
    },
    {
      path: 'rollups.payments.account',
      value: 'other',
      says: 'rollups.payments.account: expected the name of an account (miner), got "other"',
    },
    {
      path: 'rollups.payments.limits',
      value: { blocksPerSequence: 0.5 },
      says: 'rollups.payments.limits.blocksPerSequence: expected a whole number from 1 to 1000, got 0.5 (number)',
    },
    {
      path: 'rollups.payments.limits',
      value: { leastReward: -1 },
      says: 'rollups.payments.limits.leastReward: expected a number of coins from 0 to 1000000, to nine decimals, got -1',
    },
    {
      path: 'rollups.payments.limits',
      value: { leastReward: 0.00000000001 },
      says: 'expected a number of coins from 0 to 1000000, to nine decimals',
    },
    {
      path: 'rollups.payments.weight',
      value: 0,
      says: 'rollups.payments.weight: expected a number from 0.001 to 1000, got 0 (number)',
    },
    {
      path: 'rollups.twin',
      value: { chain: 'dev', contract: OTHER, kind: 'payments' },
      says: `rollups.twin.contract: expected a contract that no other rollup of its chain has, got ${OTHER}, which is that of "payments"`,
    },
    {
      path: `rollups.${'r'.repeat(65)}`,
      value: { chain: 'dev', contract: OTHER, kind: 'payments' },
      says: 'expected a name of at most 64 lower-case letters, digits and hyphens, got "rrr',
    },
    {
      path: 'chains.dev.account',
      value: 'constructor',
      says: 'expected the name of an account (miner), got "constructor"',
    },
    {
      path: 'rollups.payments.account',
      value: 'constructor',
      says: 'expected the name of an account (miner), got "constructor"',
    },
    {
      path: 'rollups.payments.chain',
      value: 'constructor',
      says: 'expected the name of a chain (dev), got "constructor"',
    },
    ...['~/archive', '~', '~operator/archive', '$HOME/archive'].map((value) => ({
      ...{
        path: 'archive.folder',
        value,
        says: `archive.folder: expected a path that is written out, without ~ or $ at its start, got "${value}"`,
      },
    })),
    {
      path: 'accounts.miner',
      value: { keystoreFile: '~/key', passwordEnv: 'P' },
      says: 'expected a path that is written out',
    },
    {
      path: 'prover.database.poolSize',
      value: 33,
      says: 'prover.database.poolSize: expected a whole number from 1 to 32',
    },
    {
      path: 'prover.name',
      value: '../../x',
      says: 'prover.name: expected a name of at most 200 characters, without blanks and slashes',
    },
    { path: 'prover.machine', value: 'huge', says: 'prover.machine: expected standard, large, got "huge" (string)' },
    {
      path: 'prover.concurrency',
      value: 'all',
      says: 'prover.concurrency: expected a whole number from 1 to 256, got "all" (string)',
    },
    { path: 'prover.kinds', value: [], says: 'prover.kinds: expected at least one rollup kind' },
  ])('$path: $value', async ({ path, value, says }) => {
    const file = await changed(path, value)
    await expect(loadAggregatorConfig(file, ENV)).rejects.toThrow(says)
    await expect(loadAggregatorConfig(file, ENV)).rejects.toThrow(`${file}: `)
  })

  test('all of them are told at once', async () => {
    const file = await configFile(VALID.replace('chainId: 31337', 'chainId: x').replace('kind: payments', 'kind: P'))
    await expect(loadAggregatorConfig(file, ENV)).rejects.toMatchObject({
      problems: [{ path: 'chains.dev.chainId' }, { path: 'rollups.payments.kind' }],
    })
  })

  test("a prover refuses what is wrong in its own sections and doesn't look at the others", async () => {
    await expect(loadProverConfig(await changed('prover.threads', 0), ENV)).rejects.toThrow(
      'prover.threads: expected a whole number from 1 to 1024',
    )
    await expect(loadProverConfig(await changed('chains', 'nonsense'), ENV)).resolves.toBeDefined()
    await expect(loadProverConfig(await changed('chians', {}), ENV)).rejects.toThrow('got "chians"')
  })
})

describe('wrong files', () => {
  test('a file that is missing', async () => {
    await expect(loadAggregatorConfig('/nowhere/zkpow.yaml', ENV)).rejects.toThrow(
      "Configuration file /nowhere/zkpow.yaml doesn't exist.",
    )
  })

  test('a file that is no YAML names the place and quotes nothing', async () => {
    const file = await configFile(`accounts:\n  miner: "${KEY}\n  x: 1`)
    const error = await failureOf(loadAggregatorConfig(file, ENV))
    expect(error).toMatch(/is not valid YAML at line \d+, column \d+/)
    expect(error).not.toContain(KEY)
  })

  test.each([
    { yaml: 'temporal: { address: "a:1" }\ntemporal: { address: "b:1" }', says: 'line 2, column 1 (DUPLICATE_KEY)' },
    { yaml: 'temporal:\n\taddress: "a:1"', says: 'line 2, column 1 (TAB_AS_INDENT)' },
    { yaml: 'temporal: { address: !env ADDRESS }', says: 'line 1, column 22 (TAG_RESOLVE_FAILED)' },
    {
      yaml: 'temporal: { address: *address }',
      says: 'has references (`*name`) that lead nowhere or grow without bounds',
    },
    { yaml: `a: &a [1, 2]\n${references(8)}`, says: 'has references (`*name`) that lead nowhere or grow' },
    {
      yaml: 'temporal: &itself { address: *itself }',
      says: 'temporal.address: expected host:port, got a mapping that refers to itself (mapping)',
    },
    {
      yaml: '%YAML 1.1\n---\ntemporal: { address: no }',
      says: 'temporal.address: expected host:port, got false (boolean)',
    },
    { yaml: 'temporal: {}\n---\ntemporal: {}', says: '(MULTIPLE_DOCS)' },
    { yaml: '__proto__: { a: 1 }', says: 'the file: expected a key that exists here' },
    { yaml: VALID.replace("'temporal:7233'", 'yes'), says: 'temporal.address: expected host:port, got "yes" (string)' },
    {
      yaml: VALID.replace('31337', '0o17'),
      says: 'chains.dev.chainId: expected a whole number from 1 to 1000000000000, got "0o17" (string)',
    },
    { yaml: VALID.replace('31337', '0x7a69'), says: 'got "0x7a69" (string)' },
    { yaml: VALID.replace('31337', '031337'), says: 'got "031337" (string)' },
    { yaml: VALID.replace('31337', '31_337'), says: 'got "31_337" (string)' },
    { yaml: VALID.replace('31337', '31337 31338'), says: 'got "31337 31338" (string)' },
    { yaml: VALID.replace('31337', '99999999999999999999'), says: 'got 100000000000000000000 (number)' },
    {
      yaml: VALID.replace('Gwei: 0.5', 'Gwei: .inf'),
      says: 'expected a number of gwei from 0.000000001 to 1000000, got ".inf" (string)',
    },
    { yaml: VALID.replace('Gwei: 0.5', 'Gwei: .nan'), says: 'got ".nan" (string)' },
    { yaml: VALID.replace('  payments:', '  ~:'), says: 'rollups.~: expected a name of at most 64' },
    { yaml: VALID.replace('  payments:', '  "payments ":'), says: 'rollups.payments : expected a name of at most 64' },
  ])('$yaml', async ({ yaml, says }) => {
    await expect(loadAggregatorConfig(await configFile(yaml), ENV)).rejects.toThrow(says)
  })

  test('an empty file', async () => {
    await expect(loadAggregatorConfig(await configFile(''), ENV)).rejects.toThrow(
      'the file: expected a mapping of temporal',
    )
  })
})

describe('secrets that are missing or wrong', () => {
  test.each([
    {
      change: { MINER_KEY: undefined },
      says: 'accounts.miner.privateKeyEnv: expected a value in the environment variable MINER_KEY, got nothing',
    },
    { change: { MINER_KEY: KEY.slice(0, -2) }, says: 'expected a private key: 0x and 64 hex digits (not shown)' },
    { change: { MINER_KEY: `0x${'f'.repeat(64)}` }, says: 'expected a private key' },
    {
      change: { DATABASE: 'mysql://root:pw@db' },
      says: 'database.urlEnv: expected a postgres:// URL in the environment variable DATABASE, got something else (not shown)',
    },
    {
      change: { RPC: `${ENV.RPC}\n` },
      says: 'chains.dev.rpc.0.env: expected an http(s) URL in the environment variable RPC',
    },
    {
      change: { RPC: 'rpc-credential' },
      says: 'chains.dev.rpc.0.env: expected an http(s) URL in the environment variable RPC',
    },
  ])('$says', async ({ change, says }) => {
    const promise = loadAggregatorConfig(await configFile(VALID), { ...ENV, ...change })
    await expect(promise).rejects.toThrow(says)
    await expect(promise).rejects.toBeInstanceOf(ConfigSecretError)
  })

  test.each(['s3cr3t\n', ' s3cr3t', 's3cr3t\nlines', 's3crét', ''])(
    'an API key that no header can carry: %j',
    async (key) => {
      const file = await changed('temporal.apiKeyEnv', 'API_KEY')
      const promise = loadAggregatorConfig(file, { ...ENV, API_KEY: key })
      await expect(promise).rejects.toThrow('temporal.apiKeyEnv: expected a key of printable ASCII in one line')
      await expect(promise).rejects.not.toThrow('s3cr')
    },
  )

  test('a variable that every object has is in no environment', async () => {
    const file = await changed('accounts.miner.privateKeyEnv', 'constructor')
    await expect(loadAggregatorConfig(file, { ...ENV })).rejects.toThrow(
      'in the environment variable constructor, got nothing',
    )
  })

  test("the key of another account than the file's", async () => {
    const file = await changed('accounts.miner.address', OTHER)
    await expect(loadAggregatorConfig(file, ENV)).rejects.toThrow(
      `expected the key of ${OTHER}, got that of ${ADDRESS}`,
    )
  })

  test.each([
    { path: 'accounts.miner.privateKeyEnv', why: 'a key where the name of its variable belongs' },
    { path: 'accounts.miner.privateKey', why: 'a key under a key of its own' },
    { path: 'database.urlEnv', why: 'an address where the name of its variable belongs' },
    { path: 'temporal.apiKeyEnv', why: 'an API key likewise' },
    { path: 'chains.dev.rpc', why: 'a credential where a list belongs' },
    { path: 'prover.database.urlEnv', why: "the prover's likewise" },
  ])('$why is refused without showing it', async ({ path }) => {
    const secret = `${KEY} postgres://u:password@h/d`
    const error = await failureOf(loadAggregatorConfig(await changed(path, secret), ENV))
    expect(error).toContain('expected')
    expect(error).not.toContain(KEY.slice(2))
    expect(error).not.toContain('u:password')
  })
})

// Helpers

/** Lists of lists, each of the one before, nine times: an alias bomb. */
function references(levels: number): string {
  return Array.from(
    { length: levels },
    (_, i) =>
      `${letter(i + 1)}: &${letter(i + 1)} [${Array(9)
        .fill(`*${letter(i)}`)
        .join(', ')}]`,
  ).join('\n')
}

function letter(i: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + i)
}

/** Everything that a failure says, its causes included. */
function failureOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'nothing failed',
    (error: unknown) => inspect(error, { depth: 9 }),
  )
}
