import { expect, onTestFinished, test } from 'vitest'
import { createAcceptProof } from '../../../activities/proof/accept-proof.ts'
import { createOpenTask } from '../../../activities/proof/open-task.ts'
import { createPrepareSequence } from '../../../activities/proof/prepare-sequence.ts'
import { createProverActivities } from '../../../activities/prover/prove.ts'
import { rollupAbi } from '../../../contracts/abi.ts'
import type { Hex, SequenceRef } from '../../../protocol/base/ranges.ts'
import type { ProofRequest } from '../../../protocol/proof/request.ts'
import type { BlobRef, ProofUpload } from '../../../protocol/proof/task.ts'
import { noir } from '../../../provers/noir/backend.ts'
import { simulated } from '../../../provers/simulated/backend.ts'
import { createExecutionThread } from '../../../workers/execution/execution-thread.ts'
import { readGenesisState } from '../../../workers/kinds/genesis.ts'
import { provedBy } from '../../../workers/kinds/kinds.ts'
import { type MinerOnAnvil, startMiner } from '../../activities/miner-on-anvil.ts'
import { activityEnvironment } from '../../activities/support.ts'
import { Harness, testParams } from '../../contracts/harness.ts'
import { coinbase } from '../../contracts/sequences.ts'
import { TALLY_BATCH_BYTES, tally, tallyGenesis } from './kind.ts'

const FIRST = 5
const POSTED: readonly Hex[] = ['0x010203', '0x0a0000']
const TOTAL = FIRST + 1 + 2 + 3 + 10

const factory = provedBy(tally, simulated)
const options = { configFolder: '/nowhere', artifacts: {} }

test('a kind of one folder is prepared, proved, believed and settled', async () => {
  const harness = await Harness.start({ batchBytes: TALLY_BATCH_BYTES, genesis: tallyGenesis(FIRST) })
  onTestFinished(() => harness.anvil.stop())
  const miner = await startMiner({ harness, stakeWei: 5_000n })
  await serveTally(miner)

  const sequence = await post(miner)
  await activityEnvironment().run(createPrepareSequence(miner.deps), { sequence })
  const batches = await Promise.all([
    prove(miner, { sequence, stage: 'batch', range: { from: 1, to: 1 }, children: [] }),
    prove(miner, { sequence, stage: 'batch', range: { from: 2, to: 2 }, children: [] }),
  ])
  const joined = await prove(miner, { sequence, stage: 'aggregate', range: sequence, children: batches })
  await prove(miner, { sequence, stage: 'final', range: sequence, children: [joined] })
  await miner.live(2 + testParams.commitBlocks + testParams.proveBlocks)

  expect(await harness.client.readContract({ ...contractOf(harness), functionName: 'lastVerifiedBatch' })).toBe(2n)
  const root = { functionName: 'batchNumToStateRoot', args: [2n] } as const
  expect(await harness.client.readContract({ ...contractOf(harness), ...root })).toBe(tallyGenesis(TOTAL).stateRoot)
})

test('its first state is its own affair', () => {
  expect(factory.genesis(tallyGenesis(FIRST))).toMatchObject({ batchNum: 0, ...rootOf(FIRST) })
  expect(() => factory.genesis({ ...tallyGenesis(FIRST), ...rootOf(6) })).toThrow('The state hashes to')
})

test('a backend that asks for more than the kind tells is refused by the type checker', () => {
  // @ts-expect-error: the kind has no circuits of Noir
  expect(provedBy(tally, noir).name).toBe('tally')
})

const rootOf = (total: number) => ({ stateRoot: tallyGenesis(total).stateRoot })

const contractOf = ({ rollup: address }: Harness) => ({ address, abi: rollupAbi }) as const

/** Serves the kind as `createRollupContexts` does with one of the registry. */
async function serveTally({ rollup }: MinerOnAnvil): Promise<void> {
  const question = { ...rollup, genesisFile: null }
  const thread = createExecutionThread()
  onTestFinished(() => thread.close())
  const executor = thread.executorOf(factory.module)
  Object.assign(rollup, {
    kind: await factory.createKind(options),
    genesis: () => readGenesisState(rollup.chain, question, executor),
    startReplay: executor.startReplay,
  })
}

async function post({ harness, rollup }: MinerOnAnvil): Promise<SequenceRef> {
  const { timestamp } = await harness.client.getBlock()
  const batches = POSTED.map((transactions) => ({
    ...{ transactions, globalExitRoot: testParams.genesis.stateRoot, timestamp, minForcedTimestamp: 0n },
  }))
  await harness.send({ from: harness.sequencer, functionName: 'sequenceBatches', args: [batches, coinbase] })
  const to = POSTED.length
  const call = { functionName: 'sequencedBatches', args: [BigInt(to)] } as const
  const [accInputHash] = await harness.client.readContract({ ...contractOf(harness), ...call })
  return { rollup: rollup.name, from: 1, to, accInputHash }
}

/** Does what a workflow does for one proof, with a prover that knows the kind by its factory alone. */
async function prove({ deps }: MinerOnAnvil, request: ProofRequest): Promise<BlobRef> {
  const opened = await createOpenTask(deps)(request)
  if (opened.status !== 'open') throw new Error(`The task is ${opened.status}.`)
  const machine = { name: 'p1', concurrency: 1 }
  const provers = { [factory.name]: await factory.createProver({ ...options, prover: machine }) }
  const { prove: make } = createProverActivities({ name: machine.name, provers, db: deps.db })
  const upload: ProofUpload = await activityEnvironment().run(make, opened.task)
  const verdict = await createAcceptProof(deps)({ request, upload })
  if (verdict.status !== 'verified') throw new Error(verdict.reason)
  return verdict.proof
}
