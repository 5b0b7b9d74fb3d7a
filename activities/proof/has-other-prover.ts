import { listRecentProvers } from '../../db/proofs/proofs.ts'
import type { ProvingActivities } from '../../protocol/temporal/activities.ts'
import type { SubmissionDeps } from '../context.ts'
import { findPollers } from './find-pollers.ts'

/** A prover that is busy doesn't poll, and may be so for as long as a proof may take. */
const BUSY_HOURS = 12

/** Whether to wait for another: the answer may be wrong for one that has just come or gone, so nobody waits for it without end. */
export const createHasOtherProver =
  ({ temporal, db, rollups }: Pick<SubmissionDeps, 'temporal' | 'db' | 'rollups'>): ProvingActivities['hasOtherProver'] =>
  async ({ kind, machine, besides }) => {
    const isOther = (prover: string) => !besides.includes(prover)
    // Of the queue that the task goes to; a large machine polls the standard one too.
    if ((await findPollers(temporal, kind, machine)).some(isOther)) return true
    // Nothing says of what class a busy one is. A small one doesn't take what large ones get: waiting for it would be for nobody.
    if (machine === 'large') return false
    const ofKind = rollups.filter((rollup) => rollup.kind.name === kind).map(({ name }) => name)
    return (await listRecentProvers(db, { rollups: ofKind, hours: BUSY_HOURS })).some(isOther)
  }
