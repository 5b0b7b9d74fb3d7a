import { formatEther } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rollupAbi } from '../../contracts/abi.ts'
import { startAggregator } from '../../dev/deployment/processes.ts'
import type { ManagedProcess } from '../../dev/stack/processes/process.ts'
import { senderWorkflowId } from '../../protocol/temporal/ids.ts'
import { eventually } from '../support/eventually.ts'
import { replaysAll } from './replays-all.ts'
import { type SimulatedDeployment, startSimulatedDeployment } from './simulated-deployment.ts'
import { type Outcome, zkpow } from './zkpow.ts'

let simulated: SimulatedDeployment
let aggregator: ManagedProcess

beforeAll(async () => {
  simulated = await startSimulatedDeployment({ rollups: ['pay'] })
  aggregator = await startAggregator(simulated.settings)
  await untilSenderRuns()
})

afterAll(async () => {
  await aggregator?.stop()
  await simulated?.stop()
})

test('a running aggregator brings the stake to what the command says, however often it is said', async () => {
  const before = await nonce()
  const [one, other] = await Promise.all([stake('150'), stake('150')])
  for (const said of [one, other])
    expect(said).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/The stake of 0x\w+ in pay is 150, in block \d+\./),
    })
  expect([await stakeOf(), (await nonce()) - before]).toEqual(['150', 1])
  expect(await stake('150')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('Nothing to do: the stake is 150.'),
  })

  expect(await stake('20.5')).toMatchObject({ code: 0, stderr: expect.stringContaining('Withdraws 129.5') })
  expect([await stakeOf(), (await nonce()) - before]).toEqual(['20.5', 2])
})

test('what can not be is refused', async () => {
  expect(await stake('1000000')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Nothing is sent: the balance is'),
  })
  expect(await stake('a lot')).toMatchObject({ code: 1 })
})

test('what any workflow did, its code would do again', () => replaysAll(simulated))

/** Runs `zkpow stake pay --to …`. */
const stake = (to: string): Promise<Outcome> => zkpow(simulated.settings, 'stake', 'pay', '--to', to)

/** Waits for the sender. Before that the command says that no aggregator runs. */
function untilSenderRuns(): Promise<void> {
  const { walletClient } = rollup().miner
  const sender = simulated.temporal.workflow.getHandle(
    senderWorkflowId(simulated.stack.node.chainId, walletClient.account.address),
  )
  const runs = () =>
    sender.describe().then(
      () => true,
      () => false,
    )
  return eventually('the aggregator has started the sender', runs)
}

const rollup = () => {
  const [first] = simulated.rollups
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
  return formatEther(
    await miner.publicClient.readContract({ abi: rollupAbi, address: ideDeposit, functionName: 'depositOf', args }),
  )
}
