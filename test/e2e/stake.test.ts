import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formatEther } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rollupAbi } from '../../contracts/abi.ts'
import { createLocalDeployment, type LocalDeployment } from '../../dev/deployment/local-deployment.ts'
import { startAggregator } from '../../dev/deployment/processes.ts'
import type { ManagedProcess } from '../../dev/stack/process.ts'
import { type Stack, startStack } from '../../dev/stack/stack.ts'
import { searchAttributeTypes } from '../../protocol/search-attributes.ts'
import { prepare } from '../chaos/prepared.ts'

const ZKPOW = fileURLToPath(new URL('../../client/zkpow.ts', import.meta.url))

let stack: Stack
let deployment: LocalDeployment
let aggregator: ManagedProcess
let dataDir: string

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'zkpow-stake-'))
  const { artifacts, env } = await prepare()
  stack = await startStack({
    dataDir,
    postgres: { fsync: false },
    anvil: { blockTimeSeconds: 1 },
    temporal: { searchAttributes: searchAttributeTypes },
  })
  deployment = await createLocalDeployment(stack, { artifactsDir: null, artifacts, rollups: ['pay'] })
  aggregator = await startAggregator({ ...deployment.settings, env })
})

afterAll(async () => {
  await aggregator?.stop()
  await stack?.stop()
  await rm(dataDir, { recursive: true, force: true })
})

test('a running aggregator brings the stake to what the command says, however often it is said', async () => {
  const before = await nonce()
  const [one, other] = await Promise.all([stake('150'), stake('150')])
  for (const said of [one, other])
    expect(said).toMatchObject({ code: 0, stderr: expect.stringMatching(/The stake of 0x\w+ in pay is 150, in block \d+\./) })
  expect([await stakeOf(), (await nonce()) - before]).toEqual(['150', 1])
  expect(await stake('150')).toMatchObject({ code: 0, stderr: expect.stringContaining('Nothing to do: the stake is 150.') })

  expect(await stake('20.5')).toMatchObject({ code: 0, stderr: expect.stringContaining('Withdraws 129.5') })
  expect([await stakeOf(), (await nonce()) - before]).toEqual(['20.5', 2])
})

test('what can not be is refused', async () => {
  expect(await stake('1000000')).toMatchObject({ code: 1, stderr: expect.stringContaining('Nothing is sent: the balance is') })
  expect(await stake('a lot')).toMatchObject({ code: 1 })
})

// Helpers

/** Runs `zkpow stake pay --to …`. */
const stake = (to: string): Promise<{ code: number; stderr: string }> =>
  new Promise((resolve) => {
    const args = [ZKPOW, 'stake', 'pay', '--to', to, '--config', deployment.settings.configFile]
    execFile(process.execPath, args, { env: { ...process.env, NO_COLOR: '1' } }, (error, _stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stderr })
    })
  })

const rollup = () => {
  const [first] = deployment.rollups
  if (first === undefined) throw new Error('There is no rollup.')
  return first
}

const nonce = (): Promise<number> => {
  const { publicClient, walletClient } = rollup().miner
  return publicClient.getTransactionCount({ address: walletClient.account.address })
}

async function stakeOf(): Promise<string> {
  const { miner, ideDeposit } = rollup()
  const args = [miner.walletClient.account.address] as const
  return formatEther(await miner.publicClient.readContract({ abi: rollupAbi, address: ideDeposit, functionName: 'depositOf', args }))
}
