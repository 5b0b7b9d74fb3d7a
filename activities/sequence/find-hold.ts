import { findHolds } from '../../db/decisions/holds.ts'
import { holdText } from '../../protocol/sequence/view.ts'
import type { SubmissionActivities } from '../../protocol/temporal/activities.ts'
import type { ProvingDeps } from '../context.ts'
import { hasUnfinalCommit } from './unfinal-commit.ts'

/** Asks no endpoint, so that an operator is heard also while the chain is away. */
export const createFindHold =
  ({ db }: Pick<ProvingDeps, 'db'>): SubmissionActivities['findHold'] =>
  async ({ sequence }) =>
    // A hash is proved whatever is held.
    (await hasUnfinalCommit(db, sequence)) ? null : holdText(await findHolds(db, sequence))
