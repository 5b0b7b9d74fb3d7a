import { listSequenceAttempts } from '../db/attempts.ts'
import { findHolds } from '../db/holds.ts'
import type { SubmissionActivities } from '../protocol/activities.ts'
import { holdText } from '../protocol/sequence-view.ts'
import type { ProvingDeps } from './context.ts'

/** Asks no endpoint, so that an operator is heard also while the chain is away. */
export const createFindHold =
  ({ db }: Pick<ProvingDeps, 'db'>): SubmissionActivities['findHold'] =>
  async ({ sequence }) => {
    const attempts = await listSequenceAttempts(db, sequence)
    const isHashOnItsWay = attempts.some(({ purpose, isFinal }) => purpose?.step === 'commit' && !isFinal)
    return isHashOnItsWay ? null : holdText(await findHolds(db, sequence)) // a hash is proved whatever is held
  }
