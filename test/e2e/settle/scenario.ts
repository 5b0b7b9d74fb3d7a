import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listSequenceAttempts } from '../../../db/attempts/attempts.ts'
import { connect } from '../../../db/connection/connect.ts'
import { listSequences } from '../../../db/decisions/sequences.ts'
import { listProofs } from '../../../db/proofs/proofs.ts'
import {
  createLocalDeployment,
  DEMO_RULES,
  type LocalDeployment,
  type LocalRollup,
  localAccount,
} from '../../../dev/deployment/local-deployment.ts'
import { startAggregator, startProver } from '../../../dev/deployment/processes.ts'
import { accountClients, stake } from '../../../dev/payments/deploy.ts'
import type { PostedSequence } from '../../../dev/payments/sequencer.ts'
import { provingSetup } from '../../../dev/setup/proving-steps.ts'
import type { ManagedProcess } from '../../../dev/stack/processes/process.ts'
import { type Stack, startStack } from '../../../dev/stack/stack.ts'
import { searchAttributeTypes } from '../../../protocol/temporal/attributes.ts'
import { startBlocks } from '../../chaos/nodes/blocks.ts'
import { NODES } from '../../chaos/nodes/index.ts'
import type { NodeName } from '../../chaos/nodes/names.ts'
import type { ChainControl } from '../../chaos/nodes/node.ts'
import { eventually } from '../../support/eventually.ts'
import { descendantsOf } from '../../support/process-table.ts'
import { replayHistories } from '../../support/replay-histories.ts'
import { bundleWorkflows } from '../../workflows/harness.ts'
import { expectSmallPayloads, historyTexts } from '../../workflows/histories.ts'
import { expectAcceptedOnce, expectOwnNonces } from '../settled.ts'
import { zkpow } from '../zkpow.ts'
import { refuseCopiedProof } from './copied-proof.ts'
import { activeProofs, commitmentOf, linesOf, phaseOf, rowOf, verifiedBatch } from './observe.ts'

/** Proofs of 1 and 3 batches on two busy cores, and the windows after them. */
const SETTLED_WITHIN_MS = 8 * 60_000

/** Windows in which an aggregator that was killed has time to come back on a busy machine. */
const RULES = { ...DEMO_RULES, commitBlocks: 10, proveBlocks: 60, lateProofBlocks: 5 }

/** Time between two blocks, ms. */
const BLOCK_MS = 1_000

let stack: Stack
let deployment: LocalDeployment
let database: ReturnType<typeof connect>
let dataDir: string
let control: ChainControl
/** The blocks that come by themselves. */
let blocks: ReturnType<typeof startBlocks>
let aggregator: ManagedProcess
const provers: ManagedProcess[] = []
/** Logs of all provers, those that were killed included. */
const logFiles: string[] = []
const copycat = localAccount(9)

/**
 * Plays the scenario on a node: two rollups of one miner each, the second on a contract of 2023, from what the
 * sequencer posts to the pay.
 */
export function settlesOn(node: NodeName): void {
  beforeAll(() => start(node))
  afterAll(stop)

  describe(`real proofs on ${node}, two rollups, an aggregator that is killed twice, and a prover and the node once`, () => {
    const posted: { rollup: LocalRollup; sequence: PostedSequence }[] = []
    const sequencesOf = (rollup: LocalRollup) =>
      posted.filter((one) => one.rollup === rollup).map(({ sequence }) => sequence)

    test('settles a sequence of 1 and one of 3 batches, and one on a contract of 2023', {
      timeout: SETTLED_WITHIN_MS,
    }, async () => {
      const [first, second] = deployment.rollups
      if (!first || !second) throw new Error('two rollups were deployed')
      posted.push({ rollup: first, sequence: await first.sequencer.post(1) })
      await eventually('the first proof is being made', async () => (await activeProofs(database.db)) > 0)
      posted.push({ rollup: first, sequence: await first.sequencer.post(3) })

      await killAndRestart() // they are proving
      expect(await admin('pause', 'second')).toMatchObject({ code: 0, stderr: expect.stringContaining('Paused') })
      await eventually('batches 2 to 4 are being proved too', async () =>
        (await listSequences(database.db, { rollup: 'first' })).some((row) => row.to === 4 && row.phase === 'proving'),
      )
      await eventually('our hash of batch 1 is out', async () => (await commitmentOf(first, 1)).roundStartBlock > 0n)
      await killNode(first)
      // Nobody hands it out while the aggregator is away.
      await eventually('a prover has one of their proofs', async () => provers.some(isBusy))
      aggregator.kill('SIGKILL') // it stands between commit and proof
      await aggregator.ended
      expect(await commitmentOf(first, 1)).toMatchObject({ isProved: false })
      await killBusyProver() // all that is left to prove is batches 2 to 4
      letBlocksCome()
      await refuseCopiedProof({ stack, db: database.db, rollup: first, copycat })
      posted.push({ rollup: second, sequence: await second.sequencer.post(1) })
      await blocks.stop() // the proof of batch 1 then waits
      aggregator = await startAggregator(deployment.settings)
      await eventually('the second rollup is held', async () =>
        (await linesOf(stack, 'second')).includes('no new work: paused: a test'),
      )
      expect(await admin('resume', 'second')).toMatchObject({ code: 0, stderr: expect.stringContaining('Resumed') })
      await holdWhileProving()
      await bumpProof()
      letBlocksCome()

      await eventually(
        'all proofs are accepted',
        async () => (await verifiedBatch(first)) === 4n && (await verifiedBatch(second)) === 1n,
      )
      await control.mine(RULES.proveBlocks) // nobody else proves, so these blocks are all alike
      for (const { rollup, sequence } of posted) {
        await eventually(
          `batches up to ${sequence.to} of ${rollup.name} are settled`,
          async () => (await rowOf(database.db, rollup, sequence))?.outcome === 'proved',
        )
      }
    })

    test('exactly one proof transaction of each sequence was accepted, and nobody was penalised', async () => {
      for (const rollup of deployment.rollups) await expectAcceptedOnce(rollup, sequencesOf(rollup))
    })

    test('no proof was made twice', async () => {
      for (const { rollup, sequence } of posted) {
        const row = await rowOf(database.db, rollup, sequence)
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
      const environments = await Promise.all(
        provers.map(({ pid }) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')),
      ) // only Linux has these
      for (const text of [...histories, ...logs, ...environments])
        for (const secret of secrets) expect(text.includes(secret)).toBe(false)
      expect(histories.some((text) => text.includes('lookAtSequence'))).toBe(true)
      expect(histories.some((text) => text.includes('accInputHash'))).toBe(true) // payloads are read in the clear
    })
  })
}

async function start(name: NodeName): Promise<void> {
  dataDir = await mkdtemp(join(tmpdir(), 'zkpow-e2e-'))
  const { artifactsDir } = await provingSetup('development')
  const node = NODES[name]
  stack = await startStack({
    dataDir,
    postgres: { fsync: false },
    ...node.stackOptions,
    temporal: { searchAttributes: searchAttributeTypes },
  })
  control = node.control(stack.rpcUrl)
  await control.setAutomine(true)
  deployment = await createLocalDeployment(stack, {
    artifactsDir,
    rollups: ['first', 'second'],
    of2023: ['second'],
    rules: RULES,
  })
  for (const rollup of deployment.rollups)
    await stake(accountClients(stack.rpcUrl, copycat, stack.node.chainId), rollup, RULES.minDepositWei)
  await control.setAutomine(false)
  letBlocksCome()
  database = connect(stack.postgresUrl)
  aggregator = await startAggregator(deployment.settings)
  for (const name of ['prover-1', 'prover-2']) await addProver(name)
}

async function stop(): Promise<void> {
  await Promise.all([aggregator, ...provers].map((process) => process?.stop()))
  await blocks?.stop()
  await database?.close()
  await stack?.stop()
  await rm(dataDir, { recursive: true, force: true })
}

function letBlocksCome(): void {
  blocks = startBlocks(control, BLOCK_MS)
}

/**
 * Kills the node. A geth comes back without its last blocks, of which our hash's is none; nothing is mined until
 * somebody lets blocks come.
 */
async function killNode(rollup: LocalRollup): Promise<void> {
  const { roundStartBlock } = await commitmentOf(rollup, 1)
  await eventually('our hash is on a final block', async () => (await control.head()) > roundStartBlock + 3n)
  await blocks.stop()
  await control.crash(stack.node)
  await control.bringBack(stack.node)
}

async function killAndRestart(): Promise<void> {
  aggregator.kill('SIGKILL')
  await aggregator.ended
  aggregator = await startAggregator(deployment.settings)
}

/** Holds batches 2 to 4: nothing of them can be sent. */
async function holdWhileProving(): Promise<void> {
  const id = 'first/2-4'
  expect(await admin('pause', id)).toMatchObject({ code: 0, stderr: expect.stringContaining('Paused') })
  await eventually('batches 2 to 4 are held', async () => (await phaseOf(deployment.settings, id)) === 'held')
  expect(await admin('resume', id)).toMatchObject({ code: 0, stderr: expect.stringContaining('Resumed') })
  await eventually(
    'batches 2 to 4 are proved again',
    async () => (await phaseOf(deployment.settings, id)) === 'proving',
  )
  expect(await admin('resubmit', id)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('a proof is being made'),
  })
  expect(await admin('bump-fees', id)).toMatchObject({ code: 1, stderr: expect.stringContaining('Nothing to raise') })
}

/**
 * Raises the fee of the proof of batch 1, which waits to be mined. It is handed over once more before, which changes
 * nothing.
 */
async function bumpProof(): Promise<void> {
  const proofs = async () => {
    const attempts = await listSequenceAttempts(database.db, { rollup: 'first', from: 1, to: 1 })
    return attempts.filter(({ purpose, broadcastAt }) => purpose?.step === 'prove' && broadcastAt !== null)
  }
  await eventually('our proof of batch 1 is out', async () => (await proofs()).length > 0)
  expect(await admin('resubmit', 'first/1-1')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('handed to the sender again'),
  })
  expect(await proofs()).toHaveLength(1)
  expect(await admin('bump-fees', 'first/1-1')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('prove of batches 1 (nonce'),
  })
  await eventually('its fee is raised', async () => (await proofs()).length === 2)
  const [before, after] = await proofs()
  expect(after?.nonce).toBe(before?.nonce)
  expect(after?.maxPriorityFeePerGas).toBeGreaterThan(before?.maxPriorityFeePerGas ?? 0n)
}

const admin = (command: string, id: string) =>
  zkpow(deployment.settings, command, id, '--reason', 'a test', '--who', 'ann')

const isBusy = (prover: ManagedProcess): boolean => descendantsOf(prover.pid).length > 0

/** Kills a prover. Its task is another's when its heartbeats have been missing for half a minute. */
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
