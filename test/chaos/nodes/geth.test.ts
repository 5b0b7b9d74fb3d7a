import { parseEther } from 'viem'
import { describe, expect, onTestFinished, test } from 'vitest'
import { confirm } from '../../../contracts/tooling/deploy-contract.ts'
import { localAccount } from '../../../dev/deployment/local-deployment.ts'
import { accountClients } from '../../../dev/payments/deploy.ts'
import { startGeth } from '../../../dev/stack/nodes/geth.ts'
import { hasGeth } from '../../support/nodes/geth.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { NODES } from './index.ts'
import { drawPlanFor, unplayable } from './plan-for.ts'

describe.runIf(hasGeth)('geth in a chaos run', () => {
  test('makes blocks when it is asked to, keeps all of them while it is away, and loses what is in its pool', async () => {
    const { geth, control } = await startNode()
    const { walletClient, publicClient } = accountClients(geth.rpcUrl, localAccount(1), geth.chainId)
    const send = () => walletClient.sendTransaction({ to: localAccount(0).address, value: parseEther('1') })
    await control.setAutomine(true)
    const mined = await confirm(publicClient, await send())
    await control.setAutomine(false)
    for (let times = 0; times < 2; times += 1) {
      const waiting = await send()
      await control.mine(3)
      const lost = await send()
      const head = await publicClient.getBlock()
      await control.takeDown(geth)
      await control.bringBack(geth)
      expect(await control.head()).toBe(Number(head.number) + 1)
      await control.mine(2)
      expect((await publicClient.getBlock({ blockNumber: head.number })).hash).toBe(head.hash)
      expect(await publicClient.getTransactionReceipt({ hash: waiting })).toMatchObject({ status: 'success' })
      await expect(publicClient.getTransaction({ hash: lost })).rejects.toThrow('could not be found')
    }
    expect((await publicClient.getBlock({ blockHash: mined.blockHash })).number).toBe(mined.blockNumber)
  })

  test('that is killed comes back with a block of its own on those that it still has, and goes on from there', async () => {
    const { geth, control } = await startNode()
    const { publicClient } = accountClients(geth.rpcUrl, localAccount(1), geth.chainId)
    await control.setAutomine(true)
    await control.setAutomine(false)
    await control.mine(20)
    const before = await publicClient.getBlock()
    await control.crash(geth)
    await control.bringBack(geth)
    const own = await publicClient.getBlock()
    expect(own.number).toBeLessThanOrEqual(before.number + 1n)
    expect(own.hash).not.toBe(before.hash)
    await control.mine(2)
    expect((await publicClient.getBlock({ blockNumber: own.number })).hash).toBe(own.hash)
  })

  test('has full blocks of what fills them, and its base fee climbs', async () => {
    const { geth, control } = await startNode()
    const { walletClient, publicClient } = accountClients(geth.rpcUrl, localAccount(1), geth.chainId)
    await control.setAutomine(true)
    await control.setAutomine(false)
    const fees = { maxFeePerGas: 90n * 10n ** 9n, maxPriorityFeePerGas: 80n * 10n ** 9n }
    for (const gas of control.fillings) await walletClient.sendTransaction({ data: '0xfe', gas, ...fees })
    await control.mine(1)
    const { gasUsed, gasLimit, baseFeePerGas } = await publicClient.getBlock()
    expect(Number(gasUsed) / Number(gasLimit)).toBeGreaterThan(0.95)
    await control.mine(1)
    expect(Number((await publicClient.getBlock()).baseFeePerGas) / Number(baseFeePerGas)).toBeGreaterThan(1.1)
  })
})

test('a plan for geth has nothing that only anvil can play', () => {
  const plans = Array.from({ length: 300 }, (_, seed) => drawPlanFor('geth', seed))
  const drawn = plans.flatMap(({ faults }) => faults.map(({ name }) => name))
  expect(drawn.filter((name) => unplayable('geth').includes(name))).toEqual([])
  expect(unplayable('geth')).toContain('reorg-deepest')
  expect(drawn).toContain('anvil-killed')
  expect(plans.every(({ node }) => node === 'geth')).toBe(true)
})

async function startNode() {
  const geth = await startGeth(await scratchFolder(), NODES.geth.stackOptions.geth)
  onTestFinished(() => geth.stop())
  return { geth, control: NODES.geth.control(geth.rpcUrl) }
}
