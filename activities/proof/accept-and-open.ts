import { allDone } from '../../protocol/base/all-done.ts'
import type { StoreAnswer, StoreTurn } from '../../protocol/proof/request.ts'
import type { ProvingActivities } from '../../protocol/temporal/activities.ts'

/** What a turn consists of. */
type Parts = Pick<ProvingActivities, 'acceptProof' | 'openTask'>

export const createAcceptAndOpen =
  ({ acceptProof, openTask }: Parts): ProvingActivities['acceptAndOpen'] =>
  async ({ accept, open, next }: StoreTurn): Promise<StoreAnswer> => {
    const [accepted, opened] = await allDone([allDone(accept.map(acceptProof)), allDone(open.map(openTask))])
    const areAsReported = accepted.every(
      (verdict, i) => verdict.status === 'verified' && verdict.proof.sha256 === accept[i]?.upload.sha256,
    )
    return { accepted, opened, next: areAsReported ? await allDone(next.map(openTask)) : null }
  }
