import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type LocalSettings, writeConfig } from '../../../dev/deployment/write-config.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'

const SETTINGS: LocalSettings = {
  ...{
    databaseUrl: 'postgres://postgres:secret@127.0.0.1/zkpow',
    temporalAddress: '127.0.0.1:7233',
    namespace: 'zkpow',
  },
  ...{
    artifactsDir: null,
    archiveFolder: 'archive',
    chain: 'anvil',
    chainId: 31337,
    rpcUrls: ['http://127.0.0.1:8545'],
    finalityBlocks: null,
  },
  ...{ rollups: [], scratchFolder: 'scratch' },
}

test('only its owner can read the database address, also where a file of that name could be read by all', async () => {
  const folder = await scratchFolder()
  const urlFile = join(folder, 'database.url')
  await writeFile(urlFile, 'old', { mode: 0o644 })
  await writeConfig(join(folder, 'zkpow.yaml'), SETTINGS)
  expect((await stat(urlFile)).mode & 0o777).toBe(0o600)
})
