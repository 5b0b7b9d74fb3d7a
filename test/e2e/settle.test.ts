import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEventLogs } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rollupAbi } from '../../contracts/abi.ts'
import { listSequenceAttempts } from '../../db/attempts.ts'
import { connect } from '../../db/connect.ts'
import { listProofs } from '../../db/proofs.ts'
import { listSequences, type SequenceRow } from '../../db/sequences.ts'
import { createLocalDeployment, DEMO_RULES, type LocalDeployment, type LocalRollup } from '../../dev/deployment/local-deployment.ts'
import { startAggregator, startProver } from '../../dev/deployment/processes.ts'
import type { PostedSequence } from '../../dev/payments/sequencer.ts'
import { provingSetup } from '../../dev/setup/proving-steps.ts'
import type { ManagedProcess } from '../../dev/stack/process.ts'
import { type Stack, startStack } from '../../dev/stack/stack.ts'
import { searchAttributeTypes } from '../../protocol/search-attributes.ts'
import { eventually } from '../support/eventually.ts'
import { descendantsOf } from '../support/processes.ts'

/** Proofs of 1 and 3 batches on two busy cores, and the windows after them. */
const SETTLED_WITHIN_MS = 8 * 60_000

/** Windows in which an aggregator that was killed has time to come back on a busy machine. */
const RULES = { ...DEMO_RULES, commitBlocks: 10, proveBlocks: 60, lateProofBlocks: 5 }

let stack: Stack
let deployment: LocalDeployment
let database: ReturnType<typeof connect>
let dataDir: string
let aggregator: ManagedProcess
const provers: ManagedProcess[] = []

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'zkpow-e2e-'))
  const { artifactsDir } = await provingSetup('development')
  stack = await startStack({
    dataDir,
    postgres: { fsync: false },
    anvil: { blockTimeSeconds: 1 },
    temporal: { searchAttributes: searchAttributeTypes },
  })
  deployment = await createLocalDeployment(stack, { artifactsDir, rollups: ['first', 'second'], rules: RULES })
  database = connect(stack.postgresUrl)
  aggregator = await startAggregator(deployment.settings)
  for (const name of ['prover-1', 'prover-2']) provers.push(await startProver(deployment.settings, name))
})

afterAll(async () => {
  await Promise.all([aggregator, ...provers].map((process) => process?.stop()))
  await database?.close()
  await stack?.stop()
  await rm(dataDir, { recursive: true, force: true })
})

describe('real proofs, two rollups, an aggregator that is killed twice and a prover once', () => {
  const posted: { rollup: LocalRollup; sequence: PostedSequence }[] = []

  test('settles a sequence of 1 and one of 3 batches, and one of another deployment', { timeout: SETTLED_WITHIN_MS }, async () => {
    const [first, second] = deployment.rollups
    if (!first || !second) throw new Error('two rollups were deployed')
    posted.push({ rollup: first, sequence: await first.sequencer.post(1) })
    await eventually('the first proof is being made', async () => (await activeProofs()) > 0)
    posted.push({ rollup: first, sequence: await first.sequencer.post(3) })

    await killAndRestart() // while proving
    await eventually('our hash of batch 1 is out and its proof is not', async () => {
      const commitment = await commitmentOf(first, 1)
      return commitment.roundStartBlock > 0n && !commitment.isProved
    })
    await killBusyProver() // all that is left to prove is batches 2 to 4
    await killAndRestart() // between commit and proof
    posted.push({ rollup: second, sequence: await second.sequencer.post(1) })

    for (const { rollup, sequence } of posted) {
      await eventually(
        `batches up to ${sequence.to} of ${rollup.name} are settled`,
        async () => (await rowOf(rollup, sequence))?.outcome === 'proved',
      )
    }
    expect(await verifiedBatch(first)).toBe(4n)
    expect(await verifiedBatch(second)).toBe(1n)
  })

  test('exactly one proof transaction of each sequence was accepted, and nobody was penalised', async () => {
    for (const rollup of deployment.rollups) {
      const logs = await deployment.miner.publicClient.getLogs({ address: rollup.rollup, fromBlock: rollup.deploymentBlock })
      const accepted = parseEventLogs({ abi: rollupAbi, logs, eventName: 'ProofAccepted' }).map(({ args }) => args.finalNewBatch)
      const expected = posted.filter((one) => one.rollup === rollup).map(({ sequence }) => BigInt(sequence.to))
      expect(accepted).toEqual(expected)
      const settled = parseEventLogs({ abi: rollupAbi, logs, eventName: 'CommitmentSettled' })
      expect(settled.map(({ args }) => args.penalty)).toEqual(expected.map(() => 0n))
      expect(settled.every(({ args }) => args.reward > 0n)).toBe(true)
    }
  })

  test('no proof was made twice', async () => {
    for (const { rollup, sequence } of posted) {
      const row = await rowOf(rollup, sequence)
      if (!row) throw new Error('the sequence has a row')
      const proofs = await listProofs(database.db, row)
      expect(proofs).toHaveLength(2 * (sequence.to - sequence.from + 1))
      expect(new Set(proofs.map((proof) => proof.taskId)).size).toBe(proofs.length)
    }
    const uploads = await database.db.execute<{ uploads: number; tasks: number }>(
      'select count(*)::int as uploads, count(distinct task_id)::int as tasks from zkpow.proof_uploads',
    )
    expect(uploads[0]?.uploads).toBe(uploads[0]?.tasks)
  })

  test('every nonce of the account is one of ours, without a gap', async () => {
    const { publicClient, walletClient } = deployment.miner
    const nonce = await publicClient.getTransactionCount({ address: walletClient.account.address })
    const attempts = (
      await Promise.all(posted.map(({ rollup, sequence }) => listSequenceAttempts(database.db, { rollup: rollup.name, ...sequence })))
    ).flat()
    const mined = attempts.filter((attempt) => attempt.inclusion !== null).map((attempt) => attempt.nonce)
    const stakes = deployment.rollups.length // sent before the sender owned the nonce
    expect(mined.sort((a, b) => a - b)).toEqual(Array.from({ length: nonce - stakes }, (_, i) => stakes + i))
    expect(attempts.every((attempt) => attempt.inclusion === null || attempt.inclusion.status === 'success')).toBe(true)
  })

  test('provers see neither the key nor the database of the owner', async () => {
    const secrets = [deployment.settings.minerKey, new URL(stack.postgresUrl).password]
    for (const prover of provers) {
      const environment = existsSync(`/proc/${prover.pid}/environ`) ? await readFile(`/proc/${prover.pid}/environ`, 'utf8') : ''
      const log = await readFile(prover.logFile, 'utf8')
      for (const secret of secrets) expect(environment + log).not.toContain(secret)
    }
  })
})

// Helpers

async function killAndRestart(): Promise<void> {
  aggregator.kill('SIGKILL')
  await aggregator.ended
  aggregator = await startAggregator(deployment.settings)
}

/** Its task is another's when its heartbeats have been missing for half a minute. */
async function killBusyProver(): Promise<void> {
  const isBusy = (prover: ManagedProcess) => descendantsOf(prover.pid).length > 0
  await eventually('a prover makes a proof', async () => provers.some(isBusy))
  const victim = provers.findIndex(isBusy)
  const [killed] = provers.splice(victim, 1)
  killed?.kill('SIGKILL')
  await killed?.ended
  provers.push(await startProver(deployment.settings, 'prover-3'))
}

async function activeProofs(): Promise<number> {
  const [row] = await database.db.execute<{ count: number }>(`select count(*)::int as count from zkpow.sequences where phase = 'prove'`)
  return row?.count ?? 0
}

async function rowOf(rollup: LocalRollup, sequence: PostedSequence): Promise<SequenceRow | undefined> {
  return (await listSequences(database.db, { rollup: rollup.name })).find((row) => row.to === sequence.to)
}

const commitmentOf = (rollup: LocalRollup, to: number) =>
  deployment.miner.publicClient.readContract({
    address: rollup.rollup,
    abi: rollupAbi,
    functionName: 'getCommitment',
    args: [BigInt(to), deployment.miner.walletClient.account.address],
  })

const verifiedBatch = (rollup: LocalRollup) =>
  deployment.miner.publicClient.readContract({ address: rollup.rollup, abi: rollupAbi, functionName: 'lastVerifiedBatch' })
