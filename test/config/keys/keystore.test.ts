import { createCipheriv, pbkdf2Sync, scryptSync } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { keccak256 } from 'viem'
import { expect, test } from 'vitest'
import { type OpenedKeystore, openKeystore } from '../../../config/keys/keystore.ts'
import { Secret } from '../../../config/keys/secret.ts'
import { loadAggregatorConfig, loadOperatorConfig } from '../../../config/load.ts'
import { ADDRESS, changed, ENV, KEY } from '../support.ts'

const GETH = 'fa7b3db73dc7dfdf8c5fbdb796d741e4488628c41fc4febd9160a866ba0f35'
const SPECIFICATION = '0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d'

/** Files of other programs, each with its source and password. */
const PUBLISHED = [
  { name: 'wikipage_pbkdf2', key: SPECIFICATION },
  { name: 'wikipage_scrypt', key: SPECIFICATION }, // n = 2^18 with r = 1, which OpenSSL refuses
  { name: '31_byte_key', key: `0x00${GETH}` },
  { name: '30_byte_key', key: '0x000081c29e8142bb6a81bef5a92bda7a8328a5c85bb2f9542e76f9b0f94fc018' },
  { name: 'ethers_6', key: KEY },
  { name: 'ethers_6_empty_password', key: KEY },
  { name: 'ethers_6_composed_password', key: KEY },
]

test.each(PUBLISHED)('opens what others wrote: $name', async ({ name, key }) => {
  const { keystore: written, password } = await published(name)
  expect(reveal(openKeystore(JSON.stringify(written), new Secret(password)))).toBe(key)
})

/** Of a file whose password is `pässword`. */
const CRYPTO = JSON.parse(keystore('pässword')).crypto
const MAC = CRYPTO.mac.toUpperCase()

test.each([
  { why: 'a wrong password', password: 'right', says: 'wrong-password' },
  { why: 'other names of keys', top: { CRYPTO, crypto: undefined } },
  { why: 'hex digits with 0x, and in upper case', crypto: { mac: `0x${MAC}` } },
  { why: 'a version in quotes', top: { version: '3' } },
  { why: 'no version', top: { version: undefined }, says: 'expected 3 at version' },
  { why: 'an older version', top: { version: 1 }, says: 'expected 3 at version' },
  { why: 'an n that is no power of two', params: { n: 3 }, says: 'its n is 3, which is no power of two above 1' },
  { why: 'an n of 1', params: { n: 1 }, says: 'its n is 1, which is no power of two above 1' },
  { why: 'an n that fills memory', params: { n: 2 ** 30 }, says: /ask for more than 1024 MiB of memory/ },
  { why: 'an r that fills memory', params: { n: 2 ** 20, r: 64 }, says: /ask for more than 1024 MiB of memory/ },
  { why: 'a p that takes hours', params: { n: 2 ** 18, p: 2 ** 12 }, says: /or for minutes/ },
  { why: 'an n of no number', params: { n: 'many' }, says: 'expected a whole number at crypto.kdfparams.n' },
  { why: 'a key that is too short', params: { dklen: 16 }, says: 'expected at least 32 at crypto.kdfparams.dklen' },
  { why: 'half a byte', crypto: { mac: 'abc' }, says: 'expected bytes as hex digits at crypto.mac' },
  {
    why: 'a key of too many bytes',
    crypto: { ciphertext: '00'.repeat(33) },
    says: 'expected 1 to 32 bytes at crypto.ciphertext',
  },
  { why: 'another cipher', crypto: { cipher: 'aes-256-ctr' }, says: 'expected aes-128-ctr at crypto.cipher' },
  { why: 'another way to derive the key', crypto: { kdf: 'argon2id' }, says: /kdf scrypt or pbkdf2 at crypto/ },
  { why: 'no crypto', top: { crypto: undefined }, says: 'expected a mapping with kdf scrypt or pbkdf2 at crypto' },
])('a keystore with $why', ({ password = 'pässword', says = KEY, top, crypto, params }) => {
  const kdfparams = { ...CRYPTO.kdfparams, ...params }
  const json = JSON.stringify({ version: 3, crypto: { ...CRYPTO, ...crypto, kdfparams }, ...top })
  expect(verdict(openKeystore(json, new Secret(password)))).toMatch(says)
})

test.each([
  {
    why: 'another function of a known name',
    says: 'expected hmac-sha256 or hmac-sha512 at crypto.kdfparams.prf',
    more: { prf: 'hmac-md5' },
  },
  { why: 'as many turns as take hours', says: 'its c is 1000000000, above 10000000', more: { c: 1_000_000_000 } },
  { why: 'no turn', says: 'expected a number from 1 at crypto.kdfparams.c', more: { c: 0 } },
])('pbkdf2 with $why', async ({ says, more }) => {
  const { keystore: written } = await published('wikipage_pbkdf2')
  Object.assign(written.crypto.kdfparams, more)
  expect(verdict(openKeystore(JSON.stringify(written), new Secret('testpassword')))).toBe(says)
})

test('opens what pbkdf2 makes with SHA-512, as ethers may write it', () => {
  const derived = pbkdf2Sync('right', Buffer.alloc(32), 2, 32, 'sha512')
  const crypto = {
    ...encrypted(derived),
    kdf: 'pbkdf2',
    kdfparams: { salt: '00'.repeat(32), dklen: 32, c: 2, prf: 'hmac-sha512' },
  }
  expect(reveal(openKeystore(JSON.stringify({ version: 3, crypto }), new Secret('right')))).toBe(KEY)
})

test.each([1, 2])('gives an IV back the %i hex digits of zeros that it was written without', (zeros) => {
  const iv = `${'0'.repeat(zeros)}${'1'.repeat(32 - zeros)}`
  const written = JSON.parse(keystore('right', iv))
  written.crypto.cipherparams.iv = iv.slice(zeros)
  expect(reveal(openKeystore(JSON.stringify(written), new Secret('right')))).toBe(KEY)
})

test.each(['not json', '[]', '3', 'null', '""', '{'])('%s is no keystore', (json) =>
  expect(openKeystore(json, new Secret('x'))).toMatchObject({ status: 'not-a-keystore' }),
)

test('a mark of the byte order before it does no harm', () =>
  expect(reveal(openKeystore(`\uFEFF${keystore('right')}`, new Secret('right')))).toBe(KEY))

test('an account may have its key in a keystore', async () => {
  const file = await withKeystore()
  const config = await loadAggregatorConfig(file, { ...ENV, PASSWORD: 'right' })
  expect(config.rollups[0]?.account.address).toBe(ADDRESS)
})

test.each([
  { password: 'wrong', says: 'accounts.miner.keystoreFile: expected PASSWORD to open' },
  { password: '', says: 'accounts.miner.keystoreFile: expected PASSWORD to open' },
  {
    password: undefined,
    says: 'accounts.miner.passwordEnv: expected a password, which may be empty in the environment variable PASSWORD, got nothing',
  },
])('password $password: $says', async ({ password, says }) => {
  const file = await withKeystore()
  await expect(loadAggregatorConfig(file, { ...ENV, PASSWORD: password })).rejects.toThrow(says)
})

test('a keystore may have an empty password', async () => {
  const file = await changed('accounts.miner', { keystoreFile: 'miner.json', passwordEnv: 'PASSWORD' })
  await writeFile(join(dirname(file), 'miner.json'), keystore(''))
  expect((await loadAggregatorConfig(file, { ...ENV, PASSWORD: '' })).rollups[0]?.account.address).toBe(ADDRESS)
})

test('a keystore that says that it is of another account than its key is refused: commands would look at that one', async () => {
  const file = await withKeystore({ address: '11'.repeat(20) })
  const says = `expected the key of 0x${'11'.repeat(20)}, got that of ${ADDRESS}`
  await expect(loadAggregatorConfig(file, { ...ENV, PASSWORD: 'right' })).rejects.toThrow(says)
})

test('a keystore that is not there', async () => {
  const file = await changed('accounts.miner', { keystoreFile: 'gone.json', passwordEnv: 'PASSWORD' })
  await expect(loadAggregatorConfig(file, { ...ENV, PASSWORD: 'x' })).rejects.toThrow(
    'expected a readable keystore, got none at',
  )
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

async function withKeystore(more: object = {}): Promise<string> {
  const file = await changed('accounts.miner', { keystoreFile: 'miner.json', passwordEnv: 'PASSWORD' })
  await writeFile(join(dirname(file), 'miner.json'), JSON.stringify({ ...JSON.parse(keystore('right')), ...more }))
  return file
}

function reveal(opened: OpenedKeystore): string {
  return opened.status === 'open' ? opened.privateKey.reveal() : opened.status
}

function verdict(opened: OpenedKeystore): string {
  return opened.status === 'not-a-keystore' ? opened.why : reveal(opened)
}

async function published(name: string) {
  return JSON.parse(await readFile(new URL(`../keystores/${name}.json`, import.meta.url), 'utf8'))
}

/** Writes a keystore with cheap parameters, so that tests are fast. */
function keystore(password: string, iv?: string): string {
  const derived = scryptSync(password, Buffer.alloc(32), 32, { N: 2, r: 2, p: 1 })
  const kdfparams = { salt: '00'.repeat(32), dklen: 32, n: 2, r: 2, p: 1 }
  return JSON.stringify({ version: 3, crypto: { ...encrypted(derived, iv), kdf: 'scrypt', kdfparams } })
}

function encrypted(derived: Buffer, iv = '11'.repeat(16)) {
  const cipher = createCipheriv('aes-128-ctr', derived.subarray(0, 16), Buffer.from(iv, 'hex'))
  const ciphertext = Buffer.concat([cipher.update(Buffer.from(KEY.slice(2), 'hex')), cipher.final()])
  const mac = keccak256(Buffer.concat([derived.subarray(16), ciphertext])).slice(2)
  return { cipher: 'aes-128-ctr', ciphertext: ciphertext.toString('hex'), cipherparams: { iv }, mac }
}
