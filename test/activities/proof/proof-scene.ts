import { createAcceptProof } from '../../../activities/proof/accept-proof.ts'
import { createOpenTask } from '../../../activities/proof/open-task.ts'
import { createPrepareSequence } from '../../../activities/proof/prepare-sequence.ts'
import type { Db } from '../../../db/connection/connect.ts'
import { findBatches } from '../../../db/proofs/batches.ts'
import { uploadProof } from '../../../db/proofs/uploads.ts'
import type { BatchRange, Hex } from '../../../protocol/base/ranges.ts'
import type { ProofRequest } from '../../../protocol/proof/request.ts'
import type { BlobRef, ProofTask, ProofUpload, Stage } from '../../../protocol/proof/task.ts'
import { activityEnvironment, setUp, validProof } from '../support.ts'

export const POSTED = [{ from: 1, to: 3, data: ['a', 'b', 'c'] }]
export const ALL: BatchRange = { from: 1, to: 3 }
export const only = (batch: number): BatchRange => ({ from: batch, to: batch })

export function only1<T>([found]: T[]): T {
  if (found === undefined) throw new Error('There is none.')
  return found
}

/** Does what an honest prover does with a proof that it has made. */
export const putInto = (db: Db, task: Pick<ProofTask, 'id'>, proof: Uint8Array, prover: string): Promise<ProofUpload> =>
  uploadProof(db, { taskId: task.id, proof, prover, durationMs: 5, peakMemoryBytes: 6 })

/** Prepares a sequence of three batches, and gives what is done with its proofs. */
export async function prepareSequence(db: Db) {
  const scene = await setUp(db, { posted: POSTED })
  const { deps, refs } = scene
  const sequence = only1(refs)
  await activityEnvironment().run(createPrepareSequence(deps), { sequence })
  const roots = (await findBatches(db, { sequence, range: ALL }))?.map(({ statement }) => statement.newStateRoot) ?? []
  const toRequest = (stage: Stage, range: BatchRange, children: BlobRef[] = []): ProofRequest => ({
    sequence,
    range,
    stage,
    children,
  })
  const ask = (...request: Parameters<typeof toRequest>) => createOpenTask(deps)(toRequest(...request))
  async function open(...request: Parameters<typeof toRequest>): Promise<ProofTask> {
    const opened = await ask(...request)
    if (opened.status !== 'open') throw new Error(`The task is ${opened.status}.`)
    return opened.task
  }
  const valid = async (stage: Stage, to: number, salt?: string) => validProof(stage, roots[to - 1] as Hex, salt)
  const accept = (task: ProofTask, upload: ProofUpload) =>
    createAcceptProof(deps)({ request: toRequest(task.stage, { from: task.from, to: task.to }, task.children), upload })
  async function prove(...[stage, range, children]: Parameters<typeof toRequest>): Promise<BlobRef> {
    const task = await open(stage, range, children)
    const verdict = await accept(task, await putInto(db, task, await valid(stage, range.to), 'p1'))
    if (verdict.status !== 'verified') throw new Error(verdict.reason)
    return verdict.proof
  }
  return { ...scene, toRequest, ask, open, valid, accept, prove }
}
