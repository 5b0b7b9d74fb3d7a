import { sha256 } from 'viem'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readSequence } from '../../../client/reports/read-sequence.ts'
import { readStatus } from '../../../client/reports/read-status.ts'
import { windowNow } from '../../../client/reports/read-window.ts'
import { readWorkflows } from '../../../client/reports/read-workflows.ts'
import { renderSequence } from '../../../client/reports/render-sequence.ts'
import { renderStatus, renderWorkflows } from '../../../client/reports/render-status.ts'
import { liftQuarantine } from '../../../client/requests/lift-quarantine.ts'
import { markBroadcast, markMined, storeAttempt } from '../../../db/attempts/attempts.ts'
import type { Db } from '../../../db/connection/connect.ts'
import { findHolds, setHold } from '../../../db/decisions/holds.ts'
import { listTaskQuarantines, quarantineTask } from '../../../db/decisions/refusals.ts'
import { recordSequence } from '../../../db/decisions/sequences.ts'
import { putBlob } from '../../../db/proofs/blobs.ts'
import { recordProof } from '../../../db/proofs/proofs.ts'
import { endReplay, renewReplay, takeReplay } from '../../../db/proofs/replays.ts'
import type { Hex } from '../../../protocol/base/ranges.ts'
import type { ProofTask } from '../../../protocol/proof/task.ts'
import type { SequenceIntent } from '../../../protocol/sender/intent.ts'
import type { OnChain, OwnCommitment } from '../../../protocol/sequence/view.ts'
import { Harness2023 } from '../../contracts/harness-2023.ts'
import { createTestNamespace } from '../../support/temporal.ts'
import { MINER, migratedDatabase, NOBODY, operatorConfig } from '../support.ts'

const hash = (text: string): Hex => sha256(Buffer.from(text))
const SEQUENCE = { rollup: 'payments', from: 4, to: 6, accInputHash: hash('data') }

/** It ends with what helps, and the code that docs/errors.md is searched for. */
const AWAY = /^Temporal doesn't answer at .* Fix: .* \[ZKPOW-TEMPORAL-UNREACHABLE\]$/

describe('status', () => {
  test('lists running sequences first, with what they wait for and how many proofs they have', async () => {
    const { db, url } = await migratedDatabase()
    await recordSequence(db, {
      sequence: { ...SEQUENCE, from: 1, to: 3, accInputHash: hash('older') },
      phase: 'done',
      text: 'nothing',
      outcome: 'proved',
    })
    await recordSequence(db, { sequence: SEQUENCE, phase: 'proving', text: '6 of 6 proofs are verified' })
    await recordFinalProof(db)
    await setHold(db, { rollup: 'payments', key: null, hold: 'paused', reason: 'maintenance', who: 'alice' })
    const failures = [{ prover: 'machine-2', why: 'it ran out of memory', times: 5, at: '2026-01-01T00:00:00.000Z' }]
    await quarantineTask(db, { task: task('inside', 5), reason: 'it failed', failures })
    const report = await readStatus(db, operatorConfig({ databaseUrl: url }), { limit: 10 })
    expect(report.sequences).toMatchObject([
      { from: 4, to: 6, phase: 'proving', outcome: null, proofsDone: 6, proofsNeeded: 6, window: null },
      { from: 1, to: 3, outcome: 'proved', proofsDone: 0, proofsNeeded: 6 },
    ])
    const shown = renderStatus(report, Date.now())
    expect(shown).toMatch(/^payments +4-6 +proving +6\/6 +- +[\d.]+ m?s ago +6 of 6 proofs are verified$/m)
    expect(shown).toMatch(/^payments +1-3 +proved /m)
    expect(shown).toContain('paused: payments: maintenance (alice)')
    expect(shown).toContain(
      'quarantined: payments batch proof of batches 5: it failed\n' +
        '  machine-2, 5 times, last at 2026-01-01T00:00:00.000Z: it ran out of memory\n',
    )
  })

  test('a chain that is away costs the windows and nothing else', async () => {
    const { db, url } = await migratedDatabase()
    await recordSequence(db, { sequence: SEQUENCE, phase: 'submit', text: 'T1' })
    const report = await readStatus(db, operatorConfig({ databaseUrl: url }), { limit: 10 })
    expect(report.sequences).toMatchObject([{ text: 'T1', window: null }])
    expect(report.silentChains).toMatchObject([{ chain: 'dev', why: expect.stringContaining('gave no usable answer') }])
  })

  test('names the file of a first state, and what is wrong with a contract of 2023', async () => {
    const harness = await Harness2023.start()
    onTestFinished(() => harness.anvil.stop())
    await harness.special({ part: 'rollup', functionName: 'setProofHashCommitEpoch', args: [255] })
    const { db, url } = await migratedDatabase()
    const made = operatorConfig({ databaseUrl: url, rpcUrl: harness.anvil.url })
    const rollups = made.rollups.map((rollup) => ({
      ...rollup,
      contract: harness.rollup,
      genesisFile: '/etc/zkpow/genesis.json',
    }))
    const shown = renderStatus(await readStatus(db, { ...made, rollups }, { limit: 10 }), Date.now())
    expect(shown).toContain('payments: its first state is that of /etc/zkpow/genesis.json\n')
    expect(shown).toMatch(/^payments: its contract is one of 2023: .* finds hashes by their bytes alone/m)
    expect(shown).toContain('payments: T1+T2 is 259: ')
    expect(shown).toContain('payments: stake is 0: ')
  })

  test('tells how far a replay is, until it is over', async () => {
    const { db, url } = await migratedDatabase()
    const turn = { rollup: 'payments', holder: 'an aggregator' }
    await takeReplay(db, { ...turn, range: { from: 41, to: 45 } })
    await renewReplay(db, { ...turn, batchNum: 17 })
    const shown = async () =>
      renderStatus(await readStatus(db, operatorConfig({ databaseUrl: url }), { limit: 10 }), Date.now())
    expect(await shown()).toContain(
      'payments: the state is being replayed for batches 41-45, batch 17 is done, since 20',
    )
    await endReplay(db, turn)
    expect(await shown()).not.toContain('replayed')
  })

  test('an empty database says so', () => {
    const workflows = { unreachable: 'a test' }
    expect(
      renderStatus(
        {
          sequences: [],
          holds: [],
          quarantines: [],
          replays: [],
          notes: [],
          silentChains: [],
          endpointTroubles: [],
          workflows,
        },
        0,
      ),
    ).toBe('No sequence is known yet.\n')
  })

  test('what keeps work from going on is said, and nothing when all is well', () => {
    const well = { silentSince: null, stuck: [], troubles: [], lost: [] }
    expect(renderWorkflows(well)).toEqual([])
    const at = '2026-01-02T03:04:05.000Z'
    const workflows = {
      ...{
        silentSince: at,
        stuck: ['sequence/pay/1-1'],
        troubles: [{ workflowId: 'rollup/pay', trouble: 'no endpoint answers' }],
      },
      lost: [{ workflowId: 'chain/1', runId: 'x', at, why: 'TMPRL1100' }],
    }
    expect(renderWorkflows(workflows)).toEqual([
      `The aggregator doesn't answer: it was heard of last at ${at}. What is listed is as it was then.`,
      "Workflow sequence/pay/1-1 can't go on: its task fails again and again. The aggregator ends it and starts it again.",
      'Trouble of rollup/pay: no endpoint answers',
      `Workflow chain/1 was lost at ${at} and started again: TMPRL1100`,
    ])
    expect(renderWorkflows({ ...well, silentSince: 'never' })[0]).toContain('it was never heard of')
    expect(renderWorkflows({ unreachable: 'it is away' })).toEqual(["How the workflows are isn't known: it is away"])
  })
})

describe('the window', () => {
  const NOTHING: OnChain = { accInputHash: SEQUENCE.accInputHash, isVerified: false, round: null, own: null }
  const round = { startBlock: 100, commitBlocks: 10, proveBlocks: 20, isVerified: false, lateProofDeadlineBlock: null }
  const own: OwnCommitment = {
    proofHash: hash('proof'),
    roundStartBlock: 100,
    isProved: false,
    isSettled: false,
    lockedWei: '1',
  }
  const late = { ...round, isVerified: true, lateProofDeadlineBlock: 140 }

  test.each([
    { head: 100, onChain: { round }, phase: 'commit', blocksLeft: 10, why: 'R' },
    { head: 109, onChain: { round }, phase: 'commit', blocksLeft: 1, why: 'the next block is R+T1' },
    { head: 110, onChain: { round }, phase: 'prove', blocksLeft: 20, why: 'the next block is R+T1+1' },
    { head: 129, onChain: { round }, phase: 'prove', blocksLeft: 1, why: 'the next block is R+T1+T2' },
    { head: 130, onChain: { round }, phase: 'expired', blocksLeft: null, why: 'the next block is R+T1+T2+1' },
    {
      head: 130,
      onChain: { round: late, isVerified: true },
      phase: 'verified',
      blocksLeft: null,
      why: 'verified without our hash',
    },
    {
      head: 130,
      onChain: { round: late, isVerified: true, own },
      phase: 'late',
      blocksLeft: 10,
      why: 'verified, our proof is late',
    },
    {
      head: 130,
      onChain: { round: late, isVerified: true, own: { ...own, isProved: true } },
      phase: 'verified',
      blocksLeft: null,
      why: 'ours too',
    },
  ])('$why: $phase', ({ head, onChain, phase, blocksLeft }) => {
    expect(windowNow(head, { ...NOTHING, ...onChain })).toMatchObject({ phase, blocksLeft })
  })

  test('is none while no round is open', () => {
    expect(windowNow(1, NOTHING)).toBeNull()
  })
})

test('that Temporal is away is told with what helps', async () => {
  const workflows = await readWorkflows({ address: NOBODY, namespace: 'default', tls: null, apiKey: null })
  expect(workflows).toEqual({ unreachable: expect.stringMatching(AWAY) })
})

describe('one sequence', () => {
  test('is told from the database while Temporal is away', async () => {
    const { db } = await migratedDatabase()
    await recordSequence(db, { sequence: SEQUENCE, phase: 'submit', text: 'T2: 7 blocks left', sequencedAtBlock: 90 })
    await recordFinalProof(db)
    await mineCommit(db)
    const report = await readSequence(db, { address: NOBODY, namespace: 'default', tls: null, apiKey: null }, SEQUENCE)
    expect(report.workflow).toEqual({ status: 'unreachable', why: expect.stringMatching(AWAY) })
    expect(report.attempts).toHaveLength(1)
    expect(report.attempts[0]).not.toHaveProperty('raw')
    const shown = renderSequence(report)
    expect(shown).toContain("not known, what follows is from the database: Temporal doesn't answer")
    expect(shown).toContain('submit: T2: 7 blocks left')
    expect(shown).toMatch(/^final +4-6 +machine-1 +8\.5 s +900\.0 MB +5 B /m)
    expect(shown).toMatch(/^commit +7 +0 +success +101 +123456 +1\.5 gwei +0x/m)
  }, 15_000)

  test('tells how far the parts of a long one are', async () => {
    const { db } = await migratedDatabase()
    await recordSequence(db, { sequence: SEQUENCE, phase: 'proving', text: 'proofs are being made' })
    const report = await readSequence(db, { address: NOBODY, namespace: 'default', tls: null, apiKey: null }, SEQUENCE)
    const known = { status: 'known', workflow: 'running', trouble: null, failedTasks: 0, silentSince: null } as const
    const parts = [{ from: 4, to: 5, trouble: 'batch 5 failed once' }]
    const shown = renderSequence({ ...report, workflow: { ...known, parts } })
    expect(shown).toContain('proofs      0 of 6\n  batches 4-5: 0 of 3, batch 5 failed once\n')
    const silent = {
      ...known,
      parts: [],
      failedTasks: 4,
      silentSince: '2026-01-02T03:04:05.000Z',
      trouble: 'the database is away',
    }
    expect(renderSequence({ ...report, workflow: silent })).toContain(
      [
        'workflow    running',
        "aggregator  doesn't answer: it was heard of last at 2026-01-02T03:04:05.000Z; what follows is as it was then",
        "can't go on its task has failed 4 times in a row: the aggregator ends it and starts it again",
        'trouble     the database is away',
      ].join('\n'),
    )
  }, 15_000)

  test('that nobody knows is an error that says where to look', async () => {
    const { db } = await migratedDatabase()
    const temporal = { ...(await createTestNamespace()), tls: null, apiKey: null }
    await expect(readSequence(db, temporal, SEQUENCE)).rejects.toThrow(
      'Nothing is known about a sequence of batches 4-6 of rollup "payments".',
    )
  })
})

test('lifting a quarantine frees the sequence and its tasks, and nothing else', async () => {
  const { db } = await migratedDatabase()
  await setHold(db, { rollup: 'payments', key: SEQUENCE, hold: 'quarantined', reason: 'no data', who: 'zkpow' })
  await setHold(db, { rollup: 'payments', key: SEQUENCE, hold: 'paused', reason: 'wait', who: 'alice' })
  await quarantineTask(db, { task: task('inside', 5), reason: 'five provers failed', failures: [] })
  await quarantineTask(db, { task: task('outside', 7), reason: 'five provers failed', failures: [] })
  expect(await liftQuarantine(db, SEQUENCE, 'bob')).toEqual([
    'The sequence was quarantined: no data',
    'The batch proof of batches 5 was quarantined: five provers failed',
  ])
  expect(await findHolds(db, SEQUENCE)).toMatchObject({ quarantined: null, paused: 'wait' })
  expect(await listTaskQuarantines(db)).toMatchObject([{ from: 7 }])
  expect(await liftQuarantine(db, SEQUENCE, 'bob')).toEqual([])
})

const task = (id: string, batch: number): ProofTask => ({
  ...{ id: hash(id), rollup: 'payments', kind: 'payments', stage: 'batch', from: batch, to: batch },
  ...{ verificationKeyHash: hash('key'), input: null, children: [], excludedProvers: [] },
})

async function recordFinalProof(db: Db): Promise<void> {
  const blob = await putBlob(db, Buffer.from('proof'))
  const cost = { prover: 'machine-1', durationMs: 8_500, peakMemoryBytes: 900_000_000 }
  await recordProof(db, {
    ...SEQUENCE,
    ...blob,
    ...cost,
    taskId: hash('task'),
    stage: 'final',
    verificationKeyHash: hash('key'),
    miner: MINER,
  })
}

async function mineCommit(db: Db): Promise<void> {
  const key = { chainId: 31337, account: MINER, nonce: 7, attempt: 0 } as const
  const purpose: SequenceIntent = {
    ...{ ...SEQUENCE, contract: MINER, step: 'commit', firstBlock: 100, lastBlock: null },
    finalProof: { sha256: hash('proof'), size: 1, proofHash: hash('committed') },
  }
  const fees = { maxFeePerGas: 2_000_000_000n, maxPriorityFeePerGas: 1n }
  await storeAttempt(db, { ...key, ...fees, purpose, txHash: hash('transaction'), raw: Buffer.from('signed') })
  await markBroadcast(db, key, { sentAtBlock: 100, answer: 'accepted' })
  await markMined(db, key, {
    minedBlock: 101,
    blockHash: hash('block'),
    gasUsed: 123_456n,
    effectiveGasPrice: 1_500_000_000n,
    status: 'success',
  })
}
