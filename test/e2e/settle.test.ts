import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { bytesToHex } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rollupAbi } from '../../contracts/abi.ts'
import { confirm } from '../../contracts/tooling/deploy-contract.ts'
import { listSequenceAttempts } from '../../db/attempts/attempts.ts'
import { connect } from '../../db/connection/connect.ts'
import { listSequences, type SequenceRow } from '../../db/decisions/sequences.ts'
import { findBatches } from '../../db/proofs/batches.ts'
import { readBlob } from '../../db/proofs/blobs.ts'
import { listFinalProofs, listProofs } from '../../db/proofs/proofs.ts'
import {
  createLocalDeployment,
  DEMO_RULES,
  type LocalDeployment,
  type LocalRollup,
  localAccount,
} from '../../dev/deployment/local-deployment.ts'
import { startAggregator, startProver } from '../../dev/deployment/processes.ts'
import { accountClients, stake } from '../../dev/payments/deploy.ts'
import type { PostedSequence } from '../../dev/payments/sequencer.ts'
import { provingSetup } from '../../dev/setup/proving-steps.ts'
import type { ManagedProcess } from '../../dev/stack/processes/process.ts'
import { type Stack, startStack } from '../../dev/stack/stack.ts'
import { EMPTY_LOCAL_EXIT_ROOT, proofHash } from '../../protocol/proof/public-input.ts'
import { searchAttributeTypes } from '../../protocol/temporal/attributes.ts'
import { rollupWorkflowId } from '../../protocol/temporal/ids.ts'
import { linesQuery } from '../../protocol/temporal/messages.ts'
import { nodeRpc } from '../chaos/nodes/node-rpc.ts'
import { eventually } from '../support/eventually.ts'
import { descendantsOf } from '../support/process-table.ts'
import { replayHistories } from '../support/replay-histories.ts'
import { bundleWorkflows } from '../workflows/harness.ts'
import { expectSmallPayloads, historyTexts } from '../workflows/histories.ts'
import { expectAcceptedOnce, expectOwnNonces } from './settled.ts'
import { zkpow } from './zkpow.ts'

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
/** Logs of all provers, those that were killed included. */
const logFiles: string[] = []
const copycat = localAccount(9)

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
  for (const name of ['prover-1', 'prover-2']) await addProver(name)
  for (const rollup of deployment.rollups)
    await stake(accountClients(stack.rpcUrl, copycat, stack.node.chainId), rollup, RULES.minDepositWei)
})

afterAll(async () => {
  await Promise.all([aggregator, ...provers].map((process) => process?.stop()))
  await database?.close()
  await stack?.stop()
  await rm(dataDir, { recursive: true, force: true })
})

describe('real proofs, two rollups, an aggregator that is killed twice and a prover once', () => {
  const posted: { rollup: LocalRollup; sequence: PostedSequence }[] = []
  const sequencesOf = (rollup: LocalRollup) => posted.filter((one) => one.rollup === rollup).map(({ sequence }) => sequence)

  test('settles a sequence of 1 and one of 3 batches, and one of another deployment', { timeout: SETTLED_WITHIN_MS }, async () => {
    const [first, second] = deployment.rollups
    if (!first || !second) throw new Error('two rollups were deployed')
    posted.push({ rollup: first, sequence: await first.sequencer.post(1) })
    await eventually('the first proof is being made', async () => (await activeProofs()) > 0)
    posted.push({ rollup: first, sequence: await first.sequencer.post(3) })

    await killAndRestart() // while proving
    expect(await admin('pause', 'second')).toMatchObject({ code: 0, stderr: expect.stringContaining('Paused') })
    await eventually('batches 2 to 4 are being proved too', async () =>
      (await listSequences(database.db, { rollup: 'first' })).some((row) => row.to === 4 && row.phase === 'prove'),
    )
    await eventually('our hash of batch 1 is out', async () => (await commitmentOf(first, 1)).roundStartBlock > 0n)
    await eventually('a prover has one of their proofs', async () => provers.some(isBusy)) // nobody hands it out while the aggregator is away
    aggregator.kill('SIGKILL') // between commit and proof
    await aggregator.ended
    expect(await commitmentOf(first, 1)).toMatchObject({ isProved: false })
    await refuseCopiedProof(first)
    await killBusyProver() // all that is left to prove is batches 2 to 4
    posted.push({ rollup: second, sequence: await second.sequencer.post(1) })
    await setBlockTime(0) // so that the proof of batch 1 waits
    aggregator = await startAggregator(deployment.settings)
    await eventually('the second rollup is held', async () => (await linesOf('second')).includes('no new work: paused: a test'))
    expect(await admin('resume', 'second')).toMatchObject({ code: 0, stderr: expect.stringContaining('Resumed') })
    await holdWhileProving()
    await hurryProof()
    await setBlockTime(1)

    await eventually('all proofs are accepted', async () => (await verifiedBatch(first)) === 4n && (await verifiedBatch(second)) === 1n)
    await nodeRpc(stack.rpcUrl).mine(RULES.proveBlocks) // nobody else proves, so these blocks are all alike
    for (const { rollup, sequence } of posted) {
      await eventually(
        `batches up to ${sequence.to} of ${rollup.name} are settled`,
        async () => (await rowOf(rollup, sequence))?.outcome === 'proved',
      )
    }
  })

  test('exactly one proof transaction of each sequence was accepted, and nobody was penalised', async () => {
    for (const rollup of deployment.rollups) await expectAcceptedOnce(rollup, sequencesOf(rollup))
  })

  test('no proof was made twice', async () => {
    for (const { rollup, sequence } of posted) {
      const row = await rowOf(rollup, sequence)
      if (!row) throw new Error('the sequence has a row')
      const proofs = await listProofs(database.db, row)
      expect(proofs).toHaveLength(2 * (sequence.to - sequence.from + 1))
      expect(new Set(proofs.map((proof) => proof.taskId)).size).toBe(proofs.length)
    }
    const made = (await Promise.all(logFiles.map((file) => readFile(file, 'utf8')))).flatMap(
      (log) => log.match(/task 0x[0-9a-f]{64}/g) ?? [],
    )
    expect(made.length).toBeGreaterThan(0)
    expect(made.toSorted()).toEqual([...new Set(made)].toSorted())
  })

  test('every nonce of an account is one of ours, without a gap', async () => {
    for (const rollup of deployment.rollups) await expectOwnNonces(database.db, rollup, sequencesOf(rollup))
  })

  test('no secret is in a log, a history or the environment of a prover, and no history holds a proof', async () => {
    const keys = Object.values(deployment.settings.minerKeys).map((key) => key.slice(2))
    const secrets = [...keys, new URL(stack.postgresUrl).password]
    const connection = await Connection.connect({ address: stack.temporalAddress })
    const client = new Client({ connection })
    const histories = await historyTexts(client)
    await expectSmallPayloads(client)
    expect((await replayHistories(client, await bundleWorkflows())).bad).toEqual([])
    await connection.close()
    const logs = await Promise.all([...logFiles, aggregator.logFile].map((file) => readFile(file, 'utf8')))
    const environments = await Promise.all(provers.map(({ pid }) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''))) // Linux only
    for (const text of [...histories, ...logs, ...environments]) for (const secret of secrets) expect(text.includes(secret)).toBe(false)
    expect(histories.some((text) => text.includes('lookAtSequence'))).toBe(true)
    expect(histories.some((text) => text.includes('accInputHash'))).toBe(true) // payloads are read in the clear
  })
})

// Helpers

async function killAndRestart(): Promise<void> {
  aggregator.kill('SIGKILL')
  await aggregator.ended
  aggregator = await startAggregator(deployment.settings)
}

/** Batches 2 to 4 are held, and nothing of them can be sent. */
async function holdWhileProving(): Promise<void> {
  const id = 'first/2-4'
  expect(await admin('pause', id)).toMatchObject({ code: 0, stderr: expect.stringContaining('Paused') })
  await eventually('batches 2 to 4 are held', async () => (await phaseOf(id)) === 'held')
  expect(await admin('resume', id)).toMatchObject({ code: 0, stderr: expect.stringContaining('Resumed') })
  await eventually('batches 2 to 4 are proved again', async () => (await phaseOf(id)) === 'prove')
  expect(await admin('resubmit', id)).toMatchObject({ code: 1, stderr: expect.stringContaining('a proof is being made') })
  expect(await admin('bump-fees', id)).toMatchObject({ code: 1, stderr: expect.stringContaining('Nothing to raise') })
}

/** The proof of batch 1 waits to be mined: it is handed over once more, which changes nothing, and its fee is raised. */
async function hurryProof(): Promise<void> {
  const proofs = async () => {
    const attempts = await listSequenceAttempts(database.db, { rollup: 'first', from: 1, to: 1 })
    return attempts.filter(({ purpose, broadcastAt }) => purpose?.step === 'prove' && broadcastAt !== null)
  }
  await eventually('our proof of batch 1 is out', async () => (await proofs()).length > 0)
  expect(await admin('resubmit', 'first/1-1')).toMatchObject({ code: 0, stderr: expect.stringContaining('handed to the sender again') })
  expect(await proofs()).toHaveLength(1)
  expect(await admin('bump-fees', 'first/1-1')).toMatchObject({ code: 0, stderr: expect.stringContaining('prove of batches 1 (nonce') })
  await eventually('its fee is raised', async () => (await proofs()).length === 2)
  const [before, after] = await proofs()
  expect(after?.nonce).toBe(before?.nonce)
  expect(after?.maxPriorityFeePerGas).toBeGreaterThan(before?.maxPriorityFeePerGas ?? 0n)
}

const admin = (command: string, id: string) => zkpow(deployment.settings, command, id, '--reason', 'a test', '--who', 'ann')

async function phaseOf(id: string): Promise<string> {
  const { stdout } = await zkpow(deployment.settings, 'sequence', id, '--json')
  return JSON.parse(stdout).sequences[0]?.phase
}

async function linesOf(rollup: string): Promise<string[]> {
  const connection = await Connection.connect({ address: stack.temporalAddress })
  const lines = await new Client({ connection }).workflow.getHandle(rollupWorkflowId(rollup)).query(linesQuery)
  await connection.close()
  return lines
}

/** @param seconds 0: no block is mined. */
const setBlockTime = (seconds: number): Promise<void> => nodeRpc(stack.rpcUrl).call('evm_setIntervalMining', seconds)

/** Somebody who copies our proof and commits to it in time can't send it: it names us. */
async function refuseCopiedProof(rollup: LocalRollup): Promise<void> {
  const { publicClient, walletClient } = accountClients(stack.rpcUrl, copycat, stack.node.chainId)
  const [final] = await listFinalProofs(database.db, {
    rollup: rollup.name,
    miner: rollup.miner.walletClient.account.address,
    fromBatch: 1,
  })
  const [row] = await listSequences(database.db, { rollup: rollup.name }).then((rows) => rows.filter((one) => one.to === 1))
  if (!final || !row) throw new Error('the final proof of batch 1 is stored')
  const proof = await readBlob(database.db, final.sha256)
  const [batch] = (await findBatches(database.db, { sequence: row, range: { from: 1, to: 1 } })) ?? []
  if (!batch) throw new Error('batch 1 is prepared')
  const contract = { address: rollup.rollup, abi: rollupAbi } as const
  const commit = [0n, 1n, proofHash(proof, copycat.address)] as const
  await confirm(publicClient, await walletClient.writeContract({ ...contract, functionName: 'submitProofHash', args: commit }))
  const { startBlock, commitBlocks } = await publicClient.readContract({ ...contract, functionName: 'getRound', args: [1n] })
  await eventually('the proof window is open', async () => (await publicClient.getBlockNumber()) > startBlock + commitBlocks)
  const send = [0n, 1n, EMPTY_LOCAL_EXIT_ROOT, batch.statement.newStateRoot, bytesToHex(proof)] as const
  const refused = publicClient.simulateContract({ ...contract, functionName: 'verifyBatches', args: send, account: copycat })
  await expect(refused).rejects.toThrow('InvalidProof')
}

const isBusy = (prover: ManagedProcess): boolean => descendantsOf(prover.pid).length > 0

/** Its task is another's when its heartbeats have been missing for half a minute. */
async function killBusyProver(): Promise<void> {
  await eventually('a prover makes a proof', async () => provers.some(isBusy))
  const victim = provers.findIndex(isBusy)
  const [killed] = provers.splice(victim, 1)
  killed?.kill('SIGKILL')
  await killed?.ended
  await addProver('prover-3')
}

async function addProver(name: string): Promise<void> {
  const prover = await startProver(deployment.settings, name)
  provers.push(prover)
  logFiles.push(prover.logFile)
}

async function activeProofs(): Promise<number> {
  const [row] = await database.db.execute<{ count: number }>(`select count(*)::int as count from zkpow.sequences where phase = 'prove'`)
  return row?.count ?? 0
}

async function rowOf(rollup: LocalRollup, sequence: PostedSequence): Promise<SequenceRow | undefined> {
  return (await listSequences(database.db, { rollup: rollup.name })).find((row) => row.to === sequence.to)
}

const commitmentOf = (rollup: LocalRollup, to: number) =>
  rollup.miner.publicClient.readContract({
    address: rollup.rollup,
    abi: rollupAbi,
    functionName: 'getCommitment',
    args: [BigInt(to), rollup.miner.walletClient.account.address],
  })

const verifiedBatch = (rollup: LocalRollup) =>
  rollup.miner.publicClient.readContract({ address: rollup.rollup, abi: rollupAbi, functionName: 'lastVerifiedBatch' })
