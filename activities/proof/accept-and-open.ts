import { allDone } from '../../protocol/base/all-done.ts'
import type { StoreAnswer, StoreTurn } from '../../protocol/proof/request.ts'
import type { BlobRef } from '../../protocol/proof/task.ts'
import type { ProvingActivities } from '../../protocol/temporal/activities.ts'
import type { ProvingDeps } from '../context.ts'
import { createAcceptProof } from './accept-proof.ts'
import { createOpenTask } from './open-task.ts'
import { createHashesOf, resolveTogether } from './resolve-request.ts'

export const createAcceptAndOpen = (deps: ProvingDeps): ProvingActivities['acceptAndOpen'] => {
  const hashesOf = createHashesOf(deps)
  return (turn) => {
    const requests = [...turn.accept.map(({ request }) => request), ...turn.open, ...turn.next]
    const resolve = resolveTogether(deps, requests, hashesOf)
    return takeTurn(turn, { openTask: createOpenTask(deps, resolve), acceptProof: createAcceptProof(deps, resolve) })
  }
}

/** Does a turn's parts, and then what they make possible. @throws what one of them does, when all have ended */
export async function takeTurn(
  { accept, open, next }: StoreTurn,
  { acceptProof, openTask }: Pick<ProvingActivities, 'acceptProof' | 'openTask'>,
): Promise<StoreAnswer> {
  const [accepted, opened] = await allDone([allDone(accept.map(acceptProof)), allDone(open.map(openTask))])
  const areAsReported = accepted.every(
    (verdict, i) => verdict.status === 'verified' && isSame(verdict.proof, accept[i]?.upload),
  )
  return { accepted, opened, next: areAsReported ? await allDone(next.map(openTask)) : null }
}

/** A prover that reports a false size has made the proof all the same, but what it says goes to no other prover. */
const isSame = (proof: BlobRef, said: BlobRef | undefined): boolean =>
  proof.sha256 === said?.sha256 && proof.size === said.size
