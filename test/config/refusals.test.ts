import { describe, expect, test } from 'vitest'
import { loadAggregatorConfig, loadProverConfig } from '../../config/load.ts'
import { changed, configFile, ENV, OTHER, VALID } from './support.ts'

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
      value: { maxUnproved: 1001 },
      says: 'rollups.payments.limits.maxUnproved: expected a whole number from 1 to 1000, got 1001 (number)',
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
