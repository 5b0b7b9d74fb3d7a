import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { paymentsCircuits } from '../../kinds/payments/circuits.ts'
import { BACKENDS, backendSettings } from '../../provers/backends.ts'
import { noir } from '../../provers/noir/backend.ts'

const FOLDER = fileURLToPath(new URL('../../provers', import.meta.url))
const folders = readdirSync(FOLDER, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [one.name] : []))

test('every folder is a backend of its name', () => {
  expect(BACKENDS.map(({ name }) => name).sort()).toEqual(folders.sort())
})

test.each(['artifacts', 'prover'] as const)('no two backends add one key to the section %s', (section) => {
  const keys = BACKENDS.flatMap(({ settings }) => Object.keys(settings[section]))
  expect(new Set(keys).size).toBe(keys.length)
  expect(Object.keys(backendSettings[section]).sort()).toEqual(keys.sort())
})

test('the real backend asks for its folder, and finds it from the configuration file', async () => {
  const options = { configFolder: '/etc/zkpow', artifacts: {} }
  await expect(noir.createVerifier(paymentsCircuits, options)).rejects.toMatchObject({ name: 'ArtifactsUnnamedError' })
  const inFolder = { ...options, artifacts: { folder: 'circuits' } }
  await expect(noir.createVerifier(paymentsCircuits, inFolder)).rejects.toThrow('/etc/zkpow/circuits')
  const prover = { name: 'machine-1', concurrency: 1 }
  await expect(noir.createProver(paymentsCircuits, { ...inFolder, prover })).rejects.toThrow('/etc/zkpow/circuits')
})
