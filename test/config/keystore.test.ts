import { createCipheriv, scryptSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { keccak256 } from 'viem'
import { expect, test } from 'vitest'
import { openKeystore } from '../../config/keystore.ts'
import { loadAggregatorConfig, loadOperatorConfig } from '../../config/load.ts'
import { Secret } from '../../config/secret.ts'
import { ADDRESS, changed, ENV, KEY } from './support.ts'

// From the Web3 Secret Storage Definition on ethereum.org: its test vector.
const SPEC_KEY = '0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d'
const SPEC_PBKDF2 = {
  cipher: 'aes-128-ctr',
  cipherparams: { iv: '6087dab2f9fdbbfaddc31a909735c1e6' },
  ciphertext: '5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46',
  kdf: 'pbkdf2',
  kdfparams: { c: 262144, dklen: 32, prf: 'hmac-sha256', salt: 'ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd' },
  mac: '517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2',
}
// From go-ethereum's accounts/keystore/testdata/v3_test_vector.json, "31_byte_key": the specification's own has r = 1, which the RFC forbids.
const GETH_KEY = '0xfa7b3db73dc7dfdf8c5fbdb796d741e4488628c41fc4febd9160a866ba0f35'
const GETH_SCRYPT = {
  cipher: 'aes-128-ctr',
  cipherparams: { iv: 'e0c41130a323adc1446fc82f724bca2f' },
  ciphertext: '9517cd5bdbe69076f9bf5057248c6c050141e970efa36ce53692d5d59a3984',
  kdf: 'scrypt',
  kdfparams: { dklen: 32, n: 2, r: 8, p: 1, salt: '711f816911c92d649fb4c84b047915679933555030b3552c1212609b38208c63' },
  mac: 'd5e116151c6aa71470e67a7d42c9620c75c4d23229847dcc127794f0732b0db5',
}

test.each([
  { kdf: 'pbkdf2', crypto: SPEC_PBKDF2, password: 'testpassword', key: SPEC_KEY },
  { kdf: 'scrypt', crypto: GETH_SCRYPT, password: 'foo', key: GETH_KEY },
])('opens a published keystore with $kdf', ({ crypto, password, key }) => {
  const opened = openKeystore(JSON.stringify({ version: 3, crypto }), new Secret(password))
  expect(opened.status === 'open' && opened.privateKey.reveal()).toBe(key)
})

test.each([
  { json: 'not json', why: 'no JSON' },
  { json: JSON.stringify({ version: 1, crypto: GETH_SCRYPT }), why: 'another version' },
])('$why is no keystore', ({ json }) => expect(openKeystore(json, new Secret('x'))).toEqual({ status: 'not-a-keystore' }))

test('an account may have its key in a keystore', async () => {
  const file = await withKeystore()
  const config = await loadAggregatorConfig(file, { ...ENV, PASSWORD: 'right' })
  expect(config.rollups[0]?.account.address).toBe(ADDRESS)
})

test.each([
  { password: 'wrong', says: 'accounts.miner.keystoreFile: expected PASSWORD to open' },
  { password: undefined, says: 'accounts.miner.passwordEnv: expected a value in the environment variable PASSWORD, got nothing' },
])('password $password: $says', async ({ password, says }) => {
  const file = await withKeystore()
  await expect(loadAggregatorConfig(file, { ...ENV, PASSWORD: password })).rejects.toThrow(says)
})

test('a keystore that is not there', async () => {
  const file = await changed('accounts.miner', { keystoreFile: 'gone.json', passwordEnv: 'PASSWORD' })
  await expect(loadAggregatorConfig(file, { ...ENV, PASSWORD: 'x' })).rejects.toThrow('expected a readable keystore, got none at')
})

test.each([
  { says: ADDRESS.slice(2).toLowerCase(), expected: ADDRESS.toLowerCase(), why: 'as geth writes it' },
  { says: ADDRESS, expected: ADDRESS.toLowerCase(), why: 'as others do' },
  { says: undefined, expected: null, why: 'not told' },
  { says: 'no address', expected: null, why: 'nonsense' },
])('commands take the address that a keystore tells, without its password: $why', async ({ says, expected }) => {
  const file = await withKeystore({ address: says })
  const { rollups } = await loadOperatorConfig(file, { ...ENV, PASSWORD: undefined })
  expect(rollups[0]?.account.address).toBe(expected)
})

test('commands need no keystore, and an address in the configuration comes first', async () => {
  const absent = await changed('accounts.miner', { keystoreFile: 'gone.json', passwordEnv: 'PASSWORD' })
  expect((await loadOperatorConfig(absent, ENV)).rollups[0]?.account.address).toBeNull()
  const both = await changed('accounts.miner', { keystoreFile: 'gone.json', passwordEnv: 'PASSWORD', address: ADDRESS })
  expect((await loadOperatorConfig(both, ENV)).rollups[0]?.account.address).toBe(ADDRESS)
})

// Helpers

async function withKeystore(more: object = {}): Promise<string> {
  const file = await changed('accounts.miner', { keystoreFile: 'miner.json', passwordEnv: 'PASSWORD' })
  await writeFile(join(dirname(file), 'miner.json'), JSON.stringify({ ...JSON.parse(keystore('right')), ...more }))
  return file
}

/** Cheap parameters, so that tests are fast. */
function keystore(password: string): string {
  const salt = '00'.repeat(32)
  const iv = '11'.repeat(16)
  const key = scryptSync(password, Buffer.from(salt, 'hex'), 32, { N: 2, r: 2, p: 1 })
  const cipher = createCipheriv('aes-128-ctr', key.subarray(0, 16), Buffer.from(iv, 'hex'))
  const ciphertext = Buffer.concat([cipher.update(Buffer.from(KEY.slice(2), 'hex')), cipher.final()])
  const mac = keccak256(Buffer.concat([key.subarray(16), ciphertext])).slice(2)
  const crypto = {
    cipher: 'aes-128-ctr',
    ciphertext: ciphertext.toString('hex'),
    cipherparams: { iv },
    mac,
    kdf: 'scrypt',
    kdfparams: { salt, dklen: 32, n: 2, r: 2, p: 1 },
  }
  return JSON.stringify({ version: 3, crypto })
}
