import { createMemo } from '../../chain/endpoints/memo.ts'
import { findAccInputHashes, findBatches, findBatchesAt, type PreparedBatch } from '../../db/proofs/batches.ts'
import { formatRange, type Hex } from '../../protocol/base/ranges.ts'
import type { ProofRequest } from '../../protocol/proof/request.ts'
import { joinStatements } from '../../protocol/proof/statement.ts'
import { type ProofIdentity, type ProofTask, proofTaskId } from '../../protocol/proof/task.ts'
import type { ProvingDeps, RollupContext } from '../context.ts'
import { InputsMissingError } from '../errors.ts'

/** Sequences whose hashes are remembered: those of a thousand batches are about 100 KB. */
const REMEMBERED_SEQUENCES = 200

/** A request together with what it means: the statement, its identity, and the rollup that it belongs to. */
export interface ResolvedRequest {
  request: ProofRequest
  rollup: RollupContext
  batches: PreparedBatch[]
  identity: ProofIdentity
  taskId: ProofTask['id']
}

/**
 * Finds out what a request is about.
 * @throws InputsMissingError when the sequence isn't prepared (any more).
 */
export type Resolve = (request: ProofRequest) => Promise<ResolvedRequest>

/** Looks up the batches of each request by itself. */
export const resolveEach =
  ({ db, rollupOf }: ProvingDeps): Resolve =>
  async (request) => {
    const batches = await findBatches(db, request)
    if (batches === undefined) throw new InputsMissingError(request)
    return resolveWith(rollupOf(request.sequence.rollup), request, batches)
  }

/** Gives the accumulated input hash after each batch of a request's sequence. @throws InputsMissingError */
type HashesOf = (request: ProofRequest) => Promise<readonly Hex[]>

/** Remembers where each batch of a sequence stands: whoever walks along it for each proof walks its length squared. */
export function createHashesOf({ db }: Pick<ProvingDeps, 'db'>): HashesOf {
  const remember = createMemo<readonly Hex[]>(REMEMBERED_SEQUENCES)
  return (request) => {
    const { sequence } = request
    return remember(`${sequence.rollup} ${formatRange(sequence)} ${sequence.accInputHash}`, async () => {
      const hashes = await findAccInputHashes(db, sequence)
      if (hashes === undefined) throw new InputsMissingError(request)
      return hashes
    })
  }
}

/** Looks up the batches of these requests of one sequence in one statement. */
export function resolveTogether(
  { db, rollupOf }: ProvingDeps,
  requests: readonly ProofRequest[],
  hashesOf: HashesOf,
): Resolve {
  const range = {
    from: Math.min(...requests.map((one) => one.range.from)),
    to: Math.max(...requests.map((one) => one.range.to)),
  }
  let finding: ReturnType<typeof findBatchesAt> | undefined
  const find = async (request: ProofRequest) => {
    const { rollup, from } = request.sequence
    const hashes = (await hashesOf(request)).slice(range.from - from, range.to - from + 1)
    finding ??= findBatchesAt(db, { rollup, hashes })
    return finding
  }
  return async (request) => {
    const batches = (await find(request))?.slice(request.range.from - range.from, request.range.to - range.from + 1)
    if (batches === undefined) throw new InputsMissingError(request)
    return resolveWith(rollupOf(request.sequence.rollup), request, batches)
  }
}

/** Finds out what a request is about, with its batches at hand. */
export function resolveWith(rollup: RollupContext, request: ProofRequest, batches: PreparedBatch[]): ResolvedRequest {
  const { kind } = rollup
  const identity: ProofIdentity = {
    chainId: rollup.chainId,
    contract: rollup.contract,
    stage: request.stage,
    statement: joinStatements(batches.map((batch) => batch.statement)),
    verificationKeyHash: kind.verificationKeyHashes[request.stage],
    miner: request.stage === 'final' && kind.namesMiner ? rollup.miner : null,
  }
  return { request, rollup, batches, identity, taskId: proofTaskId(identity) }
}
