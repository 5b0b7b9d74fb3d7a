import { describe, expect, test } from 'vitest'
import type { SubmissionDeps } from '../../../activities/context.ts'
import { createHandIntent } from '../../../activities/sender/hand-intent.ts'
import { createLookAtSequence, readView } from '../../../activities/sequence/look-at-sequence.ts'
import { storeAttempt } from '../../../db/attempts/attempts.ts'
import { setHold } from '../../../db/decisions/holds.ts'
import { findSequences } from '../../../db/decisions/sequences.ts'
import type { Step } from '../../../protocol/sequence/next-step.ts'
import { describeStep } from '../../../protocol/sequence/texts.ts'
import { senderWorkflowId } from '../../../protocol/temporal/ids.ts'
import { attempt, commitIntent, hash, MINER, openTestDatabase } from '../../db/fixtures.ts'
import { openSequence } from '../submission-support.ts'
import { fakeTemporal } from '../support.ts'

const { db } = await openTestDatabase()
const ROUND = { startBlock: 95, commitBlocks: 10, proveBlocks: 20, isVerified: false, lateProofDeadlineBlock: null }

describe('a look at a sequence', () => {
  test('asks for a proof while none is stored, and writes the row that lists show', async () => {
    const { deps, sequence } = await openSequence(db)
    const look = await createLookAtSequence(deps)({ sequence })
    expect(look).toMatchObject({ step: { kind: 'reprove' }, waitMs: null, owesProof: false })
    expect(await readView(deps, deps.rollupOf(sequence.rollup), sequence)).toMatchObject({
      finalProof: null,
      finalBlock: 90,
    })
    const row = {
      ...sequence,
      phase: 'proving',
      text: describeStep(look.step),
      outcome: null,
      sequencedAtBlock: 50,
    }
    expect(await findSequences(db, sequence)).toMatchObject([row])
  })

  test('asks for the hash when the proof is in both stores and the contract would take it', async () => {
    const { deps, sequence, prove } = await openSequence(db)
    const proof = await prove()
    const look = await createLookAtSequence(deps)({ sequence })
    expect(look.step).toEqual({ kind: 'commit', firstBlock: 101, lastBlock: null })
    const { finalProof } = await readView(deps, deps.rollupOf(sequence.rollup), sequence)
    expect(finalProof).toEqual({ ...proof, isInBothStores: true, isAcceptedByContract: true })
    expect(look.waitMs).toBe(4_000) // these are two blocks of 2 s
  })

  test('commits to nothing that the contract’s verifier refuses', async () => {
    const { deps, sequence, prove, contract } = await openSequence(db)
    await prove()
    contract.accepts = false
    expect((await createLookAtSequence(deps)({ sequence })).step).toMatchObject({
      kind: 'wait',
      code: 'proof-not-accepted',
    })
  })

  test('shows no proof to a node that doesn’t name its miner', async () => {
    const { deps, sequence, prove, rollup, contract } = await openSequence(db)
    await prove()
    rollup.kind = { ...rollup.kind, namesMiner: false }
    contract.accepts = false // nobody hears it
    expect((await readView(deps, deps.rollupOf(sequence.rollup), sequence)).finalProof?.isAcceptedByContract).toBeNull()
  })

  test('sleeps half of the time towards the block that matters when its hash is out', async () => {
    const { deps, sequence, prove, contract } = await openSequence(db)
    const { proofHash } = await prove()
    contract.state = {
      ...contract.state,
      round: ROUND,
      own: { proofHash, roundStartBlock: 95, isProved: false, isSettled: false },
    }
    const look = await createLookAtSequence(deps)({ sequence })
    expect(look).toMatchObject({
      step: { kind: 'wait', code: 'proof-window-opens', untilBlock: 105 },
      owesProof: true,
      waitMs: 5_000,
    })
  })

  test('knows of a hash that may yet land', async () => {
    const { deps, sequence } = await openSequence(db)
    expect((await readView(deps, deps.rollupOf(sequence.rollup), sequence)).unfinalCommit).toBe(false)
    const purpose = commitIntent(sequence)
    await storeAttempt(db, attempt({ nonce: 77, txHash: hash(77), purpose }))
    expect((await readView(deps, deps.rollupOf(sequence.rollup), sequence)).unfinalCommit).toBe(true)
  })

  test('ends the row of data that a reorg replaced, and takes it up again when that comes back', async () => {
    const { deps, sequence, contract } = await openSequence(db)
    const outcomes = async () => {
      await createLookAtSequence(deps)({ sequence })
      const rows = await findSequences(db, sequence)
      return Object.fromEntries(rows.map(({ accInputHash, outcome }) => [accInputHash, outcome]))
    }
    const [old, other] = [sequence.accInputHash, hash(0xdb)]
    expect(await outcomes()).toEqual({ [old]: null })
    contract.state = { ...contract.state, accInputHash: other }
    expect(await outcomes()).toEqual({ [old]: 'replaced', [other]: null })
    contract.state = { ...contract.state, accInputHash: old }
    expect((await outcomes())[old]).toBeNull()
  })

  test('heeds an operator’s hold', async () => {
    const { deps, sequence } = await openSequence(db)
    await setHold(db, { rollup: sequence.rollup, key: sequence, hold: 'paused', reason: 'maintenance', who: 'ann' })
    const { step } = await createLookAtSequence(deps)({ sequence })
    expect(step).toMatchObject({ kind: 'wait', code: 'held-by-operator', why: 'paused: maintenance' })
    expect(await findSequences(db, sequence)).toMatchObject([{ phase: 'held' }])
  })
})

describe('handing over', () => {
  const commit: Step = { kind: 'commit', firstBlock: 101, lastBlock: 105 }
  const prove: Step = { kind: 'prove', firstBlock: 106, lastBlock: 125, isLate: false }
  const cases: { step: Step; intent: object | null }[] = [
    { step: commit, intent: { step: 'commit', firstBlock: 101, lastBlock: 105 } },
    { step: prove, intent: { step: 'prove', firstBlock: 106, lastBlock: 125 } },
    {
      step: { ...prove, isLate: true, lastBlock: null },
      intent: { step: 'prove-late', firstBlock: 106, lastBlock: null },
    },
    { step: { kind: 'claim' }, intent: { step: 'claim', finalProof: null, firstBlock: 0, lastBlock: null } },
    { step: { kind: 'done', outcome: 'proved' }, intent: null },
    { step: { kind: 'reprove', why: 'a test' }, intent: null },
  ]
  test.each(cases)('$step.kind', async ({ step, intent }) => {
    const scene = await openSequence(db)
    const finalProof = await scene.prove()
    const { deps, signals } = withTemporal(scene)
    const sender = senderWorkflowId(31337, MINER)
    expect(await createHandIntent(deps)({ sequence: scene.sequence, step, finalProof })).toEqual(
      intent === null ? null : { sender },
    )
    const wanted = { ...scene.sequence, ...{ contract: scene.rollup.contract, finalProof }, ...intent }
    const start = { workflowId: sender, args: [{ chainId: 31337, account: MINER, queue: [] }], signalArgs: [wanted] }
    expect(signals).toEqual(intent === null ? [] : [['sender', expect.objectContaining(start)]])
  })

  test('finds the proof itself where a workflow of an older aggregator names none', async () => {
    const scene = await openSequence(db)
    const finalProof = await scene.prove()
    const { deps, signals } = withTemporal(scene)
    await createHandIntent(deps)({ sequence: scene.sequence, step: prove })
    const wanted = expect.objectContaining({ ...scene.sequence, step: 'prove', finalProof })
    expect(signals).toEqual([['sender', expect.objectContaining({ signalArgs: [wanted] })]])
  })

  test('hands over no hash while there is no proof', async () => {
    const { deps, signals } = withTemporal(await openSequence(db))
    expect(
      await createHandIntent(deps)({
        sequence: { rollup: 'any', from: 1, to: 3, accInputHash: hash(1) },
        step: commit,
        finalProof: null,
      }),
    ).toBeNull()
    expect(signals).toEqual([])
  })
})

/** Makes a client that notes what it should signal. */
function withTemporal({ deps, rollup }: Awaited<ReturnType<typeof openSequence>>) {
  const signals: unknown[] = []
  const workflow = { signalWithStart: async (...call: unknown[]) => void signals.push(call) }
  return { deps: { ...deps, rollups: [rollup], temporal: fakeTemporal(workflow) } satisfies SubmissionDeps, signals }
}
