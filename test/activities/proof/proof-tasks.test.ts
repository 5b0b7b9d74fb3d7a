import { sha256 } from 'viem/utils'
import { describe, expect, test } from 'vitest'
import { createQuarantineTask } from '../../../activities/proof/accept-proof.ts'
import { createFindProvedSpans } from '../../../activities/proof/find-proved-spans.ts'
import { createOpenTask } from '../../../activities/proof/open-task.ts'
import { createPrepareSequence } from '../../../activities/proof/prepare-sequence.ts'
import { liftTaskQuarantine } from '../../../db/decisions/refusals.ts'
import { readBlob } from '../../../db/proofs/blobs.ts'
import { findProof } from '../../../db/proofs/proofs.ts'
import type { BatchRange } from '../../../protocol/base/ranges.ts'
import { proofHash } from '../../../protocol/proof/public-input.ts'
import type { ProofRequest } from '../../../protocol/proof/request.ts'
import type { BlobRef, ProofTask, ProofUpload } from '../../../protocol/proof/task.ts'
import { bytesOf, hash, MINER, openTestDatabase } from '../../db/fixtures.ts'
import { activityEnvironment, KEYS, setUp } from '../support.ts'
import { ALL, only, only1, POSTED, prepareSequence, putInto } from './proof-scene.ts'

const { db } = await openTestDatabase()

describe('a task', () => {
  test('that nobody has done is opened with its input, key and nothing but references', async () => {
    const { open, rollup } = await prepared()
    const task = await open('batch', only(2))
    expect(task).toMatchObject({
      rollup: rollup.name,
      kind: 'fake',
      stage: 'batch',
      from: 2,
      to: 2,
      verificationKeyHash: KEYS.batch,
    })
    expect(task).toMatchObject({ children: [], excludedProvers: [] })
    expect(Buffer.from(await readBlob(db, task.input?.sha256 ?? '0x')).toString()).toBe('input of b after genesis a')
    expect((await open('batch', only(3))).id).not.toBe(task.id)
    expect((await open('batch', only(2))).id).toBe(task.id)
  })

  test('to join has its children and no input; the final one names the miner', async () => {
    const { open, prove } = await prepared()
    const [left, right] = [await prove('batch', only(1)), await prove('batch', only(2))]
    expect(await open('aggregate', { from: 1, to: 2 }, [left, right])).toMatchObject({
      children: [left, right],
      input: null,
    })
    const final = await open('final', ALL, [left])
    expect(Buffer.from(await readBlob(db, final.input?.sha256 ?? '0x')).toString()).toBe(`for ${MINER}`)
  })

  test('whose proof exists is not opened, whatever run asks', async () => {
    const { ask, prove } = await prepared()
    const proof = await prove('batch', only(1))
    expect(await ask('batch', only(1))).toEqual({ status: 'proved', proof })
  })

  test('uses what a prover uploaded and could not report', async () => {
    const { ask, open, valid } = await prepared()
    const task = await open('batch', only(1))
    const upload = await put(task, await valid('batch', 1), 'died')
    expect(await ask('batch', only(1))).toEqual({ status: 'proved', proof: refOf(upload) })
    expect(await findProof(db, task.id)).toMatchObject({
      prover: 'died',
      durationMs: 5,
      rollup: task.rollup,
      from: 1,
      to: 1,
    })
  })

  test('is not fooled by an invalid upload', async () => {
    const { open } = await prepared()
    const task = await open('batch', only(1))
    await put(task, bytesOf('nonsense'), 'bad')
    expect(await open('batch', only(1))).toEqual(task)
    expect(await findProof(db, task.id)).toBeUndefined()
  })

  test('to join a proof that is gone is refused, so that the plan is made anew', async () => {
    const { ask } = await prepared()
    const gone = { sha256: hash(404), size: 1 }
    await expect(ask('aggregate', { from: 1, to: 2 }, [gone])).rejects.toMatchObject({ code: 'ZKPOW-PROOF-MISSING' })
  })

  test('without inputs is refused', async () => {
    const { deps, refs } = await setUp(db, { posted: POSTED })
    const request: ProofRequest = { sequence: only1(refs), range: only(1), stage: 'batch', children: [] }
    await expect(createOpenTask(deps)(request)).rejects.toMatchObject({ code: 'ZKPOW-PROOF-INPUTS-MISSING' })
  })

  test('quarantined stays so until an operator lifts it, who forgives its provers too', async () => {
    const { accept, deps, ask, open } = await prepared()
    const task = await open('batch', only(1))
    await accept(task, await put(task, bytesOf('nonsense'), 'bad'))
    expect((await open('batch', only(1))).excludedProvers).toEqual(['bad'])
    await createQuarantineTask(deps)({ task, reason: 'five failures', failures: [] })
    expect(await ask('batch', only(1))).toEqual({ status: 'quarantined', reason: 'five failures' })
    await liftTaskQuarantine(db, { taskId: task.id, who: 'ann' })
    expect((await open('batch', only(1))).excludedProvers).toEqual([])
  })
})

describe('an uploaded proof', () => {
  test('that verifies is recorded once: the first stays', async () => {
    const { accept, open, valid } = await prepared()
    const task = await open('batch', only(1))
    const first = await put(task, await valid('batch', 1), 'p1')
    const second = await put(task, await valid('batch', 1, 'made anew'), 'p2')
    expect(await accept(task, first)).toEqual({ status: 'verified', proof: refOf(first) })
    expect(await accept(task, second)).toEqual({ status: 'verified', proof: refOf(first) })
  })

  test('that does not verify is refused and recorded', async () => {
    const { accept, open } = await prepared()
    const task = await open('batch', only(1))
    const verdict = await accept(task, await put(task, bytesOf('nonsense'), 'bad'))
    expect(verdict).toEqual({ status: 'refused', reason: expect.stringMatching(/prover bad does not verify$/) })
    expect(await findProof(db, task.id)).toBeUndefined()
    expect((await open('batch', only(1))).excludedProvers).toEqual(['bad'])
  })

  test('that is not in the store, which may have been emptied, is refused and not held against its prover', async () => {
    const { accept, open, valid } = await prepared()
    const task = await open('batch', only(1))
    const proof = await valid('batch', 1)
    const missing = { sha256: sha256(proof), size: proof.length, prover: 'p1', durationMs: 1, peakMemoryBytes: 1 }
    expect(await accept(task, missing)).toEqual({
      status: 'refused',
      reason: expect.stringMatching(/prover p1 isn't in the store$/),
    })
    expect((await open('batch', only(1))).excludedProvers).toEqual([])
    const upload = await put(task, proof, 'p1')
    expect(await accept(task, upload)).toEqual({ status: 'verified', proof: refOf(missing) })
  })

  test('is recorded for what was verified, whatever else the prover reports', async () => {
    const { accept, open, valid } = await prepared()
    const [task, other] = [await open('batch', only(1)), await open('batch', only(2))]
    const upload = await put(task, await valid('batch', 1), 'liar')
    const lie = { taskId: other.id, from: 2, to: 2, stage: 'final', miner: MINER, size: 1 }
    await accept(task, { ...upload, ...lie } as ProofUpload)
    expect(await findProof(db, other.id)).toBeUndefined()
    expect(await findProof(db, task.id)).toMatchObject({
      from: 1,
      to: 1,
      stage: 'batch',
      miner: null,
      size: upload.size,
    })
  })

  test('that is final is in both stores when it is accepted', async () => {
    const { accept, archive, open, valid } = await prepared()
    const task = await open('final', ALL)
    const proof = await valid('final', 3)
    await accept(task, await put(task, proof, 'p1'))
    const { proofs } = await archive.list()
    expect(proofs).toMatchObject([
      { taskId: task.id, stage: 'final', proofHash: proofHash(proof, MINER), from: 1, to: 3 },
    ])
    expect(await archive.get(proofs[0]?.sha256 ?? '0x')).toEqual(proof)
  })
})

describe('a final proof', () => {
  test('comes back from the archive with the same bytes when the database was emptied', async () => {
    const before = await prepared()
    const task = await before.open('final', ALL)
    const proof = await before.valid('final', 3, 'random')
    await before.accept(task, await put(task, proof, 'p1'))
    const empty = await openTestDatabase()
    const deps = { ...before.deps, db: empty.db }
    const sequence = only1(before.refs)
    await activityEnvironment().run(createPrepareSequence(deps), { sequence })
    const opened = await createOpenTask(deps)({ sequence, range: ALL, stage: 'final', children: [] })
    expect(opened).toMatchObject({ status: 'proved' })
    const restored = await findProof(empty.db, task.id)
    expect(await readBlob(empty.db, restored?.sha256 ?? '0x')).toEqual(proof)
  })

  test('goes back into an archive that has lost it', async () => {
    const { accept, ask, archive, deps, open, valid } = await prepared()
    const task = await open('final', ALL)
    await accept(task, await put(task, await valid('final', 3), 'p1'))
    const { archive: emptied } = await setUp(db, { posted: [] })
    deps.archive = emptied
    await ask('final', ALL)
    expect((await emptied.list()).proofs).toEqual((await archive.list()).proofs)
  })
})

describe('proved spans', () => {
  test('are the widest of this data under the present keys, disjoint, lowest first', async () => {
    const scene = await prepared()
    const { deps, prove, refs, rollup } = scene
    const sequence = only1(refs)
    const spans = (range: BatchRange = ALL) => createFindProvedSpans(deps)({ sequence, range })
    expect(await spans()).toEqual([])
    const [first, second, third] = [
      await prove('batch', only(1)),
      await prove('batch', only(2)),
      await prove('batch', only(3)),
    ]
    const joined = await prove('aggregate', { from: 1, to: 2 }, [first, second])
    await prove('final', ALL, [first])
    // biome-ignore format: a row
    expect(await spans()).toEqual([{ from: 1, to: 2, proof: joined }, { ...only(3), proof: third }])
    // biome-ignore format: a row
    expect(await spans({ from: 2, to: 3 })).toEqual([{ ...only(2), proof: second }, { ...only(3), proof: third }])
    rollup.kind = { ...rollup.kind, verificationKeyHashes: { ...KEYS, aggregate: hash(99) } }
    expect((await spans()).map(({ to }) => to)).toEqual([1, 2, 3])
  })

  test('have the join that was uploaded and never reported, which another plan would not ask for', async () => {
    const { deps, open, prove, refs, valid } = await prepared()
    const sequence = only1(refs)
    const [, second, third] = [
      await prove('batch', only(1)),
      await prove('batch', only(2)),
      await prove('batch', only(3)),
    ]
    const join = { from: 2, to: 3 }
    const task = await open('aggregate', join, [second, third])
    const upload = await put(task, await valid('aggregate', 3), 'died')
    await put(await open('final', ALL, [second]), bytesOf('of another stage'), 'died')
    const spans = await createFindProvedSpans(deps)({ sequence, range: ALL })
    expect(spans).toEqual([expect.objectContaining(only(1)), { ...join, proof: refOf(upload) }])
    expect(await findProof(db, task.id)).toMatchObject({ prover: 'died', ...join })
  })
})

const prepared = () => prepareSequence(db)

const refOf = ({ sha256, size }: BlobRef): BlobRef => ({ sha256, size })

const put = (task: ProofTask, proof: Uint8Array, prover: string) => putInto(db, task, proof, prover)
