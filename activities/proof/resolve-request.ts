import { findBatches, type PreparedBatch } from '../../db/proofs/batches.ts'
import type { ProofRequest } from '../../protocol/proof/request.ts'
import { joinStatements } from '../../protocol/proof/statement.ts'
import { type ProofIdentity, type ProofTask, proofTaskId } from '../../protocol/proof/task.ts'
import type { ProvingDeps, RollupContext } from '../context.ts'
import { InputsMissingError } from '../errors.ts'

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
  (deps: ProvingDeps): Resolve =>
  (request) =>
    resolveTogether(deps, [request])(request)

/** Looks up the batches of these requests of one sequence once, because each look walks along all of it. */
export function resolveTogether({ db, rollupOf }: ProvingDeps, requests: readonly ProofRequest[]): Resolve {
  const range = {
    from: Math.min(...requests.map((one) => one.range.from)),
    to: Math.max(...requests.map((one) => one.range.to)),
  }
  let finding: ReturnType<typeof findBatches> | undefined
  return async (request) => {
    finding ??= findBatches(db, { sequence: request.sequence, range })
    const batches = (await finding)?.slice(request.range.from - range.from, request.range.to - range.from + 1)
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
