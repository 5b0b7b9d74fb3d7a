import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rollupAbi } from '../../contracts/abi.ts'
import { DEMO_RULES, type LocalRollup } from '../../dev/deployment/local-deployment.ts'
import { startAggregator, startProver } from '../../dev/deployment/processes.ts'
import type { PostedSequence } from '../../dev/payments/sequencer.ts'
import type { ManagedProcess } from '../../dev/stack/processes/process.ts'
import { sequenceWorkflowId } from '../../protocol/temporal/ids.ts'
import { sequenceStatusQuery, wakeSignal } from '../../protocol/temporal/messages.ts'
import { eventually } from '../support/eventually.ts'
import { replaysAll } from './replays-all.ts'
import { type SimulatedDeployment, startSimulatedDeployment } from './simulated-deployment.ts'
import { type Outcome, zkpow } from './zkpow.ts'

const RULES = { ...DEMO_RULES, commitBlocks: 8, proveBlocks: 120 }

/** Longer than a workflow task may take, ms: when the aggregator wakes, the server has given its tasks up. */
const SUSPENDED_MS = 25_000

let simulated: SimulatedDeployment
let aggregator: ManagedProcess
let prover: ManagedProcess

beforeAll(async () => {
  simulated = await startSimulatedDeployment({ rollups: ['slept'], rules: RULES })
  aggregator = await startAggregator(simulated.settings)
  prover = await startProver(simulated.settings, 'prover-1')
})

afterAll(async () => {
  await Promise.all([aggregator?.stop(), prover?.stop()])
  await simulated?.stop()
})

test('an aggregator that was suspended with a hash out starts anew under its own process id, and proves in time', async () => {
  const [rollup] = simulated.rollups
  if (rollup === undefined) throw new Error('There is no rollup.')
  const sequence = await rollup.sequencer.post(1)
  await eventually('our hash is out', async () => (await commitmentOf(rollup, sequence)).roundStartBlock > 0n)
  aggregator.kill('SIGSTOP')
  await askInVain(sequence)
  aggregator.kill('SIGCONT')
  const log = () => readFile(aggregator.logFile, 'utf8')
  await eventually('it has started anew', async () => (await log()).includes(': started anew'))
  await eventually('it is ready again', async () => (await log()).split('aggregator is ready').length === 3)
  expect(aggregator.isRunning).toBe(true)
  await eventually('its proof is accepted', async () => (await commitmentOf(rollup, sequence)).isProved)
})

test('a sequence whose run is lost with a hash out is started again, and proves within its window', async () => {
  const [rollup] = simulated.rollups
  if (rollup === undefined) throw new Error('There is no rollup.')
  const sequence = await rollup.sequencer.post(1)
  const hashIsOut = async () => (await commitmentOf(rollup, sequence)).roundStartBlock > 0n
  await eventually('our hash is out', hashIsOut)
  const { from, to } = sequence
  await simulated.temporal.workflow.getHandle(sequenceWorkflowId({ rollup: 'slept', from, to })).terminate('a test')
  await eventually('its proof is accepted', async () => (await commitmentOf(rollup, sequence)).isProved)
  const { roundStartBlock } = await commitmentOf(rollup, sequence)
  const [accepted] = await rollup.miner.publicClient.getContractEvents({
    ...{ address: rollup.rollup, abi: rollupAbi, eventName: 'ProofAccepted' },
    ...{ args: { finalNewBatch: BigInt(to) }, fromBlock: roundStartBlock },
  })
  const blocks = Number((accepted?.blockNumber ?? 0n) - roundStartBlock)
  expect(blocks).toBeGreaterThan(RULES.commitBlocks)
  expect(blocks).toBeLessThan(RULES.commitBlocks + RULES.proveBlocks)
})

test('what any workflow did, its code would do again', () => replaysAll(simulated))

/** Sends a question and news to a workflow whose aggregator doesn't hear them. */
async function askInVain({ from, to }: PostedSequence): Promise<void> {
  const handle = simulated.temporal.workflow.getHandle(sequenceWorkflowId({ rollup: 'slept', from, to }))
  const question = simulated.temporal.withDeadline(Date.now() + 4_000, () => handle.query(sequenceStatusQuery))
  await expect(question).rejects.toThrow()
  await handle.signal(wakeSignal, { why: 'a test' })
  await delay(SUSPENDED_MS)
  for (const told of [await say('status'), await say('sequence', `slept/${from}-${to}`)]) {
    expect(told.code).toBe(0)
    expect(told.stderr + told.stdout).toMatch(/ggregator +doesn't answer: it was heard of last at 20/)
  }
}

const say = (...args: string[]): Promise<Outcome> => zkpow(simulated.settings, ...args)

const commitmentOf = (rollup: LocalRollup, { to }: PostedSequence) => {
  const args = [BigInt(to), rollup.miner.walletClient.account.address] as const
  return rollup.miner.publicClient.readContract({
    address: rollup.rollup,
    abi: rollupAbi,
    functionName: 'getCommitment',
    args,
  })
}
