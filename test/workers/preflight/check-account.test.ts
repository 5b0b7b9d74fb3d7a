import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { loadAccountKeys } from '../../../config/load.ts'
import type { CheckResult } from '../../../workers/preflight/checks.ts'
import { MINER, operatorConfig } from '../../client/support.ts'
import { changed, ENV } from '../../config/support.ts'
import { check, find } from './support.ts'

test('a keystore that opens', async () => {
  const { file, password } = await keystore()
  expect(await resultFor(file, { PASSWORD: password })).toMatchObject({
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
  expect(await resultFor(file, { PASSWORD: password })).toMatchObject({
    status: 'failed',
    text: expect.stringContaining(says),
  })
})

test('a key that lives on another machine is a warning', async () => {
  const { file } = await keystore()
  const text = "its key isn't looked at: PASSWORD isn't set here, as it must be where the aggregator runs"
  expect(await resultFor(file, {})).toMatchObject({ status: 'warning', text })
})

/** Writes a configuration whose miner's key is in a keystore. */
async function keystore(): Promise<{ file: string; password: string }> {
  const { keystore: written, password } = JSON.parse(
    await readFile(new URL('../../config/keystores/ethers_6_empty_password.json', import.meta.url), 'utf8'),
  )
  const file = await changed('accounts.miner', { keystoreFile: 'miner.json', passwordEnv: 'PASSWORD' })
  await writeFile(join(dirname(file), 'miner.json'), JSON.stringify(written))
  return { file, password }
}

async function resultFor(file: string, env: Record<string, string>): Promise<CheckResult | undefined> {
  return find(await check(operatorConfig({}), await loadAccountKeys(file, { ...ENV, ...env })), 'account miner')
}
