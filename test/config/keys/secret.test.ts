import { describe, expect, test } from 'vitest'
import { ConfigSecretError } from '../../../config/errors.ts'
import { loadAggregatorConfig } from '../../../config/load.ts'
import { ADDRESS, changed, configFile, ENV, failureOf, KEY, OTHER, VALID } from '../support.ts'

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
