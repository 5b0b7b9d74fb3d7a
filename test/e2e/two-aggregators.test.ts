import { join } from 'node:path'
import { parseEventLogs } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rollupAbi } from '../../contracts/abi.ts'
import { connect } from '../../db/connection/connect.ts'
import { listSequences } from '../../db/decisions/sequences.ts'
import { migrate } from '../../db/deployment/migrate.ts'
import { DEMO_RULES, type LocalRollup } from '../../dev/deployment/local-deployment.ts'
import { startAggregator, startProver } from '../../dev/deployment/processes.ts'
import type { PostedSequence } from '../../dev/payments/sequencer.ts'
import type { ManagedProcess } from '../../dev/stack/processes/process.ts'
import { sequenceWorkflowId } from '../../protocol/temporal/ids.ts'
import { sequenceStatusQuery } from '../../protocol/temporal/messages.ts'
import { createChainControl } from '../chaos/nodes/node.ts'
import { eventually } from '../support/eventually.ts'
import { replaysAll } from './replays-all.ts'
import { expectOwnNonces } from './settled.ts'
import { type SimulatedDeployment, startSimulatedDeployment } from './simulated-deployment.ts'

/**
 * Time to notice an emptied database, to migrate it and to prepare inputs anew, on a busy machine. Blocks take a
 * second.
 */
const RULES = { ...DEMO_RULES, commitBlocks: 8, proveBlocks: 120, lateProofBlocks: 5 }

let simulated: SimulatedDeployment
let rollup: LocalRollup
let database: ReturnType<typeof connect>
const processes: ManagedProcess[] = []
const posted: PostedSequence[] = []

beforeAll(async () => {
  simulated = await startSimulatedDeployment({ rollups: ['shared'], rules: RULES })
  rollup = simulated.rollups[0] as LocalRollup
  database = connect(simulated.stack.postgresUrl)
  const { settings } = simulated
  const { logFolder } = settings
  processes.push(
    ...(await Promise.all([
      startAggregator({ ...settings, logFolder: join(logFolder, 'first') }),
      startAggregator({ ...settings, logFolder: join(logFolder, 'second') }),
      startProver(settings, 'prover-1'),
    ])),
  )
})

afterAll(async () => {
  await Promise.all(processes.map((process) => process.stop()))
  await database?.close()
  await simulated?.stop()
})

test('two aggregators of one configuration send what one would send', async () => {
  for (const batches of [1, 2, 1]) posted.push(await rollup.sequencer.post(batches))
  await untilProved(posted)
  expect(await acceptedAndPenalties()).toEqual({
    accepted: posted.map(({ to }) => BigInt(to)),
    penalties: [0n, 0n, 0n],
  })
  await expectOwnNonces(database.db, rollup, posted)
})

test('Postgres emptied under them between hash and proof: they say what to do, and go on when it is done', async () => {
  const sequence = await rollup.sequencer.post(2)
  posted.push(sequence)
  await eventually('our hash is out', async () => (await commitmentOf(sequence)).roundStartBlock > 0n)
  await database.db.execute('drop schema zkpow, zkpow_migrations cascade')
  const handle = simulated.temporal.workflow.getHandle(sequenceWorkflowId({ rollup: rollup.name, ...sequence }))
  await eventually('the sequence names the remedy', async () =>
    (await handle.query(sequenceStatusQuery)).waitingFor.includes('`zkpow migrate`'),
  )
  await migrate(simulated.stack.postgresUrl)
  await untilProved([sequence])
  expect(await acceptedAndPenalties()).toEqual({
    accepted: posted.map(({ to }) => BigInt(to)),
    penalties: [0n, 0n, 0n, 0n],
  })
})

test('what any workflow did, its code would do again', () => replaysAll(simulated))

/**
 * Waits until the sequences are proved. Nobody else proves, so nothing happens from the last accepted proof to the end
 * of the windows: these blocks are skipped.
 */
async function untilProved(sequences: readonly PostedSequence[]): Promise<void> {
  await eventually('the proofs are accepted', async () => {
    const { accepted } = await acceptedAndPenalties()
    return sequences.every(({ to }) => accepted.includes(BigInt(to)))
  })
  await createChainControl(simulated.stack.rpcUrl).mine(RULES.commitBlocks + RULES.proveBlocks)
  await eventually('rewards are claimed', async () => {
    const rows = await listSequences(database.db, { rollup: rollup.name })
    return sequences.every(({ to }) => rows.some((row) => row.to === to && row.outcome === 'proved'))
  })
}

/** Lists the last batches of accepted proofs, and the penalties of settled commitments, in the order of the chain. */
async function acceptedAndPenalties(): Promise<{ accepted: bigint[]; penalties: bigint[] }> {
  const logs = await rollup.miner.publicClient.getLogs({ address: rollup.rollup, fromBlock: rollup.deploymentBlock })
  return {
    accepted: parseEventLogs({ abi: rollupAbi, logs, eventName: 'ProofAccepted' }).map(
      ({ args }) => args.finalNewBatch,
    ),
    penalties: parseEventLogs({ abi: rollupAbi, logs, eventName: 'CommitmentSettled' }).map(({ args }) => args.penalty),
  }
}

const commitmentOf = ({ to }: PostedSequence) =>
  rollup.miner.publicClient.readContract({
    address: rollup.rollup,
    abi: rollupAbi,
    functionName: 'getCommitment',
    args: [BigInt(to), rollup.miner.walletClient.account.address],
  })
