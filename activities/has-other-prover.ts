import { listRecentProvers } from '../db/proofs.ts'
import type { ProvingActivities } from '../protocol/activities.ts'
import type { SubmissionDeps } from './context.ts'
import { findPollers } from './find-pollers.ts'

/** A prover that is busy doesn't poll, and may be so for as long as a proof may take. */
const BUSY_HOURS = 12

/** Whether to wait for another: the answer may be wrong for one that has just come or gone, so nobody waits for it without end. */
export const createHasOtherProver =
  ({ temporal, db, rollups }: Pick<SubmissionDeps, 'temporal' | 'db' | 'rollups'>): ProvingActivities['hasOtherProver'] =>
  async ({ kind, besides }) => {
    const isOther = (prover: string) => !besides.includes(prover)
    // A large machine polls this queue too.
    if ((await findPollers(temporal, kind, 'standard')).some(isOther)) return true
    const ofKind = rollups.filter((rollup) => rollup.kind.name === kind).map(({ name }) => name)
    return (await listRecentProvers(db, { rollups: ofKind, hours: BUSY_HOURS })).some(isOther)
  }
