import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Secret } from '../../config/keys/secret.ts'
import { temporalConnectionOptions } from '../../config/temporal-connection.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

const PLAIN = { address: 'temporal:7233', namespace: 'default', tls: null, apiKey: null }
const NO_TLS_FILES = { serverName: null, caFile: null, certFile: null, keyFile: null }

test('without TLS and API key the connection is plain', async () => {
  expect(await temporalConnectionOptions(PLAIN)).toEqual({ address: 'temporal:7233' })
})

test('an API key never travels in the clear', async () => {
  expect(await temporalConnectionOptions({ ...PLAIN, apiKey: new Secret('key') })).toEqual({
    address: 'temporal:7233',
    apiKey: 'key',
    tls: {},
  })
})

test('certificates are read from their files', async () => {
  const folder = await scratchFolder()
  const [certFile, keyFile] = [join(folder, 'cert'), join(folder, 'key')]
  await Promise.all([writeFile(certFile, 'c'), writeFile(keyFile, 'k')])
  const options = await temporalConnectionOptions({
    ...PLAIN,
    tls: { ...NO_TLS_FILES, serverName: 'name', certFile, keyFile },
  })
  expect(options.tls).toEqual({
    serverNameOverride: 'name',
    clientCertPair: { crt: Buffer.from('c'), key: Buffer.from('k') },
  })
})

test('a certificate that is not there is told with its path', async () => {
  const tls = { ...NO_TLS_FILES, caFile: '/nowhere/ca.pem' }
  await expect(temporalConnectionOptions({ ...PLAIN, tls })).rejects.toThrow(
    'File /nowhere/ca.pem, which temporal.tls names',
  )
})
