import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { createAcceptAndOpen } from '../../../activities/proof/accept-and-open.ts'
import { createPrepareSequence } from '../../../activities/proof/prepare-sequence.ts'
import { createHashesOf, resolveEach, resolveTogether } from '../../../activities/proof/resolve-request.ts'
import { blobRef } from '../../../db/proofs/blobs.ts'
import { batches } from '../../../db/schema/batches.ts'
import type { ReportedProof } from '../../../protocol/proof/request.ts'
import { bytesOf, openTestDatabase } from '../../db/fixtures.ts'
import { activityEnvironment, setUp } from '../support.ts'
import { ALL, only, only1, POSTED, prepareSequence, putInto } from './proof-scene.ts'

const { db } = await openTestDatabase()

const LEFT = { from: 1, to: 2 }

test('tasks that are opened together are what they are when each is opened by itself', async () => {
  const { deps, open, toRequest } = await prepareSequence(db)
  const ranges = [only(3), only(1), only(2)]
  const answer = await createAcceptAndOpen(deps)({
    accept: [],
    open: ranges.map((range) => toRequest('batch', range)),
    next: [],
  })
  const alone = []
  for (const range of ranges) alone.push({ status: 'open', task: await open('batch', range) })
  expect(answer).toEqual({ accepted: [], opened: alone, next: [] })
})

test('proofs that hold are accepted, and what they make possible is opened', async () => {
  const { deps, open, reported, toRequest } = await turnScene()
  const accept = [await reported(1), await reported(2)]
  const children = accept.map(({ upload: { sha256, size } }) => ({ sha256, size }))
  const joined = toRequest('aggregate', LEFT, children)
  const answer = await createAcceptAndOpen(deps)({ accept, open: [toRequest('batch', only(3))], next: [joined] })
  expect(answer).toEqual({
    accepted: children.map((proof) => ({ status: 'verified', proof })),
    opened: [{ status: 'open', task: await open('batch', only(3)) }],
    next: [{ status: 'open', task: await open('aggregate', LEFT, children) }],
  })
})

test('nothing is opened ahead where a proof is refused, or another one stands', async () => {
  const { deps, prove, reported, toRequest } = await turnScene()
  const standing = await prove('batch', only(1))
  const others = [await reported(1, 'made anew'), await reported(2)]
  const next = [
    toRequest(
      'aggregate',
      LEFT,
      others.map(({ upload }) => upload),
    ),
  ]
  const answer = await createAcceptAndOpen(deps)({ accept: others, open: [], next })
  expect(answer).toMatchObject({
    accepted: [{ status: 'verified', proof: standing }, { status: 'verified' }],
    next: null,
  })
  const honest = await reported(2)
  const bloated = { ...honest, upload: { ...honest.upload, size: 9e15 } }
  const wrong = [toRequest('aggregate', LEFT, [standing, bloated.upload])]
  expect((await createAcceptAndOpen(deps)({ accept: [bloated], open: [], next: wrong })).next).toBeNull()
  const invalid = await reported(3)
  const bad = { ...invalid, upload: { ...invalid.upload, ...blobRef(bytesOf('never uploaded')) } }
  const refused = await createAcceptAndOpen(deps)({ accept: [bad], open: [], next: [toRequest('final', ALL)] })
  expect(refused).toMatchObject({ accepted: [{ status: 'refused' }], next: null })
})

test('without inputs a turn fails as each of its parts would', async () => {
  const { deps, refs } = await setUp(db, { posted: POSTED })
  const open = [{ sequence: only1(refs), range: only(1), stage: 'batch' as const, children: [] }]
  await expect(createAcceptAndOpen(deps)({ accept: [], open, next: [] })).rejects.toMatchObject({
    code: 'ZKPOW-PROOF-INPUTS-MISSING',
  })
})

test('where batches stand is found once, and they are read each time', async () => {
  const scene = await setUp(db, { posted: POSTED })
  const sequence = only1(scene.refs)
  let walks = 0
  const counted = new Proxy(db, {
    get(target, name, receiver) {
      if (name === 'select') walks += 1
      return Reflect.get(target, name, receiver)
    },
  })
  const hashesOf = createHashesOf({ db: counted })
  const request = { sequence, range: only(1), stage: 'batch' as const, children: [] }
  const resolve = () => resolveTogether(scene.deps, [request], hashesOf)(request)
  const missing = { code: 'ZKPOW-PROOF-INPUTS-MISSING' }
  for (let i = 0; i < 2; i++) await expect(resolve()).rejects.toMatchObject(missing)
  expect(walks).toBe(2)
  await activityEnvironment().run(createPrepareSequence(scene.deps), { sequence })
  for (let i = 0; i < 3; i++)
    expect((await resolve()).identity).toEqual((await resolveEach(scene.deps)(request)).identity)
  expect(walks).toBe(3)
  await db.delete(batches).where(eq(batches.rollup, sequence.rollup))
  await expect(resolve()).rejects.toMatchObject(missing)
})

async function turnScene() {
  const scene = await prepareSequence(db)
  /** Uploads the proof of a batch as an honest prover does. */
  async function reported(batch: number, salt?: string): Promise<ReportedProof> {
    const { taskId: id } = await resolveEach(scene.deps)(scene.toRequest('batch', only(batch)))
    const upload = await putInto(db, { id }, await scene.valid('batch', batch, salt), 'p1')
    return { request: scene.toRequest('batch', only(batch)), upload }
  }
  return { ...scene, reported }
}
