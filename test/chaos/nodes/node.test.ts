import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEther } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { localAccount } from '../../../dev/deployment/local-deployment.ts'
import { accountClients } from '../../../dev/payments/deploy.ts'
import { startAnvil } from '../../../dev/stack/nodes/anvil.ts'
import type { NodePart } from '../../../dev/stack/part.ts'
import { type ChainControl, createChainControl } from './node.ts'

let folder: string
let anvil: NodePart
let control: ChainControl

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zkpow-chaos-node-'))
  anvil = await startAnvil(folder, { extraArgs: ['--no-mining'] })
  control = createChainControl(anvil.rpcUrl)
  await control.mine(100) // the market is worth nothing then
})

afterAll(async () => {
  await anvil.stop()
  await rm(folder, { recursive: true, force: true })
})

test('what stays stays at its height, however dear the market has become, and with it what its nonce needs', async () => {
  const [first, second, third] = [await mined(1), await mined(1), await mined(1)]
  const block = await blockOf(second)
  await control.raiseBaseFee(8n * 10n ** 9n, 8n * 10n ** 9n)
  await control.mine(3)
  const { fates, replaced, moved } = await control.reorg(6, ({ hash }) => (hash === second ? 'kept' : 'returned'))
  expect(fates).toBe('2 kept, 0 changed, 1 returned, 0 lost')
  expect(moved.map(({ hash }) => hash)).toEqual([third])
  expect(replaced[2]).toEqual({ hash: third, block: Number(block) + 1, head: await control.head() })
  expect(await Promise.all([first, second, third].map(blockOf))).toEqual([Number(block) - 1, block, null])
  await control.mine(1)
  expect(await blockOf(third)).toBe(await control.head())
})

test('the base fee climbs eightfold within 20 blocks, as on a real chain', async () => {
  const { publicClient } = accountClients(anvil.rpcUrl, localAccount(0), anvil.chainId)
  const baseFee = async () => Number((await publicClient.getBlock()).baseFeePerGas)
  const climb = async () => {
    await control.raiseBaseFee(10n ** 9n, 10n ** 11n)
    await control.mine(1)
    return baseFee()
  }
  const before = await climb()
  const fees: number[] = []
  for (let i = 0; i < 18; i++) fees.push(await climb())
  expect(fees.every((fee, i) => fee <= 1.125 * (fees[i - 1] ?? before))).toBe(true)
  expect(fees.at(-1)).toBeGreaterThan(8 * before)
})

test('no block comes while others are replaced', async () => {
  const hash = await mined(2)
  const block = await blockOf(hash)
  const reorg = control.reorg(60, () => 'kept')
  await Promise.all([reorg, control.mine(1), control.mine(1)])
  expect(await blockOf(hash)).toBe(block)
})

test('a node that was started again loses no code', async () => {
  const { walletClient, publicClient } = accountClients(anvil.rpcUrl, localAccount(3), anvil.chainId)
  const hash = await walletClient.sendTransaction({ data: RETURNS_CODE })
  await control.mine(10)
  const { contractAddress } = await publicClient.getTransactionReceipt({ hash })
  const code = () => publicClient.getCode({ address: contractAddress ?? localAccount(3).address })
  await anvil.kill('SIGKILL')
  await anvil.start()
  await control.reorg(5, () => 'kept')
  expect(await code()).toBe('0x60016001')
})

/** Deploys the code 0x60016001. */
const RETURNS_CODE = '0x63600160016000526004601cf3'

/** Mines a transfer of account `index` in a block of its own. */
async function mined(index: number) {
  const { walletClient } = accountClients(anvil.rpcUrl, localAccount(index), anvil.chainId)
  const hash = await walletClient.sendTransaction({ to: localAccount(0).address, value: parseEther('1') })
  await control.mine(1)
  return hash
}

async function blockOf(hash: `0x${string}`): Promise<number | null> {
  const { publicClient } = accountClients(anvil.rpcUrl, localAccount(0), anvil.chainId)
  const receipt = await publicClient.getTransactionReceipt({ hash }).catch(() => null)
  return receipt && Number(receipt.blockNumber)
}
