import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rollupAbi } from '../../contracts/abi.ts'
import { connect } from '../../db/connection/connect.ts'
import { listSequences } from '../../db/decisions/sequences.ts'
import { createLocalDeployment, DEMO_RULES, type LocalDeployment, type LocalRollup } from '../../dev/deployment/local-deployment.ts'
import { startAggregator, startProver } from '../../dev/deployment/processes.ts'
import type { PostedSequence } from '../../dev/payments/sequencer.ts'
import { provingSetup } from '../../dev/setup/proving-steps.ts'
import type { ManagedProcess } from '../../dev/stack/processes/process.ts'
import { type Stack, startStack } from '../../dev/stack/stack.ts'
import { searchAttributeTypes } from '../../protocol/temporal/attributes.ts'
import { eventually } from '../support/eventually.ts'
import { hasGeth } from '../support/nodes/geth.ts'
import { expectAcceptedOnce, expectOwnNonces } from './settled.ts'

/** Windows in which an aggregator that was killed has time to come back on a busy machine. Blocks take a second. */
const RULES = { ...DEMO_RULES, commitBlocks: 8, proveBlocks: 40, lateProofBlocks: 5 }

let stack: Stack
let deployment: LocalDeployment
let rollup: LocalRollup
let database: ReturnType<typeof connect>
let dataDir: string
const processes: ManagedProcess[] = []
const posted: PostedSequence[] = []

describe.runIf(hasGeth)('real proofs on geth under the rules of its newest fork', () => {
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'zkpow-e2e-'))
    const { artifactsDir } = await provingSetup('development')
    stack = await startStack({
      dataDir,
      postgres: { fsync: false },
      geth: { blockTimeSeconds: 1 },
      temporal: { searchAttributes: searchAttributeTypes },
    })
    deployment = await createLocalDeployment(stack, { artifactsDir, rollups: ['pay'], rules: RULES })
    rollup = deployment.rollups[0] as LocalRollup
    database = connect(stack.postgresUrl)
    processes.push(await startAggregator(deployment.settings), await startProver(deployment.settings, 'prover'))
  })

  afterAll(async () => {
    await Promise.all(processes.map((process) => process.stop()))
    await database?.close()
    await stack?.stop()
    await rm(dataDir, { recursive: true, force: true })
  })

  test('settle, though the aggregator and then the node are killed while a hash is out', async () => {
    posted.push(await rollup.sequencer.post(1))
    await eventually('our hash is on a final block', async () => {
      const { roundStartBlock } = await commitment()
      return roundStartBlock > 0n && (await rollup.miner.publicClient.getBlockNumber()) > roundStartBlock + 3n
    })
    const [aggregator] = processes.splice(0, 1)
    aggregator?.kill('SIGKILL')
    await aggregator?.ended
    processes.push(await startAggregator(deployment.settings))
    await stack.node.kill('SIGKILL') // it comes back without its last blocks
    await stack.node.start()
    await eventually('the proof is accepted and the reward claimed', async () => {
      const [row] = await listSequences(database.db, { rollup: rollup.name })
      return row?.outcome === 'proved'
    })
    await expectAcceptedOnce(rollup, posted)
    await expectOwnNonces(database.db, rollup, posted)
    expect(await rollup.miner.publicClient.readContract({ ...contract(), functionName: 'lastVerifiedBatch' })).toBe(1n)
  })
})

// Helpers

const contract = () => ({ address: rollup.rollup, abi: rollupAbi }) as const

const commitment = () =>
  rollup.miner.publicClient.readContract({
    ...contract(),
    functionName: 'getCommitment',
    args: [1n, rollup.miner.walletClient.account.address],
  })
